import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { Failure, run } from './run.mjs'

/** What some tests need from the system, by the name of its Debian package. */
const needs = [
  { name: 'chromium', isThere: () => existsSync('/usr/bin/chromium') },
  { name: 'python3-websockets', isThere: () => hasPythonModule('websockets') },
  { name: 'python3-socketio', isThere: () => hasPythonModule('socketio') },
  // by which its clients speak HTTP and WebSocket: requests and websocket the one, aiohttp the other
  { name: 'python3-requests', isThere: () => hasPythonModule('requests') },
  { name: 'python3-websocket', isThere: () => hasPythonModule('websocket') },
  { name: 'python3-aiohttp', isThere: () => hasPythonModule('aiohttp') },
  { name: 'python3-flask-socketio', isThere: () => hasPythonModule('flask_socketio') },
  // by which that serves WebSocket
  { name: 'python3-eventlet', isThere: () => hasPythonModule('eventlet') },
  { name: 'curl', isThere: () => succeeds('curl', ['--version']) },
  { name: 'nginx', isThere: () => existsSync('/usr/sbin/nginx') },
]

/** Asked by Debian's packages before they start a service. 101 is no. */
const servicePolicy = '/usr/sbin/policy-rc.d'

/** Makes sure of the needs: installs what is missing where that is allowed, and otherwise names the command that does. */
export async function provideSystemNeeds() {
  const there = await Promise.all(needs.map(({ isThere }) => isThere()))
  const missing = needs.filter((_, index) => !there[index]).map(({ name }) => name)
  if (missing.length === 0) return

  const install = ['install', '-y', '--no-install-recommends', ...missing]
  const hasApt = await succeeds('apt-get', ['--version'])
  if (!hasApt) throw new Failure(`the tests need ${missing.join(', ')} (Debian's names) on this system`)
  if (process.getuid?.() !== 0) {
    throw new Failure(
      `the tests need more of this system, type: sudo apt-get update && sudo apt-get ${install.join(' ')}`,
    )
  }
  console.error(`partyline: installing ${missing.join(', ')} for the tests (apt-get) …`)
  await withoutServices(async () => {
    for (const args of [['update'], install]) {
      const { code, output } = await run('apt-get', args, { env: { DEBIAN_FRONTEND: 'noninteractive' }, quiet: true })
      if (code === 0) continue
      process.stderr.write(output)
      throw new Failure(`apt-get ${args.join(' ')} failed, the reason is above`)
    }
  })
}

/** The tests want the program nginx, not a server on port 80. */
async function withoutServices(work) {
  const isOurs = !existsSync(servicePolicy)
  if (isOurs) writeFileSync(servicePolicy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    await work()
  } finally {
    if (isOurs) rmSync(servicePolicy)
  }
}

/** Debian's own Python is asked: another one may come first in PATH, without the module. */
function hasPythonModule(name) {
  return succeeds('/usr/bin/python3', ['-c', `import importlib.util as it; exit(it.find_spec('${name}') is None)`])
}

async function succeeds(command, args) {
  return (await run(command, args, { quiet: true })).code === 0
}
