import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join, posix } from 'node:path'
import { connect, type PartylineError } from '@partyline/client'
import { Server } from '@partyline/server'
import type { Browser, Page } from 'playwright-core'
import { io as dial } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import WebSocket from 'ws'
import { makePem } from '../packages/partyline/test/certificates.ts'
import { launchChromium } from './src/chromium.ts'
import { anchorsOf, blocksOf, commandsOf, type DocBlock, linksOf, nameOf, promisedOutput } from './src/doc-blocks.ts'
import { follow } from './src/doc-commands.ts'
import { listeningPortOf } from './src/doc-programs.ts'
import { DocProject } from './src/doc-project.ts'
import { freePort } from './src/free-port.ts'
import { type Partyline, startPartyline } from './src/partyline.ts'
import { type Running, run } from './src/process.ts'
import { until } from './src/until.ts'
import { openWebSocket } from './src/web-socket.ts'

const root = join(import.meta.dirname, '..')
const read = (page: string): string => readFileSync(join(root, page), 'utf8')
const pagesIn = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => posix.join(folder, name))

const pages = [
  'README.md',
  ...pagesIn('docs'),
  'examples/lesson/README.md',
  ...readdirSync(join(root, 'packages')).flatMap((name) => pagesIn(`packages/${name}`)),
]
const blocks = pages.flatMap((page) => blocksOf(page, read(page)))
const blocksLike = (...kinds: readonly string[]): [string, DocBlock][] =>
  blocks
    .filter(({ language, kind }) => kinds.includes(`${language} ${kind}`.trim()))
    .map((block) => [nameOf(block), block])

/**
 * The one thing that is changed in a block before it is run: what is of another machine becomes what this one has. Ports
 * that stand on the pages become free ones, each number always the same, and so do certificates and a public address.
 */
const pagePorts = [3000, 8080, 8443, 443]
const ports = new Map(await Promise.all(pagePorts.map(async (port) => [port, await freePort()] as const)))
const portOf = (port: number): number => ports.get(port) as number
let project: DocProject

function inThisPlace(text: string): string {
  const withPorts = text.replace(/(?<=[ (:=])(\d+)\b(?!\.)/g, (number) => `${ports.get(Number(number)) ?? number}`)
  return withPorts
    .replace('--host 0.0.0.0', '--host 127.0.0.1')
    .replace(/\/etc\/letsencrypt\/live\/chat.example.org\/fullchain.pem/g, join(project?.folder ?? '', 'cert.pem'))
    .replace(/\/etc\/letsencrypt\/live\/chat.example.org\/privkey.pem/g, join(project?.folder ?? '', 'key.pem'))
}

let browser: Browser
let complaints: string[]
beforeAll(async () => {
  project = new DocProject(blocks, inThisPlace)
  complaints = project.compile()
  const { cert, key } = await makePem()
  writeFileSync(join(project.folder, 'cert.pem'), cert)
  writeFileSync(join(project.folder, 'key.pem'), key)
  browser = await launchChromium()
})
afterAll(async () => {
  project.remove()
  await browser.close()
})

/** What `npm start` starts, where the pages have it. */
const startHere = (): Promise<Partyline> => startPartyline(['--port', `${portOf(8080)}`])

const startBlock = (block: DocBlock): Running =>
  run(process.execPath, [project.programOf(block)], { cwd: project.folder })

/** Starts the first program under a heading, which listens, and waits until it does. */
async function startUnder(page: string, heading: string): Promise<number> {
  const [block] = blocks.filter((each) => each.page === page && each.heading === heading && each.language === 'ts')
  if (block === undefined) throw new Error(`${page} has no program under "${heading}"`)
  const port = await listeningPortOf(startBlock(block), [...ports.values()])
  if (port === undefined) throw new Error(`the program under "${heading}" does not listen`)
  return port
}

/** A program that connects to another one, by our client or by Socket.IO's. */
const isClient = ({ code }: DocBlock): boolean => /from '(@partyline\/|socket\.io-)client'/.test(code)

/** What is done with programs that do not end by themselves, by page and heading. */
const visits: Readonly<Record<string, (program: Running, port: number | undefined) => Promise<void>>> = {
  'README.md, The library': async (_, port) => {
    const ada = await openWebSocket(`ws://localhost:${port}/?name=Ada`)
    await until(
      () => ada.heard,
      (all) => all.some((text) => text.includes('"headline"') && text.includes('"Ada is here"')),
    )
    ada.say('hi')
    await ada.untilHeard('Echo: hi')
    ada.say('{"type":"save","data":{"text":"hi"},"id":1}')
    await ada.untilHeard('{"type":"ack","id":1,"data":{"saved":true}}')
  },
  'README.md, Everybody in one room': async (program) => {
    const server = await startHere()
    const ada = await openWebSocket(`${server.webSocketUrl}/?name=Ada`)
    await ada.untilHeard('hello from Socket.IO')
    ada.say('hello Socket.IO')
    await program.untilSaid('Ada hello Socket.IO\n')
  },
  'docs/from-socket-io.md, In five minutes': async (program, port) => {
    if (port === undefined) {
      await startUnder('docs/from-socket-io.md', 'In five minutes')
      await program.untilSaid(/^hello$/m)
      return program.untilSaid(/^5$/m)
    }
    const url = `http://localhost:${port}`
    const stranger = dial(url, { forceNew: true, reconnection: false })
    const [refusal] = await new Promise<unknown[]>((resolve) => stranger.on('connect_error', (...why) => resolve(why)))
    expect(refusal).toMatchObject({ message: 'who are you?', data: { retry: false } })
    const ada = await openWebSocket(`${url.replace('http', 'ws')}/?token=abc123`)
    for (const transports of [['polling'], ['websocket'], ['polling', 'websocket']]) {
      const ben = dial(url, { auth: { token: 'abc123' }, forceNew: true, reconnection: false, transports })
      onTestFinished(() => void ben.disconnect())
      const said = new Promise((resolve) => ben.on('said', resolve))
      expect(await ben.emitWithAck('say', transports.join())).toBe(transports.join().length)
      expect(await said).toBe(transports.join())
      await until(
        () => ada.heard,
        (all) => all.some((text) => text.includes('"said"') && text.includes(`"${transports.join()}"`)),
      )
    }
  },
  'README.md, Its client': async (program) => {
    await startUnder('README.md', 'The library')
    await program.untilSaid(/^\d+ Ada hi$/m)
    expect(program.output.stdout).toMatch(/^live$/m)
  },
  'README.md, Safe from the start': async (_, port) => {
    const url = `http://localhost:${port}`
    const stranger = connect(url, { token: 'nobody knows it', WebSocket })
    onTestFinished(() => stranger.close())
    stranger.onError(() => {})
    const closed = await new Promise((resolve) =>
      stranger.onState((state) => state.name === 'closed' && resolve(state)),
    )
    expect(closed).toMatchObject({ error: { code: 'unauthorized' } })

    const ada = connect(url, { token: 'abc123', WebSocket })
    onTestFinished(() => ada.close())
    const heard: unknown[] = []
    ada.on('chat', (...said) => heard.push(said))
    const refusals: PartylineError[] = []
    ada.onError((error) => refusals.push(error))
    ada.emit('chat', '')
    for (let count = 1; count <= 10; count++) ada.emit('chat', `${count}`)
    await until(
      () => [heard.length, refusals.map(({ code }) => code)],
      ([count]) => count === 9,
    )
    expect(heard[0]).toEqual(['Ada', '1'])
    await until(
      () => refusals.map(({ code }) => code),
      (codes) => codes.length === 2,
    )
    expect(refusals.map(({ code }) => code)).toEqual(['invalid', 'rate_limited'])
    expect(refusals[1]?.retryAfterMs).toBeGreaterThan(0)
    const elsewhere = new WebSocket(`ws://localhost:${port}/?token=abc123`, { origin: 'https://elsewhere.example' })
    const [failure] = await once(elsewhere, 'error')
    expect(String(failure)).toContain('403')
  },
  'packages/server/README.md, @partyline/server': async (_, port) => {
    const ada = await openWebSocket(`ws://localhost:${port}`)
    ada.say('hi')
    await ada.untilHeard('Echo: hi')
    const said = await fetch(`http://localhost:${port}/api/rooms/chat:1/publications`, { method: 'POST', body: 'hi' })
    expect(said.status).toBe(201)
  },
  'packages/client/README.md, @partyline/client': async (program) => {
    await startUnder('packages/server/README.md', '@partyline/server')
    await program.untilSaid('Ada hi\n')
  },
  'docs/api.md, A program': async (_, port) => {
    const ada = await openWebSocket(`ws://localhost:${port}/?name=Ada`)
    ada.say('{"type":"join","data":"tea","id":1}')
    await ada.untilHeard('{"type":"ack","id":1,"data":{"members":1}}')
    ada.say('{"type":"say","room":"tea","text":"hello"}')
    await until(
      () => ada.heard,
      (all) => all.some((text) => text.includes('"said"') && text.includes('{"text":"hello","by":"Ada"}')),
    )
  },
  'docs/tls.md, In a program of your own': async (_, port) => {
    const socket = new WebSocket(`wss://localhost:${port}`, { rejectUnauthorized: false })
    onTestFinished(() => socket.terminate())
    await once(socket, 'open')
  },
}

describe('README and docs', () => {
  it('are read: there are blocks of every sort', () => {
    expect(pages.length).toBeGreaterThan(8)
    expect(blocks.length).toBeGreaterThan(60)
  })

  it('have no block of a sort that nothing here runs or checks', () => {
    const known = new Set(
      ['ts', 'ts fragment', 'js', 'js fragment', 'js browser', 'html', 'sh', 'sh fragment', 'python', 'json']
        // proxy.test.ts sends the chat through every block for nginx
        .concat('nginx', ''),
    )
    const unknown = blocks.filter(({ language, kind }) => !known.has(`${language} ${kind}`.trim()))
    expect(unknown.map(nameOf)).toEqual([])
  })

  it('have programs, and pieces of programs, that the compiler accepts', () => {
    expect(complaints).toEqual([])
  })

  it.each(pages)('%s links to pages and headings that are there', (page) => {
    for (const link of linksOf(read(page))) {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? page : posix.join(dirname(page), path)
      expect(existsSync(join(root, target)), `${page} links to ${link}`).toBe(true)
      if (anchor !== undefined) expect(anchorsOf(read(target)), `${page} links to ${link}`).toContain(anchor)
    }
  })
})

describe('a program on the pages', () => {
  it.each(blocksLike('ts', 'js'))('%s', async (_, block) => {
    const program = startBlock(block)
    const visit = visits[`${block.page}, ${block.heading}`]
    const own = [...ports].flatMap(([number, port]) => (block.code.includes(`${number}`) ? [port] : []))
    if (isClient(block) && visit !== undefined) return visit(program, undefined)
    const port = await listeningPortOf(program, own)
    if (port === undefined) {
      const lines = program.output.stdout.split('\n')
      const promised = promisedOutput(block.language === 'js' ? block.code : '')
      expect(lines.filter((line) => promised.includes(line))).toEqual(promised)
      return
    }
    if (visit === undefined) throw new Error('it goes on: a visit is missing that shows what it does')
    await visit(program, port)
    expect(program.child.exitCode, program.output.stderr).toBeNull()
  })

  it('has a visit only where it needs one', () => {
    const programs = blocksLike('ts', 'js').map(([, { page, heading }]) => `${page}, ${heading}`)
    for (const visited of Object.keys(visits)) expect(programs).toContain(visited)
  })

  it('docs/client.md, Connect prints what the page says', async () => {
    const block = blocks.find(({ page, heading }) => page === 'docs/client.md' && heading === 'Connect')
    const program = startBlock(block as DocBlock)
    expect(await program.exited).toBe(0)
    expect(program.output).toEqual({ stdout: 'hello Ada\n', stderr: '' })
  })
})

describe('a program for a browser', () => {
  /** What is heard by those that say more than a text. */
  const answers: Readonly<Record<string, readonly string[]>> = {
    'docs/api.md': ['{"type":"ack","id":1,"data":{"members":1}}', '"text":"hello"'],
    'docs/from-socket-io.md': ['{"type":"ack","id":1,"data":5}', '{"type":"said","room":"news","seq":'],
  }

  /** A page on this machine, and what its console says. */
  async function open(html: string, port = 0, prepare: (page: Page) => Promise<unknown> = async () => {}) {
    const http = createServer((_, response) => {
      response.setHeader('Content-Type', 'text/html').end(html)
    })
    const io = new Server(http, { rooms: { lobby: { subscribe: true } } })
    await once(http.listen(port, '127.0.0.1'), 'listening')
    const context = await browser.newContext()
    onTestFinished(async () => {
      await context.close()
      await io.close()
    })
    const page = await context.newPage()
    const said: string[] = []
    page.on('console', (line) => said.push(line.text()))
    await prepare(page)
    await page.goto(`http://localhost:${(http.address() as AddressInfo).port}`)
    return { io, page, said }
  }

  it.each(blocksLike('js browser'))('%s', async (_, block) => {
    const isLibrary = block.code.includes(':3000')
    if (isLibrary) await startUnder(block.page, block.heading)
    else await startHere()
    const { page, said } = await open('<!doctype html>')
    await page.evaluate(inThisPlace(block.code))
    const hasText = /socket\.send\('(?<text>[^'{]+)'\)/.exec(block.code)?.groups?.text
    const expected = hasText === undefined ? answers[block.page] : [hasText]
    for (const each of expected ?? expect.fail(`nobody knows what ${nameOf(block)} hears`))
      await expect.poll(() => said, { timeout: 30_000 }).toContainEqual(expect.stringContaining(each))
  })

  it.each(blocksLike('html'))('%s', async (_, block) => {
    const { unpkg } = JSON.parse(read('packages/client/package.json'))
    const port = await freePort()
    const html = block.code.replace('https://example.com', `http://localhost:${port}`)
    const { io, said } = await open(html, port, (page) =>
      page.route('https://unpkg.com/@partyline/client', (route) =>
        route.fulfill({ path: join(root, 'packages/client', unpkg), contentType: 'text/javascript' }),
      ),
    )
    await expect
      .poll(
        async () => {
          await io.publish('lobby', 'hello page')
          return said
        },
        { timeout: 30_000 },
      )
      .toContain('hello page')
  })
})

describe('a program in Python', () => {
  it.each(blocksLike('python'))('%s', async (_, block) => {
    const server = await startHere()
    const ada = await openWebSocket(server.webSocketUrl)
    // Debian's own: another python3 may come first in PATH, without the package
    const python = run('/usr/bin/python3', ['-u', '-c', inThisPlace(block.code)])
    await ada.untilHeard('hello from Python')
    ada.say('hello Python')
    await python.untilSaid('hello Python\n')
  })
})

describe('commands (websocat only where it is installed; what is installed from a registry, in packed.test.ts)', () => {
  it.for(blocksLike('sh'))('%s', async ([, block], { annotate }) => {
    const { folder } = project
    const commands = commandsOf(block.code)
    if (commands.some((command) => /^(curl|websocat)\b/.test(command))) await startHere()
    for (const command of commands) await follow(command, { folder, inThisPlace, note: annotate })
  })

  it.each(blocksLike('sh fragment'))('%s is grammatical', async (_, block) => {
    const shell = run('sh', ['-n', '-c', block.code])
    expect(await shell.exited, shell.output.stderr).toBe(0)
  })
})

describe('JSON', () => {
  it.each(blocksLike('json'))('%s', (_, block) => {
    const lines = block.code.startsWith('{"') ? block.code.trim().split('\n') : [block.code]
    for (const line of lines) expect(JSON.parse(line)).toBeTypeOf('object')
  })
})
