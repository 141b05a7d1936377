import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bin, runPartyline, startPartyline } from './src/partyline.ts'
import { run } from './src/process.ts'
import { openWebSocket } from './src/web-socket.ts'

/** What a terminal shows of a command; `script` gives it one. By `exec`: a shell that waits for it would answer Ctrl-C too. */
function inTerminal(command: string, env: Readonly<Record<string, string | undefined>> = {}) {
  return run('script', ['-qefc', `exec ${command}`, '/dev/null'], {
    env: { SHELL: '/bin/sh', TERM: 'xterm', NO_COLOR: undefined, ...env },
  })
}

describe('the command on a terminal', () => {
  it('says where it is, what is kept and what to try, and nothing else', async () => {
    const { output } = await startPartyline([], { env: { PARTYLINE_LOG: 'text' } })
    const [first, ...rest] = output.stdout.trim().split('\n')
    expect(first).toMatch(/^Partyline \d+\.\d+\.\d+ ready in [\d.]+ m?s$/)
    const names = rest.map((line) => /^ {2}(\S+( to)?) {2,}\S/.exec(line)?.[1]).filter((name) => name !== undefined)
    expect(names).toEqual(['Chat', 'WebSocket', 'Socket.IO', 'HTTP', 'Kept', 'Open to', 'Try'])
    expect(output.stdout).toContain('lobby: 10,000 for 7 days; demo:*: 1,000 for 1 hour')
    expect(output.stdout).toContain('in memory for now')
    for (const line of rest) expect(line.length).toBeLessThanOrEqual(80)
    expect(output.stderr).toBe('')
  })

  it('has colours there, and none with NO_COLOR', async () => {
    for (const [noColor, hasColours] of [
      [undefined, true],
      ['1', false],
    ] as const) {
      const shown = inTerminal(`${process.execPath} ${bin} --port 0`, { NO_COLOR: noColor })
      await shown.untilSaid(/Try {2}/)
      expect(shown.output.stdout.includes('\u001b[1mPartyline')).toBe(hasColours)
    }
  })

  it('ends by Ctrl-C with a line of its own and exit code 0', async () => {
    const shown = inTerminal(`${process.execPath} ${bin} --port 0`)
    await shown.untilSaid(/Try {2}[^\n]*\n/)
    shown.child.stdin?.write('\u0003')
    expect(await shown.exited).toBe(0)
    expect(shown.output.stdout).toMatch(/\nstopping\r\nstopped\r\n/)
  })
})

describe('the command without a terminal', () => {
  it('writes one JSON object a line', async () => {
    const { url, child, output, exited } = await startPartyline()
    child.kill('SIGTERM')
    expect(await exited).toBe(0)
    const lines = output.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toMatchObject([
      { level: 'info', msg: 'listening', urls: { http: `${url}/api` } },
      { level: 'info', msg: 'stopping', signal: 'SIGTERM' },
      { level: 'info', msg: 'stopped' },
    ])
    expect(output.stderr).toBe('')
  })

  it('writes one JSON line for who was refused', async () => {
    const { url, output, untilSaid } = await startPartyline()
    const origin = { Origin: 'http://evil.example' }
    expect((await fetch(`${url}/api/rooms/lobby/publications`, { headers: origin })).status).toBe(403)
    await untilSaid(/"msg":"refused.*\n/)
    const [, line, none] = output.stdout.split('\n')
    expect(JSON.parse(line as string)).toMatchObject({ level: 'warn', msg: expect.stringContaining('evil.example') })
    expect(none).toBe('')
  })
})

describe('a signal', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s closes everybody with 1001, and the command ends with 0',
    async (signal) => {
      const { webSocketUrl, child, exited } = await startPartyline()
      const everybody = [
        await openWebSocket(webSocketUrl),
        await openWebSocket(`${webSocketUrl}/echo`),
        await openWebSocket(webSocketUrl.replace('localhost', '127.0.0.1'), 'partyline.v1'),
      ]
      child.kill(signal)
      // under npm one Ctrl-C comes twice
      child.kill(signal)
      for (const each of everybody) expect(await each.untilClosed()).toBe(1001)
      expect(await exited).toBe(0)
    },
  )

  it('ends streams and polls of HTTP clients too', async () => {
    const { url, child, exited } = await startPartyline()
    const stream = await fetch(`${url}/api/events?room=lobby`, { headers: { Accept: 'text/event-stream' } })
    const { place } = await (await fetch(`${url}/api/events?room=lobby`)).json()
    const poll = fetch(`${url}/api/events?room=lobby&since=${place}&wait=55`).catch(() => undefined)
    child.kill('SIGINT')
    expect(await exited).toBe(0)
    await stream.text().catch(() => {})
    await poll
  })
})

describe('a port that is taken', () => {
  it.each(['127.0.0.1', '::1'])('on %s is one clear line that says what to do, and exit code 3', async (address) => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, address, resolve))
    onTestFinished(() => void other.close())
    const { port } = other.address() as { port: number }
    const { exited, output } = runPartyline([], { env: { PORT: String(port), npm_lifecycle_event: 'start' } })
    expect(await exited).toBe(3)
    const next = port < 65_535 ? Math.max(port + 1, 8_080) : 8_080
    expect(output).toEqual({
      stdout: '',
      stderr: `partyline: Port ${port} is taken on ${address}. To use another one, try: npm start -- --port ${next}\n`,
    })
  })
})

describe('what means nothing', () => {
  it.each([
    [['--prot', '1'], {}, '--prot'],
    [['serve'], {}, '"serve"'],
    [['--port'], {}, '--port needs a value'],
    [['--port', 'x'], {}, '--port must be'],
    [['-x'], {}, '-x'],
    [[], { PORT: '99999' }, 'PORT must be'],
    [[], { PARTYLINE_ORIGINS: 'nonsense' }, 'PARTYLINE_ORIGINS must be'],
  ])('%j %j is one line and exit code 2', async (args, env, words) => {
    const { exited, output } = runPartyline(args, { env })
    expect(await exited).toBe(2)
    expect(output.stdout).toBe('')
    expect(output.stderr).toMatch(/^partyline: .*\n$/)
    expect(output.stderr).toContain(words)
  })

  it('is a host that is none of this machine, too: exit code 3', async () => {
    const { exited, output } = runPartyline(['--port', '0', '--host', '192.0.2.1'])
    expect(await exited).toBe(3)
    expect(output.stderr).toMatch(/^partyline: 192\.0\.2\.1 is no address of this machine .*\n$/)
  })
})

describe('--help and --version', () => {
  it('tell every option, variable and exit code, and start nothing', async () => {
    const { exited, output } = runPartyline(['--help'])
    expect(await exited).toBe(0)
    for (const word of ['--port', '--host', 'PORT', 'PARTYLINE_DATA', 'PARTYLINE_ORIGINS', 'NO_COLOR', 'EXIT CODES']) {
      expect(output.stdout).toContain(word)
    }
    for (const line of output.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
    const version = runPartyline(['--version'])
    expect(await version.exited).toBe(0)
    expect(version.output.stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})
