import { describe, expect, it } from 'vitest'
import { gapTold } from '../../src/state/history.ts'
import type { Sender } from '../../src/state/line.ts'
import { groupWithinMs, rowsOf } from '../../src/state/rows.ts'
import { emptyTimeline, epochMet, received, sending, type Timeline } from '../../src/state/timeline.ts'
import { ben, cleo, me, meta, noonMs } from './publications.ts'

const start = epochMet(emptyTimeline, 'one')
const hear = (timeline: Timeline, seq: number, from: Sender, at: number) =>
  received(timeline, [`m${seq}`], meta(seq, from, at), false)
const short = (timeline: Timeline, newFrom: string | null = null) =>
  rowsOf(timeline, newFrom, 2).map((row) => (row.kind === 'message' ? (row.isHead ? 'head' : 'more') : row.kind))

describe('the rows of a log', () => {
  it('group the messages of one sender within two minutes', () => {
    const close = hear(hear(start, 1, ben, noonMs), 2, ben, noonMs + groupWithinMs - 1)
    expect(short(close)).toEqual(['day', 'head', 'more'])
    expect(short(hear(close, 3, cleo, noonMs + groupWithinMs))).toEqual(['day', 'head', 'more', 'head'])
    expect(short(hear(hear(start, 1, ben, noonMs), 2, ben, noonMs + groupWithinMs))).toEqual(['day', 'head', 'head'])
  })

  it('do not group two people of one name', () => {
    const twins = hear(hear(start, 1, ben, noonMs), 2, { id: 'guest:other', name: 'Ben' }, noonMs)
    expect(short(twins)).toEqual(['day', 'head', 'head'])
  })

  it('begin a group anew after a change of name', () => {
    const renamed = hear(hear(start, 1, ben, noonMs), 2, { ...ben, name: 'Benjamin' }, noonMs)
    expect(short(renamed)).toEqual(['day', 'head', 'head'])
  })

  it('show the date where the day changes', () => {
    const days = hear(hear(start, 1, ben, noonMs), 2, ben, noonMs + 24 * 3_600_000)
    expect(short(days)).toEqual(['day', 'head', 'day', 'head'])
  })

  it('show the line where one stopped reading, and the gaps', () => {
    const timeline = hear(hear(start, 1, ben, noonMs), 2, ben, noonMs)
    expect(short(timeline, '0:2')).toEqual(['day', 'head', 'new', 'head'])
    const gap = hear(gapTold(timeline, { epoch: 'one', seq: 5 }), 6, ben, noonMs)
    expect(short(gap)).toEqual(['day', 'head', 'more', 'gap', 'head'])
  })

  it('have keys that differ, and stay when history is loaded above', () => {
    const timeline = sending(hear(start, 5, ben, noonMs), 'k', 'mine', me, noonMs)
    const keys = rowsOf(timeline, '0:5', 1).map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
    const older = rowsOf(hear(timeline, 2, ben, noonMs), '0:5', 1)
    const isMessage = (key: string) => older.find((row) => row.key === key)?.kind === 'message'
    expect(['0:5', 'k'].every(isMessage)).toBe(true)
  })
})
