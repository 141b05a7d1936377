import { describe, expect, it } from 'vitest'
import type { RoomRule } from '../../../src/index.ts'
import { open, serve } from '../../served.ts'
import { StillClock } from '../../suites/still-clock.ts'
import { come } from '../../test-client.ts'

const rooms: Record<string, RoomRule> = { lobby: open, closed: { publish: false, presence: true } }
const subscribe = (room: string, since?: unknown) => ({
  type: 'subscribe',
  room,
  ...(since === undefined ? {} : { since }),
})

describe('presence', () => {
  async function watched() {
    const clock = new StillClock()
    const { io, url } = await serve({ rooms, clock })
    const watcher = await come(url, { name: 'Eve' })
    return { clock, io, url, watcher }
  }
  const presence = { type: 'presence', room: 'lobby' }
  const names = (people: { name: string }[]) => people.map(({ name }) => name)

  it('lists who is here since when, guests too', async () => {
    const { clock, url, watcher } = await watched()
    clock.pass(1_000)
    const ada = await come(url, { name: 'Ada' })
    await ada.client.ask(subscribe('lobby'))
    const { data } = await watcher.client.ask(presence)
    expect(data).toEqual({ users: [{ ...ada.welcome.user, since: 1_000 }], count: 1 })
  })

  it('tells from then on within a second who comes and who goes, but not oneself', async () => {
    const { clock, io, url, watcher } = await watched()
    await watcher.client.ask(presence)
    await watcher.client.ask(subscribe('lobby'))
    const ada = await come(url, { name: 'Ada' })
    await ada.client.ask(subscribe('lobby'))
    clock.pass(1_000)
    const came = await watcher.client.take()
    expect(came).toEqual({ type: 'presence', room: 'lobby', joined: [ada.welcome.user], left: [] })
    await ada.client.ask({ type: 'unsubscribe', room: 'lobby' })
    clock.pass(1_000)
    expect(await watcher.client.take()).toEqual({ ...came, joined: [], left: [ada.welcome.user] })
    await ada.client.ask(subscribe('lobby'))
    clock.pass(1_000)
    expect(names((await watcher.client.take()).joined)).toEqual(['Ada'])
    await ada.client.close(1000)
    await expect.poll(() => io.stats.clients.total, { interval: 5 }).toBe(1)
    clock.pass(1_000)
    expect(names((await watcher.client.take()).left)).toEqual(['Ada'])
    expect(await ada.client.frames.filter((frame) => String(frame).includes('"presence"'))).toEqual([])
  })

  it('says nothing of a client that comes back at once', async () => {
    const { clock, io, url, watcher } = await watched()
    const ada = await come(url, { name: 'Ada' })
    await ada.client.ask(subscribe('lobby'))
    expect((await watcher.client.ask(presence)).data.count).toBe(1)
    ada.client.drop()
    await expect.poll(() => io.stats.clients.total, { interval: 5 }).toBe(1)
    const back = await come(url, { session: ada.welcome.session })
    await back.client.rest()
    clock.pass(1_000)
    expect(await watcher.client.rest()).toEqual([])
  })

  it('goes on after unsubscribe, and ends with the connection', async () => {
    const { clock, io, url, watcher } = await watched()
    await watcher.client.ask(subscribe('lobby'))
    await watcher.client.ask(presence)
    await watcher.client.ask({ type: 'unsubscribe', room: 'lobby' })
    const ada = await come(url, { name: 'Ada' })
    await ada.client.ask(subscribe('lobby'))
    clock.pass(1_000)
    expect((await watcher.client.take()).joined).toMatchObject([{ name: 'Ada' }])
    await ada.client.ask(presence)
    await watcher.client.close(1000)
    await ada.client.close(1000)
    await expect.poll(() => io.stats.presenceRooms, { interval: 5 }).toBe(0)
  })

  it('pages through large rooms, and counts the whole', async () => {
    const { url, watcher } = await watched()
    for (const name of ['A', 'B', 'C']) {
      const { client } = await come(url, { name })
      await client.ask(subscribe('lobby'))
    }
    const first = (await watcher.client.ask({ ...presence, limit: 2 })).data
    expect([names(first.users), first.count]).toEqual([['A', 'B'], 3])
    const second = (await watcher.client.ask({ ...presence, limit: 2, after: first.users[1].id })).data
    expect([names(second.users), second.count]).toEqual([['C'], 3])
    expect(await watcher.client.ask({ ...presence, limit: 0 })).toMatchObject({ error: { code: 'invalid' } })
    expect(await watcher.client.ask({ ...presence, after: 5 })).toMatchObject({ error: { code: 'invalid' } })
  })

  it('needs the right, and shows no more of a user than id and name', async () => {
    const { url, watcher } = await watched()
    expect(await watcher.client.ask({ type: 'presence', room: 'nowhere' })).toMatchObject({
      error: { code: 'unknown_room' },
    })
    const { client } = await come(`${url}/?token=secret`)
    await client.ask(subscribe('lobby'))
    const { data } = await watcher.client.ask(presence)
    expect(Object.keys(data.users[0])).toEqual(['id', 'name', 'since'])
  })
})
