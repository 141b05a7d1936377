import { Server } from '@partyline/server'
import { Server as ReferenceServer } from 'socket.io'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Fault } from '../../src/engine-io/fault.ts'
import { Talk } from '../../src/engine-io/talk.ts'
import {
  openLine,
  type PollingLine,
  runSocketIoCli,
  runSocketIoSuite,
  type SocketIoPlace,
  type SocketIoRun,
  socketIoCases,
  socketIoPlaces,
  socketIoReport,
  type TransportName,
} from '../../src/socket-io/index.ts'
import { parseScript, Variables } from '../../src/socket-io/script.ts'
import { unlisted } from '../engine-io/differences.ts'
import { ourDifferences, referenceDifferences } from './differences.ts'
import { type CreateIo, type StartedPlaces, startPlace, startPlaces } from './socket-io-place.ts'
import { startStranger } from './stranger.ts'

const quiet = { warn: () => {}, error: () => {} }
const ours: CreateIo = (options) => new Server({ logger: quiet, closeTimeoutMs: 1_000, ...options }) as never
const reference: CreateIo = (options) => new ReferenceServer(options) as never

describe.each([
  ['our server', ours, ourDifferences],
  ['npm socket.io', reference, referenceDifferences],
])('%s', (_, create, differences) => {
  let places: StartedPlaces
  let run: SocketIoRun

  beforeAll(async () => {
    places = await startPlaces(create)
    run = await runSocketIoSuite({ urls: places.urls, patienceMs: 10_000 })
  })
  afterAll(() => places.stop())

  test('fails the cases that are listed, for the reasons that are listed, and no other', () => {
    expect(run.omitted).toEqual([])
    expect(unlisted(run.results, differences)).toEqual([])
  })

  describe('io.close()', () => {
    const start = async (transport: TransportName) => {
      const place = await startPlace(create, 'main')
      const talk = new Talk(place.url, 5_000)
      onTestFinished(async () => {
        await talk.end()
        await place.stop()
      })
      const line = await openLine(talk, transport)
      await line.say('40{"key":"client"}')
      expect(await line.next()).toMatch(/^40\{"sid":/)
      const reason = new Promise((resolve) => place.acquaintances.of('client').reason.ask(resolve))
      return { place, line, reason }
    }

    test('closes WebSockets and says no DISCONNECT before: clients come back', async () => {
      const { place, line, reason } = await start('websocket')
      place.io.close()
      await line.end()
      expect(await reason).toBe('server shutting down')
    })

    test('answers parked GETs with the close packet alone', async () => {
      const { place, line, reason } = await start('polling')
      const parked = await (line as PollingLine).session.park()
      place.io.close()
      const { status, text } = await parked.answer()
      expect([status, text]).toEqual([200, '1'])
      expect(await reason).toBe('server shutting down')
    })
  })
})

describe('the lists of differences', () => {
  test('have a reason for each', () => {
    for (const { reason, ids } of [...ourDifferences, ...referenceDifferences]) {
      expect(reason).not.toBe('')
      expect(ids).not.toEqual([])
    }
  })
})

describe('the suite', () => {
  test('gives every case an id and a title of its own, and every place a case', () => {
    expect(new Set(socketIoCases.map(({ id }) => id)).size).toBe(socketIoCases.length)
    const titles = socketIoCases.map(({ id, title }) => `${id.replace(/\.\d+ /, ' ')} ${title}`)
    expect(new Set(titles).size).toBe(socketIoCases.length)
    expect(new Set(socketIoCases.map(({ at }) => at))).toEqual(new Set(Object.keys(socketIoPlaces)))
  })

  test('has cases for sections 2.2 to 2.7 and 2.9, and for whole sessions', () => {
    const sections = new Set(socketIoCases.map(({ id }) => /^(2\.\d|3)\./.exec(id)?.[1]))
    expect([...sections]).toEqual(['2.2', '2.3', '2.4', '2.5', '2.6', '2.7', '2.9', '3'])
  })

  test('has no case that a server passes which speaks no Socket.IO', async () => {
    const url = await startStranger()
    const urls = Object.fromEntries(Object.keys(socketIoPlaces).map((place) => [place, url]))
    const { results } = await runSocketIoSuite({ urls: urls as Record<SocketIoPlace, string>, patienceMs: 1_000 })
    expect(results.filter(({ faults }) => faults.length === 0)).toEqual([])
    expect(results).toHaveLength(socketIoCases.length)
  })

  test('runs the cases of the places it is told, and says which are left out and how they could be run', async () => {
    const url = await startStranger()
    const run = await runSocketIoSuite({ urls: { brisk: url }, patienceMs: 1_000 })
    expect(new Set(run.results.map(({ at }) => at))).toEqual(new Set(['brisk']))
    expect(socketIoReport(run)).toMatch(/--at "main=URL" \(the defaults.*\): 2\.2\.1 polling, /)
  })
})

describe('a script', () => {
  test('is read a line a step', () => {
    const script = `
      → 40 ␞ 42["a b"]
      ← 40{"sid":"$id"}
      ← 451-["x"] ␞ <dead beef>
      lives
      lives /ops
      closes
      errors $key ["x y"]
    `
    expect(parseScript(script)).toEqual([
      { kind: 'say', packets: ['40', '42["a b"]'] },
      { kind: 'hear', packets: ['40{"sid":"$id"}'] },
      { kind: 'hear', packets: ['451-["x"]', '<dead beef>'] },
      { kind: 'lives', namespace: '/' },
      { kind: 'lives', namespace: '/ops' },
      { kind: 'closes' },
      { kind: 'errors', key: '$key', value: ['x y'] },
    ])
  })

  test('must be steps', () => {
    expect(() => parseScript('waits')).toThrow('no step: waits')
  })

  test('hears the same value wherever it stood first', () => {
    const variables = new Variables(() => 'new')
    variables.match('40{"sid":"~a-_9"}', '40{"sid":"$id"}')
    variables.match('42["~a-_9",1]', '42["$id",1]')
    expect(() => variables.match('42["~other",1]', '42["$id",1]')).toThrow('not 42["$id",1]')
    expect(() => variables.match('40{"sid":"x","pid":"y"}', '40{"sid":"$other"}')).toThrow(Fault)
    expect(() => variables.match('41', '42')).toThrow(Fault)
    expect(() => variables.match(Buffer.from('41'), '41')).toThrow(Fault)
    expect(() => variables.match(Buffer.of(1), '<02>')).toThrow(Fault)
    variables.match(Buffer.of(1, 2), '<01 02>')
  })

  test('says a new value where none stood before', () => {
    const variables = new Variables(() => 'new')
    expect(variables.packet('40{"key":"$key"}')).toBe('40{"key":"new"}')
    expect(variables.value('$key')).toBe('new')
  })
})

describe('the command line', () => {
  const runCli = async (...args: string[]): Promise<{ exitCode: number; output: string }> => {
    let output = ''
    const exitCode = await runSocketIoCli(args, (text) => {
      output += text
    })
    return { exitCode, output }
  }

  test('ends with 0 and counts when everything passes', async () => {
    const place = await startPlace(ours, 'main')
    onTestFinished(() => place.stop())
    const { exitCode, output } = await runCli(place.url, '--section', '2.7')
    const count = socketIoCases.filter(({ id }) => id.startsWith('2.7.')).length
    expect(output).toBe(`${count} passed, 0 failed, 0 not run\n`)
    expect(exitCode).toBe(0)
  })

  test('ends with 1 and names the cases and their faults when something fails', async () => {
    const { exitCode, output } = await runCli(await startStranger(), '--section', '3', '--patience', '1000')
    expect(output).toMatch(/^3\.3 polling {2}C: polling, the client closes while a GET is parked\n {4}the status/m)
    expect(output).toMatch(/^0 passed, 7 failed, 1 not run$/m)
    expect(exitCode).toBe(1)
  })

  test('refuses a place there is not', async () => {
    await expect(runCli('http://127.0.0.1/', '--at', 'toString=http://127.0.0.1/')).rejects.toThrow(
      'There is no place toString',
    )
  })
})
