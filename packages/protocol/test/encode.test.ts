import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bareTextOf,
  bytesOf,
  decodeClientMessage,
  decodeServerMessage,
  encodeAckText,
  encodeEventStreamData,
  encodeHistoryPage,
  encodePublication,
  encodeRecord,
  isMessageText,
  type OutgoingPublication,
  stringifyArgs,
  stringOf,
} from '../src/index.ts'
import { encodeServerPacket, toNotation } from './vectors.ts'

const text = fc.string({ unit: 'binary' })

describe('bare text', () => {
  it('is the string itself, and never a message or pong', () => {
    fc.assert(
      fc.property(
        fc.oneof(text, fc.json(), fc.constantFrom('pong', 'ping', '{"type":"ack"}', ' {"type":""}')),
        (each) => {
          const argsText = stringifyArgs([each])
          expect(stringOf(argsText, 1)).toBe(each)
          const hidden = each === 'pong' || isMessageText(each)
          expect(bareTextOf(argsText, 1)).toBe(hidden ? undefined : each)
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it('goes round: what a lenient client said and everybody sees', () => {
    fc.assert(
      fc.property(text, (each) => {
        fc.pre(each !== 'ping' && each !== 'pong' && !isMessageText(each))
        const packet = decodeClientMessage(each, 'lenient')
        if (packet.kind !== 'event') throw new Error('no event')
        expect(bareTextOf(stringifyArgs(packet.args), packet.args.length)).toBe(each)
      }),
    )
  })

  it('is not made of two strings that look like one', () => {
    expect(stringOf('["a","b"]', 2)).toBeUndefined()
    expect(bareTextOf('[]', 0)).toBeUndefined()
  })

  it('hides a message behind 100,000 brackets too', () => {
    const deep = `{"type":"welcome","x":${'['.repeat(50_000)}${']'.repeat(50_000)}}`
    expect(bareTextOf(stringifyArgs([deep]), 1)).toBeUndefined()
  })
})

describe('bytesOf', () => {
  it('finds the bytes where the one argument is bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect([...(bytesOf(stringifyArgs([bytes]), 1) ?? ['none'])]).toEqual([...bytes])
      }),
    )
  })

  it.each([[[{ $binary: 'AA==' }]], [[{ a: new Uint8Array(1) }]], [[new Uint8Array(1), 1]], [['x']], [[]]])(
    'finds none in %j',
    (args) => {
      expect(bytesOf(stringifyArgs(args), args.length)).toBeUndefined()
    },
  )
})

const publication: OutgoingPublication = {
  room: 'lobby',
  seq: 41,
  event: 'history',
  from: { id: 'guest:7', name: 'Ada' },
  at: 1_790_000_000_000,
  argsText: '["hi"]',
  arity: 1,
}

describe('a publication', () => {
  it('is an item of history with its event by its own name', () => {
    expect(encodeRecord(publication)).toBe(
      '{"room":"lobby","seq":41,"event":"history","from":{"id":"guest:7","name":"Ada"},"at":1790000000000,"data":"hi"}',
    )
    const page = encodeHistoryPage([encodeRecord(publication), encodeRecord(publication)], 'e1', true)
    expect(decodeServerMessage(encodeAckText(3, page))).toMatchObject({
      kind: 'ack',
      id: 3,
      args: [{ publications: [{ event: 'history', data: 'hi' }, { seq: 41 }], epoch: 'e1', more: true }],
    })
    expect(encodeHistoryPage([], 'e1', false)).toBe('{"publications":[],"epoch":"e1","more":false}')
  })

  it('is the data of a server-sent event without its event', () => {
    expect(encodeEventStreamData(publication)).toBe(
      '{"room":"lobby","seq":41,"from":{"id":"guest:7","name":"Ada"},"at":1790000000000,"data":"hi"}',
    )
  })

  it('is one line, whatever is in it', () => {
    fc.assert(
      fc.property(text, text, (room, data) => {
        const line = encodeEventStreamData({ ...publication, room, argsText: stringifyArgs([data]) })
        expect(line).not.toMatch(/[\r\n]/)
      }),
    )
  })

  it('shows only id and name of its sender', () => {
    const from = { id: 'u1', name: 'Ada', privateId: 'secret' }
    expect(encodePublication({ ...publication, from })).not.toContain('secret')
  })

  it('is read back as it was said', () => {
    const identity = fc.record({ id: text, name: text })
    const packet = fc.record({
      kind: fc.constant('publication' as const),
      room: text,
      event: text,
      seq: fc.option(fc.maxSafeNat(), { nil: undefined }),
      from: fc.option(identity),
      at: fc.maxSafeNat(),
      args: fc.array(fc.oneof(fc.jsonValue(), fc.uint8Array()), { maxLength: 3 }),
    })
    fc.assert(
      fc.property(packet, (each) => {
        // JSON has no -0.
        const written = JSON.parse(JSON.stringify(toNotation(each)))
        expect(toNotation(decodeServerMessage(encodeServerPacket(each)))).toEqual(written)
      }),
      { numRuns: 500 },
    )
  })
})
