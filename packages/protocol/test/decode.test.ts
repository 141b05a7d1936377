import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ClientPacket,
  decodeClientMessage,
  encodeClientPacket,
  isMessageText,
  isName,
  isReservedName,
  isSocketIoEvent,
  type Mode,
  maxArguments,
  ProtocolViolation,
  RequestError,
} from '../src/index.ts'
import { toNotation } from './vectors.ts'

const modes: readonly Mode[] = ['lenient', 'strict']

/** Any JSON value, with the keys that hurt and with bytes among the leaves. */
const hostileKey = fc.constantFrom(
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'toJSON',
  'then',
  'length',
  'hasOwnProperty',
  '$binary',
  '$$binary',
  '$$$binary',
  'binary',
  'type',
  'id',
  '',
)
const { payload } = fc.letrec<{ payload: unknown }>((tie) => ({
  payload: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array(),
    ),
    fc.array(tie('payload'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.oneof(hostileKey, fc.string()), tie('payload')), { maxLength: 4 })
      .map((entries) => Object.fromEntries(entries)),
  ),
}))

const name = fc.oneof(hostileKey, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 })).filter(isName)
const event = fc
  .oneof(name, fc.constantFrom('history', '$history', '$$ping', 'message', 'open', 'error'))
  .filter((each) => !isSocketIoEvent(each.replace(/^\$+/, '')))
const id = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.string({ maxLength: 60 }), fc.constant(undefined))
const key = fc.option(name, { nil: undefined })
const args = fc.array(payload, { maxLength: 4 })
const position = fc.record({ epoch: fc.string({ minLength: 1 }), seq: fc.maxSafeNat() })
const rooms = fc.option(
  fc.array(fc.tuple(name, position), { maxLength: 4 }).map((entries) => new Map(entries)),
  { nil: undefined },
)

const clientPacket: fc.Arbitrary<ClientPacket> = fc.oneof(
  fc.record({ kind: fc.constant('event' as const), event, args, id, key }),
  fc.record({
    kind: fc.constant('publish' as const),
    room: name,
    event: name.filter((each) => !isReservedName(each)),
    args,
    key,
    volatile: fc.boolean(),
    id,
  }),
  fc.record({ kind: fc.constant('ack' as const), id: fc.integer(), args, error: fc.constant(undefined) }),
  fc.record({
    kind: fc.constant('subscribe' as const),
    room: name,
    since: fc.option(position, { nil: undefined }),
    id,
  }),
  fc.record({ kind: fc.constant('connect' as const), token: key, name: key, session: key, rooms }),
)

function refusalOf(text: string, mode: Mode): unknown {
  try {
    decodeClientMessage(text, mode)
  } catch (error) {
    return error
  }
  return undefined
}

describe('decodeClientMessage', () => {
  it('reads what encodeClientPacket wrote', () => {
    fc.assert(
      fc.property(clientPacket, (packet) => {
        const decoded = decodeClientMessage(encodeClientPacket(packet), 'strict')
        expect(toNotation(decoded)).toEqual(toNotation(packet))
      }),
      { numRuns: 1_000 },
    )
  })

  it('reads every text that is no message as the event message, in lenient mode', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
        fc.pre(text !== 'ping' && !isMessageText(text))
        expect(decodeClientMessage(text, 'lenient')).toMatchObject({ kind: 'event', event: 'message', args: [text] })
      }),
      { numRuns: 1_000 },
    )
  })

  it('throws nothing but its two errors, whatever comes', () => {
    const mangled = fc
      .tuple(clientPacket.map(encodeClientPacket), fc.nat(), fc.string({ maxLength: 3 }))
      .map(([text, at, insert]) => `${text.slice(0, at % text.length)}${insert}${text.slice((at % text.length) + 1)}`)
    fc.assert(
      fc.property(fc.oneof(fc.string(), mangled, fc.json()), fc.constantFrom(...modes), (text, mode) => {
        const error = refusalOf(text, mode)
        expect(error === undefined || error instanceof RequestError || error instanceof ProtocolViolation).toBe(true)
        if (mode === 'lenient') expect(error).not.toBeInstanceOf(ProtocolViolation)
      }),
      { numRuns: 2_000 },
    )
  })

  it('repeats no malformed name in a refusal', () => {
    const error = refusalOf('{"type":"\\u001b[2J","id":1}', 'strict')
    expect(error).toMatchObject({ code: 'invalid', request: undefined, id: 1 })
  })

  it(`takes ${maxArguments} arguments`, () => {
    const list = Array.from({ length: maxArguments }, (_, index) => index)
    expect(decodeClientMessage(`{"type":"x","args":${JSON.stringify(list)}}`, 'strict')).toMatchObject({ args: list })
  })
})

describe('A2: hostile event names', () => {
  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'])(
    '%s is a name like any other',
    (type) => {
      for (const mode of modes) {
        expect(decodeClientMessage(`{"type":"${type}","data":1}`, mode)).toMatchObject({ kind: 'event', event: type })
      }
    },
  )

  it.each(['connect_error', 'disconnect', 'newListener', 'error', '', 'x'.repeat(1_000_000)])(
    'refuses %.20s',
    (type) => {
      for (const mode of modes) {
        expect(refusalOf(`{"type":"${type}","data":1}`, mode)).toMatchObject({ code: 'invalid' })
      }
    },
  )
})

describe('A3: prototype pollution', () => {
  const hostile = [
    '{"type":"x","__proto__":{"admin":true}}',
    '{"type":"x","data":{"__proto__":{"admin":true}}}',
    '{"type":"x","data":{"constructor":{"prototype":{"admin":true}}}}',
    '{"type":"x","args":[{"__proto__":{"admin":{"$binary":"AA=="}}}]}',
    '{"type":"x","data":{"$$binary":1,"__proto__":{"admin":true}}}',
    '{"type":"x","__proto__":{"type":"y","args":[1],"id":9}}',
    '{"type":"publish","room":"lobby","data":{"__proto__":{"admin":true}},"__proto__":{"volatile":true}}',
  ]

  it.each(hostile)('%s reaches no prototype', (text) => {
    for (const mode of modes) {
      const packet = decodeClientMessage(text, mode) as { args: unknown[]; id: unknown; volatile?: boolean }
      expect(({} as { admin?: unknown }).admin).toBeUndefined()
      expect(packet.id).toBeUndefined()
      expect(packet.volatile ?? false).toBe(false)
      for (const argument of packet.args) {
        expect(Object.getPrototypeOf(argument)).toBe(Object.prototype)
        expect((argument as { admin?: unknown }).admin).toBeUndefined()
      }
      const again = encodeClientPacket(packet as unknown as ClientPacket)
      expect(toNotation(decodeClientMessage(again, 'strict'))).toEqual(toNotation(packet))
    }
  })

  it('keeps a room named __proto__ as a room', () => {
    const text = '{"type":"connect","rooms":{"__proto__":{"epoch":"e","seq":1}}}'
    const packet = decodeClientMessage(text, 'strict')
    expect(packet).toMatchObject({ kind: 'connect' })
    if (packet.kind === 'connect') expect([...(packet.rooms ?? [])]).toEqual([['__proto__', { epoch: 'e', seq: 1 }]])
    expect(encodeClientPacket(packet)).toBe(text)
  })
})

describe('A4: hostile JSON', () => {
  const deep = (depth: number) => `{"type":"x","data":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`

  it('refuses more than 64 levels and nothing less', () => {
    for (const mode of modes) {
      expect(decodeClientMessage(deep(64), mode).kind).toBe('event')
      for (const depth of [65, 66, 5_000, 400_000]) {
        expect(refusalOf(deep(depth), mode)).toMatchObject({ code: 'invalid' })
      }
    }
  })

  it('reads a megabyte of escapes, of digits, of keys', () => {
    const escapes = `{"type":"x","data":"${'\\"'.repeat(500_000)}"}`
    const digits = `{"type":"x","data":1${'0'.repeat(10_000)}}`
    const keys = `{"type":"x","data":{${Array.from({ length: 100_000 }, (_, n) => `"k${n}":0`).join(',')}}}`
    for (const mode of modes) {
      for (const text of [escapes, digits, keys]) expect(decodeClientMessage(text, mode).kind).toBe('event')
      expect(refusalOf(`{"type":"x","id":1${'0'.repeat(10_000)}}`, mode)).toMatchObject({ code: 'invalid' })
    }
  })

  it('takes the last of duplicate keys', () => {
    const text = '{"type":"a","data":1,"data":2,"type":"b"}'
    for (const mode of modes) {
      expect(decodeClientMessage(text, mode)).toMatchObject({ event: 'b', args: [2] })
    }
  })
})
