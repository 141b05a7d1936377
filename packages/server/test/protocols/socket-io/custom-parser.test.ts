import { EventEmitter } from 'node:events'
import { io as connect, type Socket as StockSocket } from 'socket.io-client'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { customParser } from '../../../src/protocols/socket-io/custom-parser.ts'
import { type Packet, PacketType } from '../../../src/protocols/socket-io/packet.ts'
import { once, serve } from '../../served.ts'
import { Reader } from './decoded.ts'
import * as msgpack from './tiny-msgpack.ts'

const { event, ack } = PacketType

const parser = customParser(msgpack)
const packed = (...packets: readonly object[]): Buffer =>
  Buffer.concat(packets.flatMap((packet) => new msgpack.Encoder().encode(packet)))

describe('an application’s own parser', () => {
  const packet: Packet = { type: event, nsp: '/ops', id: 300, data: ['hé', { bytes: Buffer.of(1, 2) }, -1.5, null] }

  test('writes messages, and reads them', () => {
    const [message] = parser.encode(packet) as [Buffer]
    expect(message).toEqual(packed(packet))
    const reader = new Reader(parser).read(message, message)
    expect(reader.packets).toEqual([packet, packet])
    expect(reader.errors).toEqual([])
  })

  test('may write bytes as any Uint8Array', () => {
    const bytes = Uint8Array.of(9, 1, 2, 9).subarray(1, 3)
    const Encoder = class {
      encode = () => ['text', bytes]
    }
    const parts = customParser({ Encoder, Decoder: msgpack.Decoder }).encode(packet)
    expect(parts).toEqual(['text', Buffer.of(1, 2)])
    expect(Buffer.isBuffer(parts[1])).toBe(true)
  })

  test('may tell several packets of one message, in order', () => {
    const second: Packet = { type: ack, nsp: '/', id: 0, data: [] }
    expect(new Reader(parser).read(packed(packet, second)).packets).toEqual([packet, second])
  })

  test('keeps its own state from one message to the next, for each connection alone', () => {
    class Decoder extends EventEmitter {
      #parts: unknown[] = []
      add(part: unknown): void {
        this.#parts.push(part)
        if (part !== 'end') return
        this.emit('decoded', { type: event, nsp: '/', data: this.#parts.slice(0, -1) })
        this.#parts = []
      }
    }
    const parser = customParser({ Encoder: msgpack.Encoder, Decoder })
    const [one, other] = [new Reader(parser), new Reader(parser)]
    one.read('a', Buffer.of(1))
    other.read('b', 'end')
    one.read('end', 'c', 'end')
    expect(one.packets.map(({ data }) => data)).toEqual([['a', Buffer.of(1)], ['c']])
    expect(other.packets.map(({ data }) => data)).toEqual([['b']])
  })

  test('may take its time', async () => {
    class Decoder extends EventEmitter {
      add(data: unknown): void {
        setImmediate(() => this.emit('decoded', { type: event, nsp: '/', data: [data] }))
      }
    }
    const reader = new Reader(customParser({ Encoder: msgpack.Encoder, Decoder })).read('a', 'b')
    expect(reader.packets).toEqual([])
    await new Promise((resolve) => setImmediate(resolve))
    expect(reader.packets.map(({ data }) => data)).toEqual([['a'], ['b']])
  })

  test('is told when nothing more comes', () => {
    let made: msgpack.Decoder | undefined
    class Decoder extends msgpack.Decoder {
      constructor() {
        super()
        made = this
      }
    }
    const reader = new Reader(customParser({ Encoder: msgpack.Encoder, Decoder })).read(packed(packet))
    reader.unfinished?.drop()
    expect(made?.isDestroyed).toBe(true)
  })

  test('finds what is no message of its own invalid, by its own words', () => {
    expect(new Reader(parser).read('2["x"]', Buffer.of(0xc1)).errors).toEqual(['invalid format', 'invalid format'])
  })

  test('tells what came before in the same message', () => {
    const reader = new Reader(parser).read(Buffer.concat([packed(packet), Buffer.of(0xc1)]))
    expect(reader.packets).toEqual([packet])
    expect(reader.errors).toEqual(['invalid format'])
  })

  test('need not look at what it reads', () => {
    const data = ['x']
    const wrong: readonly unknown[] = [
      ...[null, 5, 'text', [], {}, { type: event }, { type: event, nsp: '/' }, { type: event, data }],
      ...[
        { type: 'event', nsp: '/', data },
        { type: 7, nsp: '/', data },
        { type: 1.5, nsp: '/', data },
      ],
      ...[
        { type: event, nsp: 5, data },
        { type: event, nsp: '/', data: 'x' },
        { type: event, nsp: '/', data: [] },
      ],
      ...[
        { type: event, nsp: '/', data: ['disconnect'] },
        { type: event, nsp: '/', data, id: 'x' },
      ],
      ...[
        { type: event, nsp: '/', data, id: 1.5 },
        { type: ack, nsp: '/', id: 1, data: {} },
        { type: ack, nsp: '/', data },
      ],
      ...[
        { type: 0, nsp: '/', data: 'x' },
        { type: 1, nsp: '/', data: {} },
      ],
    ]
    for (const value of wrong) {
      const reader = new Reader(parser).read(packed(value as object))
      expect([value, reader.errors]).toEqual([value, ['invalid payload']])
      expect(reader.packets).toEqual([])
    }
  })
})

describe.each(['polling', 'websocket'] as const)('the stock client with the same parser over %s', (transport) => {
  const start = async (): Promise<{ io: Awaited<ReturnType<typeof serve>>['io']; client: StockSocket }> => {
    const { io, url } = await serve({ parser: msgpack })
    const options = { transports: [transport], parser: msgpack, forceNew: true, reconnection: false }
    const client = connect(url.replace('ws:', 'http:'), options)
    onTestFinished(() => {
      client.disconnect()
    })
    return { io, client }
  }

  test('is heard, answered and spoken to, with bytes in it', async () => {
    const { io, client } = await start()
    io.on('connection', (socket) => {
      socket.on('echo', (...args) => {
        const ack = args.pop()
        ack(...args)
        socket.emit('one', ...args)
        io.emit('all', ...args)
      })
    })
    const heard = Promise.all([once(client, 'one'), once(client, 'all')])
    const said = ['hé', { bytes: Buffer.of(1, 2) }, [1, -2.5, null]]
    const answer = await new Promise<unknown[]>((resolve) =>
      client.emit('echo', ...said, (...args: unknown[]) => resolve(args)),
    )
    expect(answer).toEqual(said)
    expect(await heard).toEqual([said, said])
  })

  test('acknowledges what it is asked', async () => {
    const { io, client } = await start()
    client.on('question', (value, ack) => ack({ value, bytes: Buffer.of(3) }))
    const [socket] = (await once(io, 'connection')) as [{ emitWithAck(event: string, value: number): Promise<unknown> }]
    expect(await socket.emitWithAck('question', 5)).toEqual({ value: 5, bytes: Buffer.of(3) })
  })

  test('is refused by middlewares, and leaves', async () => {
    const { io, client } = await start()
    io.use((socket, next) =>
      next(socket.handshake.auth.pass ? undefined : Object.assign(new Error('no'), { data: { code: 7 } })),
    )
    const [error] = (await once(client, 'connect_error')) as [Error & { data: unknown }]
    expect([error.message, error.data]).toEqual(['no', { code: 7 }])
    const came = once(io, 'connection') as Promise<[{ once(event: string, listener: unknown): unknown }]>
    client.auth = { pass: true }
    client.connect()
    const [socket] = await came
    const reason = once(socket as never, 'disconnect')
    client.disconnect()
    expect(await reason).toEqual([expect.stringMatching(/^(client namespace disconnect|transport close)$/)])
  })
})

test('a client that sends what the parser does not know is closed, and its socket is told', async () => {
  const { io, url } = await serve({ parser: msgpack })
  const came = once(io, 'connection') as Promise<[{ once(event: string, listener: unknown): unknown }]>
  const raw = new WebSocket(`${url}/socket.io/?EIO=4&transport=websocket`)
  const closed = new Promise((resolve) => raw.once('close', resolve))
  raw.once('open', () => raw.send(packed({ type: 0, nsp: '/' })))
  const [socket] = await came
  const ended = Promise.all([once(socket as never, 'error'), once(socket as never, 'disconnect')])
  raw.send(packed({ type: event, nsp: '/', data: { not: 'a list' } }))
  const [[error], reason] = await ended
  expect([(error as Error).message, reason]).toEqual(['invalid payload', ['forced close']])
  await closed
})
