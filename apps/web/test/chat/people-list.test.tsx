import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { PeopleList } from '../../src/chat/people-list.tsx'
import { Room } from '../../src/state/room.ts'
import { FakeClock } from '../state/fake-line.ts'

const ada = { id: 'guest:1', name: 'Ada' }
const words = 'As they were when the line went'

function drawn(isKnown: boolean, isStale: boolean): string {
  const room = new Room('lobby', {
    clock: new FakeClock(),
    isLive: () => false,
    me: () => null,
    isMine: () => false,
    newKey: () => 'key',
    onRefused: () => {},
  })
  room.store.set({ ...room.store.get(), people: { users: [ada], count: 1, isKnown } })
  return renderToStaticMarkup(<PeopleList room={room} me={ada} isStale={isStale} />)
}

describe('the list of people', () => {
  it('says that it may be old while the line is away', () => {
    expect(drawn(true, true)).toContain(words)
    expect(drawn(true, true)).toContain('data-stale')
  })

  it('says nothing of the kind while it is live, or before anything is known', () => {
    expect(drawn(true, false)).not.toContain(words)
    expect(drawn(true, false)).not.toContain('data-stale')
    expect(drawn(false, true)).not.toContain(words)
  })
})
