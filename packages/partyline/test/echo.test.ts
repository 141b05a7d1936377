import { describe, expect, it } from 'vitest'
import { client, serve, strictClient } from './setting.ts'

describe('/echo', () => {
  it('answers a text with "Echo: " and the text', async () => {
    const { urls } = await serve()
    const ada = await client(urls.echo)
    ada.say('Hello Server!')
    await ada.until(1)
    expect(ada.heard).toEqual(['Echo: Hello Server!'])
  })

  it('answers bytes with the same bytes', async () => {
    const { urls } = await serve()
    const ada = await client(urls.echo)
    ada.say(Buffer.from([1, 2, 254]))
    await ada.until(1)
    expect(ada.heard).toEqual([Buffer.from([1, 2, 254])])
  })

  it.each([
    ['an object', { type: 'save', data: { a: [1, null] } }, { type: 'save', data: { a: [1, null] } }],
    ['several arguments', { type: 'move', args: [1, 2] }, { type: 'move', args: [1, 2] }],
    ['no argument', { type: 'move', args: [] }, { type: 'move' }],
    ['a message that is no text', { type: 'message', data: { a: 1 } }, { type: 'message', data: { a: 1 } }],
    ['a name of our own protocol', { type: '$history', data: 1 }, { type: '$history', data: 1 }],
    ['bytes inside JSON', { type: 'save', data: { $binary: 'AP8=' } }, { type: 'save', data: { $binary: 'AP8=' } }],
    ['an event that asks for an answer', { type: 'save', data: 1, id: 7 }, { type: 'ack', id: 7, data: 1 }],
    [
      'a text that asks for an answer',
      { type: 'message', data: 'hi', id: 'x' },
      { type: 'ack', id: 'x', data: 'Echo: hi' },
    ],
  ])('answers %s with itself', async (_, said, heard) => {
    const { urls } = await serve()
    const ada = await client(urls.echo)
    ada.say(said)
    await ada.until(1)
    expect(ada.json()).toEqual([heard])
  })

  it('answers one client alone, and strict ones too', async () => {
    const { urls } = await serve()
    const [ada, ben] = [await strictClient(urls.echo, 'Ada'), await strictClient(urls.echo, 'Ben')]
    ada.say({ type: 'message', data: 'hi' })
    await ada.until(2)
    ben.say({ type: 'ping' })
    await ben.until(2)
    expect(ada.json()[1]).toEqual({ type: 'message', data: 'Echo: hi' })
    expect(ben.json()[1]).toEqual({ type: 'pong' })
  })

  it('has no rooms', async () => {
    const { urls } = await serve()
    const ada = await client(urls.echo)
    ada.say({ type: 'subscribe', room: 'lobby', id: 1 })
    await ada.until(1)
    expect(ada.json()[0]).toMatchObject({ error: { code: 'unknown_room' } })
  })
})
