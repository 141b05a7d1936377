import { describe, expect, it } from 'vitest'
import { gapLoading, gapPaged, gapTold, newestPaged, olderBefore, olderPaged } from '../../src/state/history.ts'
import { emptyTimeline, epochMet, received, sending, type Timeline } from '../../src/state/timeline.ts'
import { isMine, me, meta, noonMs, page, publication, shown } from './publications.ts'

const hear = (timeline: Timeline, seq: number) => received(timeline, [`m${seq}`], meta(seq), false)
const first = newestPaged(emptyTimeline, page([5, 6], true), isMine)
const gapOf = (timeline: Timeline) => timeline.entries.find((entry) => entry.kind === 'gap')?.key ?? 'none'

describe('history', () => {
  it('stands before what came live while it was asked for, without doubles', () => {
    const live = hear(hear(emptyTimeline, 6), 7)
    expect(shown(newestPaged(live, page([4, 5, 6], false), isMine))).toBe('m4 m5 m6 m7')
  })

  it('leaves out what is no message', () => {
    const { publications, ...rest } = page([5], false)
    const typing = { ...publication(6), event: 'typing' }
    expect(shown(newestPaged(emptyTimeline, { publications: [...publications, typing], ...rest }, isMine))).toBe('m5')
  })

  it('does not show an own message twice that is still without its ack', () => {
    const pending = sending(epochMet(emptyTimeline, 'one'), 'k', 'm5', me, noonMs)
    const own = { publications: [publication(5, me)], epoch: 'one', more: false }
    expect(shown(newestPaged(pending, own, isMine))).toBe('~m5:claimed')
  })

  it('is asked for before the oldest seq, until there is no more', () => {
    expect(olderBefore(first)).toEqual({ before: 5 })
    const older = olderPaged(first, page([3, 4], false), isMine)
    expect(shown(older)).toBe('m3 m4 m5 m6')
    expect(olderBefore(older)).toBeNull()
  })

  it('is not asked for above a former epoch, whose log is gone', () => {
    expect(olderBefore(epochMet(first, 'two'))).toBeNull()
  })

  it('ends where a page of another epoch comes', () => {
    const older = olderPaged(first, page([1], true, 'two'), isMine)
    expect(shown(older)).toBe('m5 m6')
    expect(older.top).toBe('end')
  })
})

describe('a later newest page', () => {
  it('joins what is known when it reaches it', () => {
    expect(shown(newestPaged(first, page([6, 7, 8], true), isMine))).toBe('m5 m6 m7 m8')
  })

  it('leaves a gap when it does not', () => {
    expect(shown(newestPaged(first, page([20, 21], true), isMine))).toBe('m5 m6 |offered m20 m21')
  })

  it('leaves no gap when the log has no more', () => {
    expect(shown(newestPaged(first, page([20, 21], false), isMine))).toBe('m5 m6 m20 m21')
  })

  it('says that what was in a former epoch is gone', () => {
    expect(shown(newestPaged(first, page([1, 2], false, 'two'), isMine))).toBe('m5 m6 |gone m1 m2')
  })
})

describe('a gap', () => {
  const told = hear(gapTold(first, { epoch: 'one', seq: 100 }), 101)

  it('stands between what was read and what follows', () => {
    expect(shown(told)).toBe('m5 m6 |offered m101')
  })

  it('is told once when it is told twice', () => {
    expect(shown(gapTold(told, { epoch: 'one', seq: 100 }))).toBe('m5 m6 |offered m101')
  })

  it('is not shown where nothing was read', () => {
    expect(shown(gapTold(emptyTimeline, { epoch: 'one', seq: 100 }))).toBe('')
  })

  it('shrinks from its end with every page', () => {
    const key = gapOf(told)
    const once = gapPaged(gapLoading(told, key), key, page([99, 100], true), isMine)
    expect(shown(once)).toBe('m5 m6 |offered m99 m100 m101')
    expect(shown(gapPaged(once, key, page([40, 41], true), isMine))).toBe('m5 m6 |offered m40 m41 m99 m100 m101')
  })

  it('closes when a page reaches what was read', () => {
    expect(shown(gapPaged(told, gapOf(told), page([6, 7], true), isMine))).toBe('m5 m6 m7 m101')
  })

  it('offers nothing any more when the log begins inside it', () => {
    expect(shown(gapPaged(told, gapOf(told), page([99], false), isMine))).toBe('m5 m6 |gone m99 m101')
    expect(shown(gapPaged(told, gapOf(told), page([], false), isMine))).toBe('m5 m6 |gone m101')
  })

  it('of a new epoch stands behind everything of the old one', () => {
    const timeline = hear(gapTold(first, { epoch: 'two', seq: 3 }), 4)
    expect(shown(timeline)).toBe('m5 m6 |offered m4')
    expect(shown(gapPaged(timeline, gapOf(timeline), page([2, 3], false, 'two'), isMine))).toBe('m5 m6 |gone m2 m3 m4')
  })
})
