import { describe, expect, it } from 'vitest'
import { Chat } from '../../src/state/chat.ts'
import { FakeClock, FakeKeep, FakeLine, until } from './fake-line.ts'
import { ben, me, page, shown } from './publications.ts'

function open({ wanted = null as string | null, keep = new FakeKeep() } = {}) {
  const clock = new FakeClock()
  const lines: FakeLine[] = []
  let keys = 0
  const openLine = (name: () => string) => {
    const line = new FakeLine(name)
    lines.push(line)
    return line
  }
  const chat = new Chat({ openLine, askRefusal: async () => null, clock, keep, newKey: () => `key${++keys}` }, wanted)
  const line = () => {
    const last = lines.at(-1)
    if (!last) throw new Error('no line was opened')
    return last
  }
  const names = () => chat.store.get().rooms.map(({ name }) => name)
  return { chat, clock, keep, line, lines, names }
}

/** Joins every room of the list, with an empty history. */
async function live(opened: ReturnType<typeof open>) {
  const { chat, line } = opened
  chat.start()
  line().goLive(me)
  for (const subscription of line().rooms.values()) {
    subscription.joined.resolve()
    await until(() => subscription.histories.length > 0)
    subscription.histories[0]?.answer.resolve(page([], false))
  }
  await until(() => chat.store.get().rooms.every((room) => room.store.get().timeline.top === 'end'))
  return opened
}

describe('the chat', () => {
  it('has its rooms and a name before there is a line', () => {
    const { chat, lines, names } = open()
    expect(names()).toEqual(['lobby', 'demo:games', 'demo:news'])
    expect(chat.store.get()).toMatchObject({ open: 'lobby', isNameChosen: false })
    expect(chat.store.get().name).toMatch(/^Guest \d{3}$/)
    expect(lines).toEqual([])
  })

  it('opens the room that the address names', () => {
    const { chat, names } = open({ wanted: 'demo:music' })
    expect(chat.store.get().open).toBe('demo:music')
    expect(names()).toContain('demo:music')
  })

  it('keeps name and rooms over a reload', async () => {
    const { chat, keep } = await live(open())
    chat.rename('  Ada ')
    chat.openRoom('#demo:music')
    chat.leaveRoom('demo:news')
    const again = open({ keep })
    expect(again.chat.store.get()).toMatchObject({ name: 'Ada', isNameChosen: true })
    expect(again.names()).toEqual(['lobby', 'demo:games', 'demo:music'])
  })

  it('begins with its own rooms when what was kept is broken', () => {
    const keep = new FakeKeep()
    keep.write('rooms', '{"no": "list"')
    expect(open({ keep }).names()[0]).toBe('lobby')
    keep.write('rooms', '[]')
    expect(open({ keep }).names()).toEqual(['lobby'])
  })

  it('counts what is unread over all rooms', async () => {
    const { chat, line } = await live(open())
    chat.room?.lookAt(true)
    line().room('lobby').deliver('seen', 1, ben)
    line().room('demo:games').deliver('a', 2, ben)
    line().room('demo:news').deliver('b', 3, ben)
    expect(chat.store.get().unread).toBe(2)
    chat.leaveRoom('demo:news')
    expect(chat.store.get().unread).toBe(1)
    expect(line().room('demo:news').hasLeft).toBe(true)
  })

  it('leaves a room that refuses, with the reason, and is where it was before', async () => {
    const { chat, line, names } = await live(open())
    chat.openRoom('demo:games')
    chat.openRoom('secret')
    expect(chat.store.get().open).toBe('secret')
    line().room('secret').refuse({ code: 'unknown_room', message: '' })
    expect(chat.store.get()).toMatchObject({
      open: 'demo:games',
      joinRefusal: { room: 'secret', words: 'There is no such room here.' },
    })
    expect(names()).not.toContain('secret')
  })

  it('refuses by itself what cannot be a name', () => {
    const { chat, names } = open()
    chat.openRoom('x'.repeat(300))
    expect(chat.store.get().joinRefusal?.words).toBe('This cannot be a room’s name.')
    expect(names()).toHaveLength(3)
  })

  it('lets the reason go when it has been read, and by itself after a while', async () => {
    const { chat, clock } = await live(open())
    chat.openRoom('x'.repeat(300))
    chat.dismissRefusal()
    expect(chat.store.get().joinRefusal).toBeNull()
    chat.openRoom('y'.repeat(300))
    clock.pass(10_000)
    chat.openRoom('z'.repeat(300))
    clock.pass(19_999)
    expect(chat.store.get().joinRefusal?.room).toContain('z')
    clock.pass(1)
    expect(chat.store.get().joinRefusal).toBeNull()
  })

  it('never leaves its last room', async () => {
    const { chat, names } = await live(open())
    for (const name of ['lobby', 'demo:games', 'demo:news']) chat.leaveRoom(name)
    expect(names()).toEqual(['demo:news'])
    expect(chat.store.get().open).toBe('demo:news')
  })

  it('opens a new line under a new name, and keeps what is on the page', async () => {
    const { chat, line, lines } = await live(open())
    line().room('lobby').deliver('before', 1, ben)
    const former = line()
    chat.rename('Ada')
    expect(former.isClosed).toBe(true)
    expect(line().name()).toBe('Ada')
    line().goLive({ id: 'guest:new', name: 'Ada' })
    const lobby = line().room('lobby')
    lobby.joined.resolve()
    await until(() => lobby.histories.length > 0)
    lobby.histories[0]?.answer.resolve(page([1, 2], false))
    const room = chat.room
    await until(() => room && shown(room.store.get().timeline) === 'before m2')
    expect(room?.store.get().reading.unread).toBe(2)
    expect(lines).toHaveLength(2)
  })

  it('sends what was written while the name was changed, under the key it had', async () => {
    const { chat, line } = await live(open())
    chat.room?.send('under way')
    const key = line().room('lobby').published[0]?.options.key
    const former = line().room('lobby')
    chat.rename('Ada')
    former.published[0]?.answer.reject({ code: 'disconnected' })
    line().goLive({ id: 'guest:new', name: 'Ada' })
    line().room('lobby').joined.resolve()
    await until(() => line().room('lobby').published.length === 1)
    expect(line().room('lobby').published[0]?.options.key).toBe(key)
  })

  it('does nothing where the name stays as it is', async () => {
    const { chat, lines } = await live(open())
    chat.rename(chat.store.get().name)
    chat.rename('   ')
    expect(lines).toHaveLength(1)
  })

  it('tries the line now, or opens one where it was closed for good', async () => {
    const { chat, line, lines } = await live(open())
    line().drop()
    chat.tryNow()
    expect(line().triedNow).toBe(1)
    line().closeForGood(4500)
    chat.tryNow()
    expect(lines).toHaveLength(2)
  })

  it('shows the round-trip time while it is live', async () => {
    const { chat, clock, line } = await live(open())
    line().latencyMs = 12.4
    clock.pass(2000)
    expect(chat.store.get().latencyMs).toBe(12)
    line().drop()
    clock.pass(2000)
    expect(chat.store.get().latencyMs).toBeNull()
  })
})
