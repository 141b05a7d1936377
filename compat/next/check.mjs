import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { connect } from '@partyline/client'
import WebSocket from 'ws'

// Says what holds of the custom server, in development and as a production build: a line for each fact, and the count last.

const folder = import.meta.dirname
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: undefined }
const LIMIT_MS = 60_000

let passed = 0
let failed = 0

async function check(name, fact) {
  try {
    const answer = await within(fact(), name)
    if (answer !== true) throw new Error(`it was ${JSON.stringify(answer)}`)
    passed++
    console.log(`ok     ${name}`)
  } catch (error) {
    failed++
    console.log(`not ok ${name}: ${error.message}`)
  }
}

const equals = (value, expected) => value === expected || value

/** The promise, or an error when it takes too long. */
function within(promise, what) {
  let timer
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), LIMIT_MS)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** What a WebSocket hears after it has said hello; a refusal is its status, an end without an answer is 'closed'. */
function firstWords(url) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url)
    socket.on('open', () => socket.send('hello'))
    socket.on('message', (data) => {
      resolve(String(data))
      socket.terminate()
    })
    socket.on('unexpected-response', (request, response) => {
      resolve(String(response.statusCode))
      request.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve('closed'))
  })
}

/** Whether the WebSocket of Next's hot reload opens, and speaks its language: JSON with a type. */
async function hotReload(ws) {
  const socket = new WebSocket(`${ws}/_next/hmr?id=check`)
  try {
    const [data] = await once(socket, 'message')
    return typeof JSON.parse(String(data)).type === 'string' || String(data)
  } finally {
    socket.terminate()
  }
}

async function doubled(url) {
  const client = connect(url, { name: 'Ada', WebSocket })
  try {
    return await client.emitWithAck('double', 21)
  } finally {
    client.close()
  }
}

async function start(mode) {
  const flags = mode === 'development' ? ['--dev'] : []
  const NODE_ENV = mode
  const child = spawn(process.execPath, [join(folder, 'server.mjs'), ...flags], {
    cwd: folder,
    env: { ...env, NODE_ENV },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })
  const port = new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      const [, found] = /^listening on port (\d+)$/.exec(line) ?? []
      if (found !== undefined) resolve(found)
    })
    ended.then(() => reject(new Error('the server has ended')))
  })
  const stop = async () => {
    child.kill('SIGKILL')
    await ended
  }
  try {
    return { port: await within(port, 'the server'), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function build() {
  const child = spawn(process.execPath, [join(folder, 'node_modules/next/dist/bin/next'), 'build'], {
    cwd: folder,
    env: { ...env, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`next build ended with ${code}`)
}

async function checkServer(mode) {
  const { port, stop } = await start(mode)
  const [http, ws] = [`http://127.0.0.1:${port}`, `ws://127.0.0.1:${port}`]
  const page = async () => {
    const response = await fetch(http)
    const text = await response.text()
    return (response.status === 200 && text.includes('Next and Partyline')) || `${response.status}`
  }
  try {
    // Next looks at upgrades from its first request on: a client is there before, and one comes behind
    await check(`${mode}: a bare client gets its echo before Next has had a request`, async () =>
      equals(await firstWords(`${ws}/partyline/`), 'Echo: hello'),
    )
    await check(`${mode}: Next answers its page with 200`, page)
    await check(`${mode}: a bare client gets its echo`, async () =>
      equals(await firstWords(`${ws}/partyline/`), 'Echo: hello'),
    )
    await check(`${mode}: our client connects, and gets its acknowledgement`, async () =>
      equals(await doubled(http), 42),
    )
    await check(`${mode}: the application's own WebSocket is left alone`, async () =>
      equals(await firstWords(`${ws}/beside`), 'beside: hello'),
    )
    await check(`${mode}: what nobody knows under our prefix is refused`, async () =>
      equals(await firstWords(`${ws}/partyline/nowhere`), '404'),
    )
    if (mode === 'development') {
      await check(`${mode}: Next's hot reload has its WebSocket`, () => hotReload(ws))
    }
    await check(`${mode}: Next still answers its page`, page)
  } finally {
    await stop()
  }
}

try {
  await checkServer('development')
  await build()
  await checkServer('production')
} catch (error) {
  failed++
  console.log(`not ok ${error.message}`)
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
