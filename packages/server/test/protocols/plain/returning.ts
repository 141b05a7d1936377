import { expect } from 'vitest'
import type { RoomRule, Server } from '../../../src/index.ts'
import { open } from '../../served.ts'
import type { Heard, TestClient } from '../../test-client.ts'

/** Rooms to come back to: one that is kept for long, one by default, one in which only members recover. */
export const rooms: Record<string, RoomRule> = {
  lobby: { ...open, keep: { entries: 10_000, ageMs: 600_000 } },
  news: open,
  secret: { ...open, history: false },
}

/** The line breaks, and the server has seen it. */
export async function drop(io: Server, client: TestClient): Promise<void> {
  const { total } = io.stats.clients
  client.drop()
  await expect.poll(() => io.stats.clients.total, { interval: 5 }).toBe(total - 1)
}

/** What came behind the welcome, as far as it was missed. */
export const dataOf = (heard: Heard[]): unknown[] =>
  heard.map((each) => (each.type === 'gap' ? `gap ${each.room}` : each.data))
