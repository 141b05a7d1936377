import { describe, expect, it } from 'vitest'
import { runs } from '../../test/torture.ts'
import { close, json } from '../src/frame.ts'
import type { Peer } from '../src/peer.ts'
import { mark, type Target, underAttack } from '../src/under-attack.ts'

const rooms = { lobby: { subscribe: true, publish: true } }

/** No ping comes between the answers. */
const options = { rooms, heartbeatMs: 600_000 }

/** Names that mean something to an EventEmitter, to objects, or to Socket.IO. */
const reserved = ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener']
const builtIn = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '__defineGetter__',
  'then',
  'toJSON',
  'domain',
  'connection',
  'listenerAdded',
  '$error',
  '$close',
  '$history',
]
/** On the wire the protocol's own names bear a `$`, where an application has an event of such a name. */
const eventOf = (type: string): string => type.replace(/^\$/, '')

const malformed = [
  '',
  'x'.repeat(257),
  'é'.repeat(129),
  'x'.repeat(900_000),
  'a\0b',
  'a\nb',
  'a\u2028b',
  'a\u0085b',
  '\ud800',
]

const modes = [
  ['lenient', undefined],
  ['strict', 'partyline.v1'],
] as const

/** An attacker in one of both modes, with what it is told after it came in. */
async function attackerIn(target: Target, protocol: string | undefined): Promise<Peer> {
  if (protocol === undefined) return target.webSocket()
  const attacker = await target.webSocket({ headers: [`Sec-WebSocket-Protocol: ${protocol}`] })
  attacker.send(json({ type: 'connect' }))
  await attacker.texted(1)
  attacker.frames.length = 0
  return attacker
}

/** Sends messages with an `id` each, and answers their error codes, or 'done'. */
async function ask(attacker: Peer, messages: readonly object[]): Promise<unknown[]> {
  for (const [index, message] of messages.entries()) attacker.send(json({ ...message, id: index + 1 }))
  const answers = (await attacker.texted(messages.length)).map((each) => JSON.parse(each))
  expect(answers.map(({ type, id }) => [type, id])).toEqual(messages.map((_, index) => ['ack', index + 1]))
  return answers.map(({ error }) => error?.code ?? 'done')
}

async function goodbye(attacker: Peer): Promise<void> {
  attacker.send(close(1000))
  await attacker.over()
}

describe.each(modes)('A2: event names, %s', (_mode, protocol) => {
  it('reaches nothing that is built in', async () => {
    await underAttack(options, async (target) => {
      const seen: unknown[] = []
      target.io.once('connection', (socket) => {
        // What an application may well listen to is not what a peer may say.
        for (const event of ['disconnect', 'disconnecting'] as const) socket.on(event, () => seen.push(event))
        for (const event of reserved.slice(0, 2)) socket.on(event as 'connect', () => seen.push(event))
      })
      const attacker = await attackerIn(target, protocol)
      // Strict clients have a message of that name: a second one is refused, and that is all.
      const names = [...reserved.filter((name) => name !== 'connect'), ...reserved.map((name) => `$${name}`)]
      const messages = names.map((type) => ({ type, data: mark }))
      expect(await ask(attacker, messages)).toEqual(names.map(() => 'invalid'))
      attacker.send(json({ type: 'connect', session: '__proto__', data: mark }))
      const answer = (await attacker.texted(names.length + 1)).at(-1) as string
      expect(JSON.parse(answer)).toMatchObject({ type: 'error', error: { code: 'invalid' }, request: 'connect' })
      expect(seen).toEqual([])
      attacker.frames.length = 0
      expect(
        await ask(
          attacker,
          builtIn.map((type) => ({ type, args: [mark, {}] })),
        ),
      ).toEqual(builtIn.map(() => 'unknown_event'))
      await goodbye(attacker)
    })
  })

  it('refuses names that are none', async () => {
    await underAttack(options, async (target) => {
      const attacker = await attackerIn(target, protocol)
      expect(
        await ask(
          attacker,
          malformed.map((type) => ({ type })),
        ),
      ).toEqual(malformed.map(() => 'invalid'))
      attacker.frames.length = 0
      const events = [...malformed, ...reserved, 'welcome', 'ack', 'gap', 'overloaded']
      expect(
        await ask(
          attacker,
          events.map((event) => ({ type: 'publish', room: 'lobby', event, data: mark })),
        ),
      ).toEqual(events.map(() => 'invalid'))
      await goodbye(attacker)
    })
  })

  it('calls the handlers of an application that bear such names, and no others', async () => {
    await underAttack(options, async (target) => {
      const called: unknown[] = []
      target.io.once('connection', (socket) => {
        for (const event of builtIn.map(eventOf)) socket.on(event, (data: unknown) => void called.push([event, data]))
      })
      const attacker = await attackerIn(target, protocol)
      attacker.send(...builtIn.map((type) => json({ type, data: type })), json({ type: 'nobody listens', id: 1 }))
      await attacker.texted(1)
      expect(called).toEqual(builtIn.map((type) => [eventOf(type), type]))
      await goodbye(attacker)
    })
  })

  it('keeps nothing of names that were made up', async () => {
    await underAttack(options, async (target) => {
      const attacker = await attackerIn(target, protocol)
      const count = runs(500, 50_000)
      for (let index = 0; index < count; index++) attacker.send(json({ type: `${mark} ${index}` }))
      expect(await attacker.texted(count)).toHaveLength(count)
      expect(JSON.parse(attacker.texts.at(-1) as string)).toMatchObject({
        type: 'error',
        error: { code: 'unknown_event' },
      })
      await goodbye(attacker)
    })
  })
})
