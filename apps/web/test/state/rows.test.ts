import { describe, expect, it } from 'vitest'
import { gapTold } from '../../src/state/history.ts'
import type { Sender } from '../../src/state/line.ts'
import { groupWithinMs, LogRows, rowsOf } from '../../src/state/rows.ts'
import { acknowledged, emptyTimeline, epochMet, received, sending, type Timeline } from '../../src/state/timeline.ts'
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

describe('the rows of a log that grows', () => {
  const said = (count: number) =>
    Array.from({ length: count }, (_, index) => index + 1).reduce(
      (timeline, seq) => hear(timeline, seq, seq % 3 === 0 ? cleo : ben, noonMs + seq * 50_000_000),
      start,
    )

  it('are the ones that were there, and those that came', () => {
    const rows = new LogRows()
    const before = rows.of(said(20), null, 0)
    const after = rows.of(said(20), null, 0)
    expect(after).toEqual(before)
    const timeline = said(20)
    const first = rows.of(timeline, null, 0)
    const second = rows.of(hear(timeline, 21, ben, noonMs + 21 * 50_000_000), null, 0)
    expect(second.slice(0, first.length).every((row, index) => row === first[index])).toBe(true)
    expect(rows.of(timeline, null, 0)).toEqual(first)
  })

  it('are the same as if they were made at once, whatever changed', () => {
    const gap = gapTold(said(6), { epoch: 'one', seq: 9 })
    const waiting = sending(gap, 'k', 'mine', me, noonMs)
    const steps: readonly [Timeline, string | null, number][] = [
      [said(3), null, 0],
      [said(6), '0:5', 2],
      [said(7), '0:5', 3],
      [gap, '0:5', 3],
      [gap, null, 0],
      [waiting, null, 0],
      [hear(waiting, 10, cleo, noonMs), null, 0],
      [acknowledged(waiting, 'k', { epoch: 'one', seq: 12 }), '0:2', 5],
      [said(9), '0:8', 1],
      [start, null, 0],
      [said(2), null, 0],
    ]
    const rows = new LogRows()
    for (const step of steps) expect(rows.of(...step)).toEqual(rowsOf(...step))
  })

  it('give a time that is none a day of its own, and go on after it', () => {
    const odd = hear(hear(said(1), 2, ben, Number.NaN), 3, ben, noonMs)
    expect(short(odd)).toEqual(['day', 'head', 'day', 'head', 'day', 'head'])
  })
})
