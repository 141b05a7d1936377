import { describe, expect, it } from 'vitest'
import { open, serve } from '../../served.ts'
import { StillClock } from '../../suites/still-clock.ts'
import { come, connect } from '../../test-client.ts'

describe('rates', () => {
  it('of messages are told in the answer, and the connection lives', async () => {
    const clock = new StillClock()
    const { url } = await serve({ clock, rates: { messages: '10 per second, burst 20' }, rooms: { lobby: open } })
    const { client } = await come(url)
    const answers = []
    for (let i = 0; i < 25; i++) answers.push(await client.ask({ type: 'publish', room: 'lobby', data: i }))
    expect(answers.slice(0, 19).every(({ error }) => error === undefined)).toBe(true)
    for (const { error } of answers.slice(19)) expect(error).toMatchObject({ code: 'rate_limited', retryAfterMs: 100 })
    clock.pass(100)
    expect(await client.ask({ type: 'publish', room: 'lobby', data: 'x' })).toMatchObject({ data: {} })
  })

  it('of messages end who floods with 1008', async () => {
    const { io, url } = await serve({ clock: new StillClock(), rates: { messages: '10 per second' } })
    let heard = 0
    io.on('connection', (socket) => socket.on('message', () => heard++))
    const client = await connect(url)
    for (let i = 0; i < 2_000; i++) client.say('flood')
    expect(await client.closed).toEqual({ code: 1008, reason: 'a flood of messages' })
    expect(heard).toBe(10)
    expect(client.frames).toHaveLength(1_000)
  })

  it('of an event hold for this event and this client', async () => {
    const { io, url } = await serve({ clock: new StillClock(), rates: { events: { chat: '2 per minute' } } })
    io.on('connection', (socket) => {
      for (const event of ['chat', 'other'])
        socket.on(event, (_data: unknown, ack: (text: string) => void) => ack('ok'))
    })
    const [ada, ben] = [await connect(url), await connect(url)]
    for (let i = 0; i < 2; i++) expect(await ada.ask({ type: 'chat', data: i })).toEqual({ data: 'ok' })
    expect(await ada.ask({ type: 'chat' })).toEqual({
      error: { code: 'rate_limited', message: 'too many events "chat"', retryAfterMs: 30_000 },
    })
    ada.say({ type: 'chat' })
    expect(await ada.take()).toMatchObject({ type: 'error', error: { code: 'rate_limited' }, request: 'chat' })
    for (let i = 0; i < 5; i++) expect(await ada.ask({ type: 'other' })).toEqual({ data: 'ok' })
    expect(await ben.ask({ type: 'chat' })).toEqual({ data: 'ok' })
  })

  it('of a room are for what clients publish in it, volatile too, and not for the server', async () => {
    const rooms = { 'chat:*': { ...open, rate: '2 per minute' }, lobby: open }
    const { io, url } = await serve({ clock: new StillClock(), rooms })
    const { client } = await come(url)
    const publish = (room: string, more: object = {}) => client.ask({ type: 'publish', room, data: 'x', ...more })
    expect(await publish('chat:a')).toMatchObject({ data: {} })
    expect(await publish('chat:b', { volatile: true })).toEqual({ data: {} })
    expect(await publish('chat:a')).toMatchObject({ error: { code: 'rate_limited', retryAfterMs: 30_000 } })
    expect(await publish('lobby')).toMatchObject({ data: {} })
    await io.publish('chat:a', 'x')
    expect((await io.history('chat:a')).publications).toHaveLength(2)
  })

  it('are refused at the start where they are none', async () => {
    await expect(serve({ rates: { messages: 'some' } })).rejects.toThrow(/"rates.messages" must be a rate/)
    await expect(serve({ rates: { events: { chat: '5' } } })).rejects.toThrow(/rates.events\["chat"\]/)
    await expect(serve({ rooms: { a: { rate: 'x' } } })).rejects.toThrow(/rooms\["a"\].rate/)
  })
})
