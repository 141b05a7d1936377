import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { settled } from './fake-clock.ts'
import { setting } from './setting.ts'

class FakeDocument extends EventTarget {
  visibilityState = 'visible'
}

describe('page', () => {
  let page: EventTarget
  let document: FakeDocument

  beforeEach(() => {
    page = new EventTarget()
    document = new FakeDocument()
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
    vi.stubGlobal('document', document)
  })

  afterEach(() => vi.unstubAllGlobals())

  function show(visibilityState: string): void {
    document.visibilityState = visibilityState
    document.dispatchEvent(new Event('visibilitychange'))
  }

  it('is a reason to try at once when the network is back', async () => {
    const { client, server } = setting()
    await server.welcome()
    server.last.drop()
    page.dispatchEvent(new Event('online'))
    expect(client.state.name).toBe('connecting')
  })

  it('is a reason to try at once when it is looked at, not when it is hidden', async () => {
    const { client, server } = setting()
    await server.welcome()
    server.last.drop()
    show('hidden')
    expect(client.state.name).toBe('waiting')
    show('visible')
    expect(client.state.name).toBe('connecting')
  })

  it('is no reason where the server has said when to come back', async () => {
    const { client, server } = setting()
    await server.welcome()
    server.last.drop(1012, 'retry=9000 restarting')
    page.dispatchEvent(new Event('online'))
    show('visible')
    expect(client.state.name).toBe('waiting')
  })

  it.each(['online', 'offline'])('makes sure of the line when it says %s', async (event) => {
    const { client, server, clock } = setting()
    const socket = await server.welcome()
    const pings = socket.all('ping').length
    page.dispatchEvent(new Event(event))
    expect(socket.all('ping')).toHaveLength(pings + 1)
    await clock.pass(5000)
    expect(client.state).toMatchObject({ name: 'waiting', reason: 'no answer' })
  })

  it('says that there is no network while the browser thinks so', async () => {
    const { client, server } = setting()
    const told: unknown[] = []
    client.onState((state) => told.push(state.name === 'waiting' ? state.isOffline : state.name))
    await server.welcome()
    server.last.drop(1012, 'retry=9000 restarting')
    vi.stubGlobal('navigator', { onLine: false })
    page.dispatchEvent(new Event('offline'))
    vi.stubGlobal('navigator', { onLine: true })
    page.dispatchEvent(new Event('online'))
    expect(told).toEqual(['live', false, true, false])
  })

  it('does not give up a line that answers', async () => {
    const { client, server, clock } = setting()
    const socket = await server.welcome()
    page.dispatchEvent(new Event('offline'))
    await clock.pass(100)
    socket.pong()
    await clock.pass(5000)
    expect(client.state.name).toBe('live')
  })

  it('is not bothered with round trips while it is hidden', async () => {
    const { server, clock } = setting()
    const socket = await server.welcome()
    show('hidden')
    const pings = socket.all('ping').length
    await clock.pass(30_000)
    expect(socket.all('ping')).toHaveLength(pings)
    show('visible')
    socket.pong()
    await clock.pass(10_000)
    expect(socket.all('ping').length).toBeGreaterThan(pings + 1)
  })

  it('is not listened to after the end', async () => {
    const { client, server } = setting()
    await server.welcome()
    client.close()
    page.dispatchEvent(new Event('online'))
    show('visible')
    await settled()
    expect(client.state.name).toBe('closed')
    expect(server.sockets).toHaveLength(1)
  })
})
