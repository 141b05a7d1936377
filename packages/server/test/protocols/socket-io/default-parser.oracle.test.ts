import fc from 'fast-check'
import { Decoder, Encoder } from 'socket.io-parser'
import { describe, expect, test } from 'vitest'
import { runs } from '../../../../../test/torture.ts'
import { defaultParser } from '../../../src/protocols/socket-io/default-parser.ts'
import { type Packet, PacketType } from '../../../src/protocols/socket-io/packet.ts'
import { Reader } from './decoded.ts'

const { connect, disconnect, event, ack, connectError } = PacketType
const encoder = new Encoder()

const name = fc.string({ minLength: 1, maxLength: 5 }).filter((text) => text !== '__proto__')
const bytes = fc.uint8Array({ maxLength: 8 }).map((array) => Buffer.from(array))
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    ),
    bytes,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4 }),
  ),
})).value
const values = fc.array(value, { maxLength: 4 })
const nsp = fc.oneof(fc.constant('/'), fc.stringMatching(/^\/[a-z0-9/?=-]{0,8}$/))
const id = fc.oneof(fc.constant(undefined), fc.nat(), fc.maxSafeNat())
const eventName = fc.oneof(
  fc.nat(),
  fc.string({ unit: 'binary' }).filter((text) => !/^(dis)?connect(ing|_error)?$|^(new|remove)Listener$/.test(text)),
)

const packet: fc.Arbitrary<Packet> = fc.oneof(
  fc.record({ type: fc.constant(connect), nsp }),
  fc.record({ type: fc.constant(disconnect), nsp }),
  fc.record({ type: fc.constantFrom(connect, connectError), nsp, data: fc.dictionary(name, fc.jsonValue()) }),
  fc
    .tuple(nsp, id, eventName, values)
    .map(([nsp, id, name, args]) => ({ type: event, nsp, data: [name, ...args], ...(id !== undefined && { id }) })),
  fc.tuple(nsp, fc.maxSafeNat(), values).map(([nsp, id, data]) => ({ type: ack, nsp, data, id })),
)

const few = (packet: Packet): boolean => encoder.encode({ ...packet } as never).length <= 11

/** What socket.io-parser makes of messages. */
function reference(...messages: readonly (string | Buffer)[]): { packets: Packet[]; isInvalid: boolean } {
  const decoder = new Decoder()
  const packets: Packet[] = []
  decoder.on('decoded', (packet) => packets.push(packet as Packet))
  try {
    for (const message of messages) decoder.add(message)
    return { packets, isInvalid: false }
  } catch {
    return { packets, isInvalid: true }
  }
}

/** Without what is not there: socket.io-parser leaves names without values, and counts. */
const bare = ({ type, nsp, id, data }: Packet): Packet => ({
  type,
  nsp,
  ...(id !== undefined && { id: Number(id) }),
  ...(data !== undefined && { data }),
})

describe('beside socket.io-parser, the default parser', () => {
  test('writes any packet to the byte as that one does', () => {
    fc.assert(
      fc.property(packet, (given) => {
        const ours = defaultParser.encode(given)
        expect(typeof ours === 'string' ? [ours] : ours).toEqual(encoder.encode({ ...given } as never))
      }),
      { numRuns: runs(500, 20_000) },
    )
  })

  test('reads what that one writes, and that one reads what it writes', () => {
    fc.assert(
      fc.property(packet.filter(few), (given) => {
        const theirs = encoder.encode({ ...given } as never) as (string | Buffer)[]
        const reader = new Reader(defaultParser).read(...theirs)
        expect(reader.errors).toEqual([])
        const [read] = reference(...theirs).packets
        expect(reader.packets.map(bare)).toEqual([bare(read as Packet)])
        const ours = defaultParser.encode(given)
        expect(reference(...(typeof ours === 'string' ? [ours] : ours)).packets.map(bare)).toEqual([
          bare(read as Packet),
        ])
      }),
      { numRuns: runs(500, 20_000) },
    )
  })

  test('takes and refuses the same texts, but for what is known', () => {
    let taken = 0
    const piece = fc.oneof(
      fc.constantFrom(
        '0',
        '1',
        '2',
        '3',
        '4',
        '5',
        '6',
        '7',
        '1-',
        '0-',
        '11-',
        '-',
        '/',
        '/ops',
        ',',
        '/ops,',
        '12',
        '007',
      ),
      fc.constantFrom(
        '[',
        ']',
        '{',
        '}',
        '"x"',
        '["x"]',
        '["x",{"_placeholder":true,"num":0}]',
        '[]',
        '{}',
        '[7]',
        '["connect"]',
      ),
      fc.constantFrom('null', 'true', '{"a":1}', '1.5', 'e', '[[["x"]]]', '["disconnecting"]', '"', 'x', 'é', '\u0000'),
    )
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (pieces) => {
        const text = pieces.join('')
        if (isKnownDifference(text)) return
        const reader = new Reader(defaultParser).read(text)
        const theirs = reference(text)
        expect([text, reader.errors.length > 0]).toEqual([text, theirs.isInvalid])
        expect(reader.packets.map(bare)).toEqual(theirs.packets.map(bare))
        if (!theirs.isInvalid) taken++
      }),
      { numRuns: runs(5_000, 200_000) },
    )
    expect(taken).toBeGreaterThan(20)
  })
})

/** Where the protocol's document is stricter than that parser, or laxer. */
function isKnownDifference(text: string): boolean {
  const type = text.charAt(0)
  const isBinary = type === '5' || type === '6'
  const count = isBinary ? /^(.*?)-/s.exec(text.slice(1))?.[1] : undefined
  // it reads counts as numbers, and refuses 0
  if (count !== undefined && (!/^\d+$/.test(count) || Number(count) === 0)) return true
  const rest = text.slice(count === undefined ? 1 : 2 + count.length)
  const [, id = '', json = ''] = /^(?:\/[^,]*,?)?(\d*)(.*)$/s.exec(rest) ?? []
  // it looks at data where there is some, and not at all whether an acknowledgement has an id
  if ((type === '2' || type === '3' || isBinary) && json === '') return true
  if ((type === '3' || type === '6') && id === '') return true
  // it reads ids as numbers
  return id.length > 15
}
