import { describe, expect, it } from 'vitest'
import { client, serve, strictClient } from './setting.ts'

describe('the lobby', () => {
  it('is where two clients that know nothing but text chat', async () => {
    const { url } = await serve()
    const [ada, ben] = [await client(url), await client(url)]
    ada.say('hi')
    await ada.until(1)
    ben.say('hello')
    for (const each of [ada, ben]) {
      await each.until(2)
      expect(each.heard).toEqual(['hi', 'hello'])
    }
  })

  it('publishes an event "message" in the name of its sender, and acknowledges it with its position', async () => {
    const { url } = await serve()
    const [ada, ben] = [await strictClient(url, 'Ada'), await strictClient(url, 'Ben')]
    ben.say({ type: 'subscribe', room: 'lobby', id: 1 })
    await ben.until(2)
    ada.say({ type: 'message', data: 'hi', id: 7 })
    await ada.until(2)
    await ben.until(3)
    const { epoch, user } = ada.json()[0]
    expect(ada.json()[1]).toEqual({ type: 'ack', id: 7, data: { epoch, seq: expect.any(Number) } })
    const { seq } = ada.json()[1].data
    expect(ben.json()[2]).toMatchObject({ type: 'message', room: 'lobby', seq, from: user, data: 'hi' })
    expect(user).toMatchObject({ id: expect.stringMatching(/^guest:/), name: 'Ada' })
  })

  it('publishes a message once, however often it is sent with the same key', async () => {
    const { url } = await serve()
    const ada = await strictClient(url, 'Ada')
    for (const id of [1, 2]) ada.say({ type: 'message', data: 'hi', id, key: 'k' })
    await ada.until(3)
    ada.say({ type: 'history', room: 'lobby', id: 3 })
    await ada.until(4)
    const [, first, second, history] = ada.json()
    expect(second.data).toEqual(first.data)
    expect(history.data.publications).toHaveLength(1)
  })

  it('brings bytes to text clients as bytes', async () => {
    const { url } = await serve()
    const [ada, ben] = [await client(url), await client(url)]
    ada.say(Buffer.from([0, 255]))
    await ben.until(1)
    expect(ben.heard).toEqual([Buffer.from([0, 255])])
  })

  it('refuses a message of several arguments', async () => {
    const { url } = await serve()
    const ada = await client(url)
    ada.say({ type: 'message', args: ['a', 'b'], id: 1 })
    await ada.until(1)
    expect(ada.json()).toEqual([
      { type: 'ack', id: 1, error: { code: 'invalid', message: expect.stringContaining('one argument') } },
    ])
  })

  it('is not joined by itself with ?subscribe=none', async () => {
    const { url } = await serve()
    const [ada, ben] = [await client(`${url}/?subscribe=none`), await client(url)]
    ben.say('hi')
    await ben.until(1)
    ada.say('ping')
    await ada.until(1)
    expect(ada.heard).toEqual(['pong'])
  })

  it('is not joined by itself by a strict client', async () => {
    const { url } = await serve()
    const [ada, ben] = [await strictClient(url, 'Ada'), await client(url)]
    ben.say('hi')
    await ben.until(1)
    ada.say({ type: 'ping' })
    await ada.until(2)
    expect(ada.json()).toEqual([expect.objectContaining({ type: 'welcome', rooms: [] }), { type: 'pong' }])
  })

  it('gives who comes back with "since" what was missed', async () => {
    const { url } = await serve()
    const ada = await client(url)
    ada.say({ type: 'message', data: 'one', id: 1 })
    ada.say({ type: 'message', data: 'two', id: 2 })
    await expect.poll(() => ada.heard.filter((text) => String(text).includes('"ack"')).length).toBe(2)
    const [since] = ada.heard
      .filter((text) => String(text).includes('"ack"'))
      .map((text) => JSON.parse(String(text)).data)
    const back = await client(`${url}/?subscribe=none`)
    back.say({ type: 'subscribe', room: 'lobby', since, id: 1 })
    await back.until(2)
    expect(back.json()).toMatchObject([
      { type: 'message', data: 'two' },
      { type: 'ack', id: 1, data: { room: 'lobby', recovered: true } },
    ])
  })
})

describe('the rooms of /', () => {
  it.each(['lobby', 'demo:games'])('have %s open for everything', async (room) => {
    const { url } = await serve()
    const ada = await strictClient(url, 'Ada')
    ada.say({ type: 'subscribe', room, id: 1 })
    ada.say({ type: 'publish', room, data: 'hi', id: 2 })
    ada.say({ type: 'history', room, id: 3 })
    ada.say({ type: 'presence', room, id: 4 })
    await ada.until(6)
    const acks = ada.json().filter(({ type }) => type === 'ack')
    expect(acks).toMatchObject([
      { data: { room } },
      { data: { seq: expect.any(Number) } },
      { data: { publications: [{ room, data: 'hi' }] } },
      { data: { users: [{ name: 'Ada' }], count: 1 } },
    ])
  })

  it.each(['subscribe', 'publish', 'history', 'presence'])('are no others: %s answers unknown_room', async (type) => {
    const { url } = await serve()
    const ada = await client(url)
    ada.say({ type, room: 'secret', data: 1, id: 1 })
    await ada.until(1)
    expect(ada.json()[0]).toMatchObject({ type: 'ack', id: 1, error: { code: 'unknown_room' } })
  })

  it('answer another event with unknown_event', async () => {
    const { url } = await serve()
    const ada = await client(url)
    ada.say({ type: 'chat', message: 'hi' })
    await ada.until(1)
    expect(ada.json()[0]).toMatchObject({ type: 'error', error: { code: 'unknown_event' }, request: 'chat' })
  })
})
