import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { roomOf } from '../../../src/broker.ts'
import { MemoryLog } from '../../../src/brokers/memory.ts'
import { systemClock } from '../../../src/clock.ts'
import { Flush } from '../../../src/flush.ts'
import { Hub } from '../../../src/hub/hub.ts'
import { Rules } from '../../../src/rules.ts'
import type { HttpApiContext } from '../../../src/transports/http/context.ts'
import { LongPoll } from '../../../src/transports/http/long-poll.ts'
import { OpenAnswers } from '../../../src/transports/http/open-answers.ts'
import { placeOf, placeText, positionsFrom } from '../../../src/transports/http/return.ts'
import { Random } from '../../hub/model/random.ts'
import { DelayedLog } from '../../suites/delayed-log.ts'
import { open, type Polled } from './served.ts'

/** Two logs that answer late and in any order, as disks and networks do: rooms `a…` live in the first. */
async function world(random: Random) {
  const asked: (() => void)[] = []
  const later = (run: () => void) => asked.push(run)
  const keep = () => ({ entries: 9_999, ageMs: 60_000 })
  const logs = ['first', 'second'].map((name) => new MemoryLog(name, { keep, clock: systemClock }))
  const flush = new Flush()
  const hub = new Hub({
    logs: logs.map((log) => new DelayedLog(log, later)),
    logOf: (room) => (room.includes('\0a') ? 0 : 1),
    keeps: () => true,
    flush,
    maxBufferedBytes: 2_000,
    hardMaxBufferedBytes: 1_000_000,
  })
  const turn = async () => {
    for (let i = random.below(4); i > 0; i--) asked.splice(random.below(asked.length), 1)[0]?.()
    await new Promise(setImmediate)
  }
  const until = async <T>(promise: Promise<T>): Promise<T> => {
    let isDone = false
    const done = promise.finally(() => {
      isDone = true
    })
    while (!isDone) await turn()
    return done
  }
  await until(Promise.resolve(hub.start()))
  return { hub, turn, until, close: () => logs.map((log) => log.close()) }
}

/** The part of a response that a poll touches. */
function responseOf(answered: (text: string) => void): ServerResponse {
  const response = { on: () => response, writeHead: () => response, setHeader: () => response, end: answered }
  return response as unknown as ServerResponse
}

describe('a long poll over logs that answer late', () => {
  it.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'sees everything once, each log in order (seed %i)',
    async (seed) => {
      const random = new Random(seed)
      const { hub, turn, until, close } = await world(random)
      const clients = { openAnswers: { sse: 0, longPoll: 0 }, report: () => '' }
      const answers = new OpenAnswers(clients)
      const ticket = { release: () => {} }
      const context = { core: { hub }, options: { clock: systemClock } } as unknown as HttpApiContext
      const rooms = ['a', 'b'].map((name) => ({ room: roomOf('/', name), rule: new Rules({ '*': open }).of(name) }))

      const poll = async (since: string): Promise<Polled> => {
        const place = placeOf(hub.logs, since) ?? []
        const from = await until(positionsFrom(hub.logs, rooms, place))
        const text = new Promise<string>((resolve) => {
          const names = rooms.map(({ room }) => room)
          new LongPoll(context, answers, responseOf(resolve), ticket).start(
            names,
            place,
            from,
            random.chance(0.5) ? 0 : 60_000,
          )
        })
        return JSON.parse(await until(text)) as Polled
      }

      let place = placeText(hub.logs, hub.logs.place())
      let said = 0
      const say = (room: string, args: string) => {
        const rooms = [roomOf('/', room)]
        return hub.publish({
          rooms,
          except: [],
          event: 'e',
          args: `[${args}]`,
          arity: 1,
          published: true,
          from: null,
          at: 0,
        })
      }
      const published: unknown[] = []
      const speaking = (async () => {
        while (said < 200) {
          published.push(say(random.pick(['a', 'b']), JSON.stringify([said++, 'x'.repeat(random.below(300))])))
          for (let i = random.below(5); i > 0; i--) await turn()
        }
        await Promise.all(published)
      })()
      const heard: { room: string; n: number }[] = []
      while (heard.length < 200) {
        const answer = await poll(place)
        expect(answer.gaps).toEqual([])
        heard.push(...answer.publications.map(({ room, data }) => ({ room, n: (data as [number])[0] })))
        place = answer.place
      }
      await until(speaking)
      for (const name of ['a', 'b']) {
        const numbers = heard.filter(({ room }) => room === name).map(({ n }) => n)
        expect(numbers).toEqual([...numbers].sort((x, y) => x - y))
      }
      expect(heard.map(({ n }) => n).sort((x, y) => x - y)).toEqual(Array.from({ length: 200 }, (_, i) => i))
      expect([clients.openAnswers.longPoll, hub.roomCount]).toEqual([0, 0])
      close()
    },
  )
})
