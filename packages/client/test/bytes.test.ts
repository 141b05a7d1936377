import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { settled } from './fake-clock.ts'
import { setting } from './setting.ts'

const bytes = new Uint8Array([1, 2, 255])
const written = { $binary: 'AQL/' }

describe('bytes', () => {
  it.each([
    ['a Uint8Array', bytes],
    ['a view of a part', new Uint8Array([9, 1, 2, 255, 9]).subarray(1, 4)],
    ['an ArrayBuffer', bytes.slice().buffer],
    ['a Buffer', Buffer.from(bytes)],
    ['a DataView', new DataView(bytes.slice().buffer)],
  ])('travel as a binary frame where %s is all that a message is', async (_, value) => {
    const { client, server } = setting()
    const socket = await server.welcome()
    client.emit('message', value)
    expect(socket.frames).toEqual([bytes])
    expect(socket.received.map(({ type }) => type)).toEqual(['connect', 'ping'])
  })

  it('are copied when they are said, not when they are sent', async () => {
    const { client, server } = setting()
    const own = bytes.slice()
    client.emit('message', own)
    own.fill(0)
    expect((await server.welcome()).frames).toEqual([bytes])
  })

  it('are written into JSON everywhere else', async () => {
    const { client, server } = setting()
    const socket = await server.welcome()
    client.emit('upload', { part: bytes }, [bytes.buffer])
    expect(socket.last('upload').args).toEqual([{ part: written }, [written]])
    client.emit('message', bytes, 1)
    expect(socket.last('message').args).toEqual([written, 1])
    client.emit('message', bytes, () => {})
    expect(socket.last('message')).toMatchObject({ id: expect.any(Number), data: written })
    void client.publish('lobby', Buffer.from(bytes))
    expect(socket.last('publish').data).toEqual(written)
    void client.emitWithAck('save', bytes)
    expect(socket.last('save').data).toEqual(written)
    expect(socket.frames).toEqual([])
  })

  it('are plain Uint8Arrays when they come', async () => {
    const { client, server } = setting()
    const heard: unknown[] = []
    for (const event of ['message', 'file']) client.on(event, (...args: unknown[]) => heard.push(...args))
    const socket = await server.welcome()
    socket.say(bytes.slice().buffer)
    socket.say({ type: 'file', args: [written, { parts: [written, { name: 'a' }] }] })
    socket.publication('lobby', 1, written)
    expect(heard).toEqual([bytes, bytes, { parts: [bytes, { name: 'a' }] }, bytes])
    for (const each of [heard[0], heard[1], heard[3]]) expect(Object.getPrototypeOf(each)).toBe(Uint8Array.prototype)

    const answer = client.emitWithAck('load')
    socket.ack('load', written)
    expect(Object.getPrototypeOf(await answer)).toBe(Uint8Array.prototype)
    const page = client.history('lobby')
    const publication = { room: 'lobby', seq: 7, event: 'message', from: null, at: 5, data: written }
    socket.ack('history', { publications: [publication], epoch: 'e1', more: false })
    const [only] = (await page).publications
    expect(only?.data).toEqual(bytes)
    expect(Object.getPrototypeOf(only?.data)).toBe(Uint8Array.prototype)
  })

  it('are an answer too', async () => {
    const { client, server } = setting()
    client.on('thumbnail', async () => bytes)
    const socket = await server.welcome()
    socket.say({ type: 'thumbnail', id: 4 })
    await settled()
    expect(socket.last('ack')).toEqual({ type: 'ack', id: 4, data: written })
  })

  it('of a Blob are refused with what to do, wherever it is', async () => {
    const { client } = setting({ autoConnect: false })
    const blob = new Blob(['x'])
    expect(() => client.emit('message', blob)).toThrow('await blob.arrayBuffer()')
    await expect(client.publish('lobby', { files: [blob] })).rejects.toThrow(TypeError)
    await expect(client.emitWithAck('save', 1, blob)).rejects.toThrow('Blob')
    expect(() => client.emit('empty', {}, { toJSON: () => ({}), self: blob })).not.toThrow()
  })
})

describe('an answer', () => {
  it('that is larger than the server takes is refused in its place', async () => {
    const { client, server } = setting()
    client.on('question', () => 'x'.repeat(500))
    const socket = await server.welcome({ maxPayloadBytes: 200 })
    socket.say({ type: 'question', id: 4 })
    await settled()
    expect(socket.last('ack')).toMatchObject({ id: 4, error: { code: 'too_large' } })
  })

  it('that cannot be said is refused, and its error surfaces', async () => {
    const surfaced: unknown[] = []
    vi.stubGlobal('queueMicrotask', (callback: () => void) => {
      try {
        callback()
      } catch (error) {
        surfaced.push(error)
      }
    })
    onTestFinished(() => void vi.unstubAllGlobals())
    const { client, server } = setting()
    client.on('question', () => 1n)
    const socket = await server.welcome()
    socket.say({ type: 'question', id: 4 })
    await settled()
    expect(socket.last('ack')).toMatchObject({ id: 4, error: { code: 'internal' } })
    expect(surfaced).toEqual([expect.any(TypeError)])
  })
})
