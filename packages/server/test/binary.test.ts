import { describe, expect, it } from 'vitest'
import type { Socket } from '../src/index.ts'
import { serve } from './served.ts'
import { come, connect, type TestClient } from './test-client.ts'

const bytes = Buffer.from([1, 2, 3])
const $binary = bytes.toString('base64')

/** Bytes in every shape that JavaScript has for them. */
const shapes: [string, unknown][] = [
  ['a Buffer', bytes],
  ['a Uint8Array', new Uint8Array(bytes)],
  ['a part of a larger array', new Uint8Array([9, 1, 2, 3, 9]).subarray(1, 4)],
  ['an ArrayBuffer', new Uint8Array(bytes).buffer],
  ['a DataView', new DataView(new Uint8Array(bytes).buffer)],
]

/** A client that is in, in each of the two modes, and its socket. */
async function pair(mode: 'lenient' | 'strict') {
  const { io, url } = await serve()
  const came = new Promise<Socket>((resolve) => io.once('connection', resolve))
  const client: TestClient = mode === 'strict' ? (await come(url)).client : await connect(url)
  return { io, client, socket: await came }
}

describe.each(['lenient', 'strict'] as const)('bytes, with a %s client', (mode) => {
  it('come as Buffers, however deep, in arguments and in acknowledgements', async () => {
    const { client, socket } = await pair(mode)
    const heard: unknown[] = []
    socket.on('e', (...args) => {
      const ack = args.pop()
      heard.push(args)
      ack(args[0], { again: args })
    })
    const answer = await client.ask({ type: 'e', args: [{ $binary }, { deep: [{ $binary }] }] })
    expect(heard).toEqual([[bytes, { deep: [bytes] }]])
    const all = heard.flat(3) as [Buffer, { deep: Buffer[] }]
    expect([Buffer.isBuffer(all[0]), Buffer.isBuffer(all[1].deep[0])]).toEqual([true, true])
    expect(answer).toEqual({ args: [{ $binary }, { again: [{ $binary }, { deep: [{ $binary }] }] }] })
  })

  it('come as the event message from a binary frame', async () => {
    const { client, socket } = await pair(mode)
    const heard: unknown[] = []
    socket.on('message', (...args) => void heard.push(args))
    client.say(new Uint8Array(bytes))
    await client.rest()
    expect(heard).toEqual([[bytes]])
    expect(Buffer.isBuffer((heard as Buffer[][])[0]?.[0])).toBe(true)
  })

  it.each(shapes)('go out as %s in arguments', async (_, shape) => {
    const { io, client, socket } = await pair(mode)
    const nested = { deep: [{ $binary }], keep: { $$binary: 'a key of its own' } }
    socket.emit('one', shape)
    io.emit('two', { deep: [shape], keep: { $binary: 'a key of its own' } }, 2)
    expect((await client.take()).data).toEqual({ $binary })
    expect((await client.take()).args).toEqual([nested, 2])
  })

  it.each(shapes)('go out as %s in an acknowledgement, and come in one', async (_, shape) => {
    const { client, socket } = await pair(mode)
    socket.on('give', (ack) => ack(shape, [shape]))
    expect(await client.ask({ type: 'give', args: [] })).toEqual({ args: [{ $binary }, [{ $binary }]] })
    const asked = socket.emitWithAck('take', shape)
    const { id, data } = await client.take()
    expect(data).toEqual({ $binary })
    client.say({ type: 'ack', id, data: { in: { $binary } } })
    expect(await asked).toEqual({ in: bytes })
  })
})

describe('bytes that are said as message', () => {
  it.each(shapes)('are a binary frame to a lenient client: %s', async (_, shape) => {
    const { io, client, socket } = await pair('lenient')
    socket.send(shape)
    socket.volatile.emit('message', shape)
    io.send(shape)
    expect(await client.rest()).toEqual([bytes, bytes, bytes])
  })
})
