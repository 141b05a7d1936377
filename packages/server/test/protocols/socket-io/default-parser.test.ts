import { describe, expect, test } from 'vitest'
import { defaultParser } from '../../../src/protocols/socket-io/default-parser.ts'
import { type Packet, PacketType } from '../../../src/protocols/socket-io/packet.ts'
import { Reader } from './decoded.ts'

const { connect, disconnect, event, ack, connectError } = PacketType
const place = (num: number) => ({ _placeholder: true, num })

/** Packets and their messages, in both directions. */
const texts: readonly (readonly [packet: Packet, text: string])[] = [
  [{ type: connect, nsp: '/' }, '0'],
  [{ type: connect, nsp: '/', data: { token: 't1' } }, '0{"token":"t1"}'],
  [{ type: connect, nsp: '/ops' }, '0/ops,'],
  [{ type: connect, nsp: '/ops', data: { sid: 'a' } }, '0/ops,{"sid":"a"}'],
  [
    { type: connectError, nsp: '/ops', data: { message: 'denied', data: { code: 7 } } },
    '4/ops,{"message":"denied","data":{"code":7}}',
  ],
  [{ type: event, nsp: '/', data: ['chat', 'hé', [1, null]] }, '2["chat","hé",[1,null]]'],
  [{ type: event, nsp: '/ops', id: 12, data: ['save', { a: 1 }] }, '2/ops,12["save",{"a":1}]'],
  [{ type: event, nsp: '/', data: [7, 'x'] }, '2[7,"x"]'],
  [{ type: ack, nsp: '/ops', id: 12, data: ['ok', 3] }, '3/ops,12["ok",3]'],
  [{ type: ack, nsp: '/', id: 0, data: [] }, '30[]'],
  [{ type: disconnect, nsp: '/' }, '1'],
  [{ type: disconnect, nsp: '/ops' }, '1/ops,'],
  [{ type: ack, nsp: '/', id: '9007199254740993', data: [] }, '39007199254740993[]'],
  [{ type: ack, nsp: '/', id: '007', data: [] }, '3007[]'],
]

const binaries: [packet: Packet, ...messages: (string | Buffer)[]][] = [
  [
    { type: event, nsp: '/', data: ['pic', Buffer.from('deadbeef', 'hex')] },
    '51-["pic",{"_placeholder":true,"num":0}]',
    Buffer.from('deadbeef', 'hex'),
  ],
  [
    { type: ack, nsp: '/ops', id: 4, data: [Buffer.of(1), { deep: [Buffer.of()] }] },
    '62-/ops,4[{"_placeholder":true,"num":0},{"deep":[{"_placeholder":true,"num":1}]}]',
    Buffer.of(1),
    Buffer.of(),
  ],
]

describe('the default parser', () => {
  test.each(texts)('writes and reads %j as %s', (packet, text) => {
    expect(defaultParser.encode(packet)).toEqual(text)
    const reader = new Reader(defaultParser).read(text)
    expect(reader.packets).toEqual([packet])
    expect(reader.unfinished).toBeUndefined()
  })

  test.each(binaries)('writes and reads %j with its attachments', (packet, ...messages) => {
    expect(defaultParser.encode(packet)).toEqual(messages)
    const reader = new Reader(defaultParser)
    for (const message of messages) {
      expect(reader.packets).toEqual([])
      reader.read(message)
    }
    expect(reader.packets).toEqual([packet])
    expect(reader.unfinished).toBeUndefined()
  })

  test('reads several packets of one connection behind each other', () => {
    const reader = new Reader(defaultParser)
    for (const [, text] of texts) reader.read(text)
    for (const [, ...messages] of binaries) reader.read(...messages)
    expect(reader.packets).toEqual([...texts, ...binaries].map(([packet]) => packet))
    expect(reader.errors).toEqual([])
  })

  test('takes a namespace without its comma where nothing follows', () => {
    expect(new Reader(defaultParser).read('0/ops', '1/ops').packets).toEqual([
      { type: connect, nsp: '/ops' },
      { type: disconnect, nsp: '/ops' },
    ])
  })

  test('takes everything up to the comma for the namespace', () => {
    const { packets } = new Reader(defaultParser).read('0/ops?token=1,{}', '2/a/b-1[{,["x"]')
    expect(packets).toEqual([
      { type: connect, nsp: '/ops?token=1', data: {} },
      { type: event, nsp: '/a/b-1[{', data: ['x'] },
    ])
  })

  test('finds attachments by number: in any order, and one of them twice', () => {
    const [one, two] = [Buffer.of(1), Buffer.of(2)]
    const text = `52-${JSON.stringify(['x', place(1), place(0), { again: place(1) }])}`
    expect(new Reader(defaultParser).read(text, one, two).packets).toEqual([
      { type: event, nsp: '/', data: ['x', two, one, { again: two }] },
    ])
  })

  test('completes a packet without attachments at once', () => {
    const reader = new Reader(defaultParser).read('50-["x"]', '2["y"]', '60-/ops,3[]')
    expect(reader.packets.map(({ data }) => data)).toEqual([['x'], ['y'], []])
    expect(reader.errors).toEqual([])
  })

  test('leaves what looks like a place alone where there are no attachments', () => {
    expect(new Reader(defaultParser).read(`2${JSON.stringify(['x', place(0)])}`).packets).toEqual([
      { type: event, nsp: '/', data: ['x', place(0)] },
    ])
  })

  test('keeps names from the prototype of what it reads', () => {
    const text = '51-["x",{"__proto__":{"bytes":{"_placeholder":true,"num":0}},"constructor":1}]'
    const [packet] = new Reader(defaultParser).read(text, Buffer.of(1)).packets as [Packet]
    const [, value] = packet.data as [string, object]
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.getOwnPropertyDescriptor(value, '__proto__')?.value).toEqual({ bytes: Buffer.of(1) })
  })

  test('does not change what it writes', () => {
    const data = ['x', { bytes: Buffer.of(1), list: [Buffer.of(2)] }]
    defaultParser.encode({ type: event, nsp: '/', data })
    expect(data).toEqual(['x', { bytes: Buffer.of(1), list: [Buffer.of(2)] }])
  })
})

const nested = (depth: number): string => `2["x",${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}]`

const invalid: Readonly<Record<string, readonly string[]>> = {
  'unknown packet type 7': ['7', '7["x"]'],
  'unknown packet type 9': ['9'],
  'unknown packet type a': ['abc'],
  'unknown packet type -': ['-1'],
  'unknown packet type  ': [' 2["x"]'],
  'unknown packet type ': [''],
  'Illegal attachments': [
    ...[
      '5',
      '51',
      '5-["x"]',
      '5a-["x"]',
      '51.2-["x"]',
      '5["x"]',
      '6',
      '5+1-["x"]',
      '51e0-["x"]',
      '5 1-["x"]',
      '50x1-["x"]',
    ],
    ...['5٣-["x"]', '51,-["x"]'],
  ],
  'too many attachments': ['511-["x"]', '599999999999999999999999-["x"]'],
  'invalid payload': [
    ...['0[]', '0"x"', '0null', '01x', '1{}', '1[]', '10x'],
    ...[
      '2',
      '23',
      '2/',
      '2/,',
      '2{}',
      '2null',
      '2"x"',
      '2[',
      '2["x"',
      '2["x"]]',
      '2["x"]2',
      '2[]',
      '2[null]',
      '2[{}]',
      '2[true]',
    ],
    ...['2["connect"]', '2["connect_error"]', '2["disconnect"]', '2["disconnecting"]', '2["newListener"]'],
    ...['2["removeListener"]', '51-["disconnect"]'],
    ...['3', '3[]', '30', '30{}', '30null', '3/ops,[]', '4null', '4[]', '4x', '50-', '60-[]'],
    ...[`2${'1'.repeat(101)}["x"]`, nested(65), nested(5_000)],
  ],
  'illegal attachments': ['50-["x",{"_placeholder":true,"num":0}]'],
}

describe('the default parser finds invalid', () => {
  for (const [error, messages] of Object.entries(invalid)) {
    test.each(messages)(`${error}: %j`, (message) => {
      const reader = new Reader(defaultParser).read(message)
      expect(reader.errors).toEqual([error])
      expect(reader.packets).toEqual([])
      expect(reader.unfinished).toBeUndefined()
    })
  }

  test('text while attachments are missing', () => {
    const reader = new Reader(defaultParser).read('51-["x",{"_placeholder":true,"num":0}]', '2["y"]')
    expect(reader.errors).toEqual(['got plaintext data when reconstructing a packet'])
    expect(reader.packets).toEqual([])
  })

  test('bytes that nobody waits for', () => {
    expect(new Reader(defaultParser).read(Buffer.of(1)).errors).toEqual([
      'got binary data when not reconstructing a packet',
    ])
  })

  test.each([1, -1, 0.5, '0', null, undefined, true, 'length', '__proto__', [0], 1e21])(
    'the place of attachment %j where there is one',
    (num) => {
      const text = `51-${JSON.stringify(['x', { _placeholder: true, num }])}`
      const reader = new Reader(defaultParser).read(text, Buffer.of(1))
      expect(reader.errors).toEqual(['illegal attachments'])
      expect(reader.packets).toEqual([])
    },
  )

  test('nothing at the limits themselves', () => {
    const ten = Array.from({ length: 10 }, (_, num) => place(num))
    const id = '9'.repeat(100)
    const reader = new Reader(defaultParser).read(nested(64), `2${id}["x"]`, `510-${JSON.stringify(['x', ...ten])}`)
    for (let i = 0; i < 10; i++) reader.read(Buffer.of(i))
    expect(reader.errors).toEqual([])
    expect(reader.packets.map(({ id }) => id)).toEqual([undefined, id, undefined])
  })
})
