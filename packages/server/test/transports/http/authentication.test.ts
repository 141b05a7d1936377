import { describe, expect, it } from 'vitest'
import { HandClock, open, serve } from './served.ts'

const authenticate = (token: string) => (token === 'bad' ? undefined : { id: token })
const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } })
const FAR = { 'X-Forwarded-For': '203.0.113.5' }

describe('a request with a token', () => {
  it('is its user’s, by the head or by the query', async () => {
    const { url, io } = await serve({ authenticate })
    const post = (query: string, headers = {}) =>
      fetch(`${url}/rooms/lobby/publications${query}`, { method: 'POST', body: '{"data":"hi"}', headers })
    expect((await post('', bearer('ada').headers)).status).toBe(201)
    expect((await post('?token=ben')).status).toBe(201)
    expect((await post('?token=ben', bearer('cleo').headers)).status).toBe(201)
    expect((await io.history('lobby')).publications.map(({ from }) => from?.id)).toEqual(['ada', 'ben', 'cleo'])
  })

  it.each(['/rooms/lobby/publications', '/rooms/lobby/presence', '/events?room=lobby'])(
    'is demanded at %s, unless guests are welcome',
    async (path) => {
      const { url } = await serve({ authenticate })
      for (const init of [{}, bearer('bad'), { headers: { Authorization: 'Basic x' } }]) {
        const response = await fetch(url + path, init)
        expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
        expect(await response.json()).toMatchObject({ code: 'unauthorized' })
      }
      const { url: free } = await serve({ authenticate, guests: true })
      expect((await fetch(free + path)).status).toBe(200)
      expect((await fetch(free + path, bearer('bad'))).status).toBe(401)
    },
  )

  it('reads a stream until its token expires', async () => {
    const clock = new HandClock()
    const expiresAt = clock.date() + 60_000
    const { io, url } = await serve({ clock, authenticate: () => ({ id: 'ada', expiresAt }) })
    const response = await fetch(`${url}/events?room=lobby&token=x`, { headers: { Accept: 'text/event-stream' } })
    await expect.poll(() => io.stats.clients.byTransport.sse).toBe(1)
    clock.pass(60_000)
    expect(await response.text()).toMatch(/event: expiring\ndata: \{\}\n\n$/)
    expect(io.stats.clients.total).toBe(0)
  })
})

describe('a request from an address', () => {
  it('may publish at a pace', async () => {
    const { url } = await serve({ trustProxy: true, perAddress: { posts: '2 per minute' } })
    const post = (headers: Record<string, string> = FAR) =>
      fetch(`${url}/rooms/lobby/publications`, { method: 'POST', body: '{"data":"hi"}', headers })
    const answers = [await post(), await post(), await post()]
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 429])
    expect(Number(answers[2]?.headers.get('retry-after'))).toBeGreaterThan(25)
    expect(await answers[2]?.json()).toMatchObject({ code: 'rate_limited' })
    expect((await post({ 'X-Forwarded-For': '203.0.113.6' })).status).toBe(201)
  })

  it('may have so many streams and polls at once', async () => {
    const { io, url, read } = await serve({ trustProxy: true, perAddress: { maxStreams: 2 } })
    const place = ((await (await fetch(`${url}/events?room=lobby`, { headers: FAR })).json()) as { place: string })
      .place
    const poll = () => fetch(`${url}/events?room=lobby&since=${place}&wait=20`, { headers: FAR })
    const parked = [poll(), poll()]
    await expect.poll(() => io.stats.clients.byTransport.longPoll).toBe(2)
    const refused = await poll()
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    const stream = await fetch(`${url}/events?room=lobby`, { headers: { ...FAR, Accept: 'text/event-stream' } })
    expect([stream.status, await stream.text()]).toEqual([200, expect.stringContaining('event: overloaded')])
    read('room=lobby')
    await io.publish('lobby', 'x')
    await Promise.all(parked.map(async (each) => expect((await each).status).toBe(200)))
    expect((await fetch(`${url}/events?room=lobby&since=${place}`, { headers: FAR })).status).toBe(200)
  })

  it('is held to a room’s rate by its user, guests by their address', async () => {
    const rooms = { lobby: { ...open, rate: '1 per minute' } }
    const { url } = await serve({ authenticate, guests: true, trustProxy: true, rooms })
    const post = async (headers: Record<string, string>) =>
      (await fetch(`${url}/rooms/lobby/publications`, { method: 'POST', body: '{"data":"hi"}', headers })).status
    expect([await post(FAR), await post(FAR)]).toEqual([201, 429])
    expect(await post({ 'X-Forwarded-For': '203.0.113.6' })).toBe(201)
    const ada = { ...FAR, Authorization: 'Bearer ada' }
    expect([await post(ada), await post({ ...ada, 'X-Forwarded-For': '203.0.113.7' })]).toEqual([201, 429])
  })
})
