import { describe, expect, it } from 'vitest'
import type { RoomRule } from '../../../src/index.ts'
import { open, serve } from '../../served.ts'
import { come, connect } from '../../test-client.ts'

const rooms: Record<string, RoomRule> = { lobby: open, closed: { publish: false, presence: true } }

describe('history', () => {
  async function filled(count = 5) {
    const { io, url } = await serve({ rooms, historyPage: 3, maxHistoryPage: 4 })
    for (let i = 1; i <= count; i++) await io.publish('lobby', i)
    const { client, welcome } = await come(url)
    const page = async (more: object = {}) => {
      const { data, error } = await client.ask({ type: 'history', room: 'lobby', ...more })
      return error === undefined ? [data.publications.map(({ seq }: { seq: number }) => seq), data.more] : error.code
    }
    return { io, client, welcome, page }
  }

  it('answers a page, newest last, and whether there is an older one', async () => {
    const { page } = await filled()
    expect(await page()).toEqual([[3, 4, 5], true])
    expect(await page({ before: 3 })).toEqual([[1, 2], false])
    expect(await page({ before: 3, limit: 1 })).toEqual([[2], true])
    expect(await page({ before: 1 })).toEqual([[], false])
    expect(await page({ before: 0 })).toEqual([[], false])
    expect(await page({ before: 1_000, limit: 2 })).toEqual([[4, 5], true])
    expect(await page({ before: null, limit: null })).toEqual([[3, 4, 5], true])
  })

  it('answers publications in full', async () => {
    const { client, welcome } = await filled(0)
    await client.ask({ type: 'publish', room: 'lobby', event: 'said', args: [1, 2] })
    expect(await client.ask({ type: 'history', room: 'lobby' })).toEqual({
      data: {
        publications: [
          { room: 'lobby', seq: 1, event: 'said', from: welcome.user, at: expect.any(Number), args: [1, 2] },
        ],
        epoch: welcome.epoch,
        more: false,
      },
    })
  })

  it('is empty where nothing was said', async () => {
    const { page } = await filled(0)
    expect(await page()).toEqual([[], false])
  })

  it.each([
    [{ limit: 1_000_000_000 }, [[2, 3, 4, 5], true]],
    [{ limit: 500 }, [[2, 3, 4, 5], true]],
    [{ limit: 0 }, 'invalid'],
    [{ limit: -1 }, 'invalid'],
    [{ limit: 1.5 }, 'invalid'],
    [{ limit: 'x' }, 'invalid'],
    [{ before: -1 }, 'invalid'],
    [{ before: 'x' }, 'invalid'],
    [{ before: 2 ** 53 }, 'invalid'],
    [{ before: {} }, 'invalid'],
  ])('asked with %j is capped or refused', async (asked, answer) => {
    const { page } = await filled()
    expect(await page(asked)).toEqual(answer)
  })

  it.each(['1e309', '-1e309', '-0.5'])('asked before %s is refused', async (before) => {
    const { client } = await filled()
    client.say(`{"type":"history","room":"lobby","before":${before},"id":1}`)
    expect(await client.take()).toMatchObject({ type: 'ack', id: 1, error: { code: 'invalid' } })
  })

  it('never exceeds its cap for the application either', async () => {
    const { io } = await filled(10)
    for (const limit of [1e9, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect((await io.history('lobby', { limit })).publications.length).toBeLessThanOrEqual(4)
    }
    expect((await io.history('lobby', { before: -1 })).publications).toEqual([])
  })

  it('needs an id, and the right', async () => {
    const { client } = await filled()
    client.say({ type: 'history', room: 'lobby' })
    expect(await client.take()).toMatchObject({ type: 'error', error: { code: 'invalid' }, request: 'history' })
    expect(await client.ask({ type: 'history', room: 'closed' })).toMatchObject({ error: { code: 'forbidden' } })
    expect(await client.ask({ type: 'history', room: 'nowhere' })).toMatchObject({ error: { code: 'unknown_room' } })
  })

  it('never exceeds 500 publications, nor a megabyte', async () => {
    const { io, url } = await serve({ rooms })
    for (let i = 0; i < 600; i++) await io.publish('lobby', i)
    const client = await connect(url)
    const many = (await client.ask({ type: 'history', room: 'lobby', limit: 1_000_000_000 })).data
    expect([many.publications.length, many.more]).toEqual([500, true])
    const text = 'x'.repeat(200_000)
    for (let i = 0; i < 10; i++) await io.publish('lobby', text)
    const large = (await client.ask({ type: 'history', room: 'lobby', limit: 10 })).data
    expect(large.publications.length).toBeGreaterThan(0)
    expect(JSON.stringify(large).length).toBeLessThan(1_100_000)
    expect(large.more).toBe(true)
  })
})
