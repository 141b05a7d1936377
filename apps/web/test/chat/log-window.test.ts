import { describe, expect, it } from 'vitest'
import { LogWindow } from '../../src/chat/log-window.ts'
import { type Row, rowsOf } from '../../src/state/rows.ts'
import { emptyTimeline, messageOf, type Timeline } from '../../src/state/timeline.ts'
import { ben, meta } from '../state/publications.ts'

const viewHeight = 800

/** The rows of messages `first` to `last`, with the line "new" before one of them. */
function rowsFrom(first: number, last: number, newFrom: number | null = null): readonly Row[] {
  const entries = Array.from({ length: last - first + 1 }, (_, index) => {
    const seq = first + index
    return messageOf({ era: 0, seq, part: 0 }, [`m${seq}`], meta(seq, ben, meta(1).at), false)
  })
  const timeline: Timeline = { ...emptyTimeline, entries }
  return rowsOf(timeline, newFrom === null ? null : `0:${newFrom}`, 1)
}

/** What a page would do: draw the range, and take the heights. */
function draw(shown: LogWindow, heightOf: (index: number) => number = () => 30) {
  const range = shown.range()
  for (let index = range.first; index < range.last; index += 1) shown.measured(index, heightOf(index))
  return range
}

function opened(rows: readonly Row[]): LogWindow {
  const shown = new LogWindow()
  shown.follow(rows)
  draw(shown)
  shown.look({ top: shown.top, height: viewHeight }, true)
  return shown
}

describe('the window of a log', () => {
  it('is all of a short one', () => {
    expect(opened(rowsFrom(1, 150)).range()).toEqual({ first: 0, last: 151 })
  })

  it('is the end of a long one while one is there, and goes along with what comes', () => {
    const shown = opened(rowsFrom(1, 1_000))
    for (let last = 1_000; last < 1_250; last += 5) {
      shown.follow(rowsFrom(1, last))
      const range = draw(shown)
      expect(range.last).toBe(last + 1)
      expect(range.last - range.first).toBeLessThanOrEqual(120)
    }
  })

  it('is what one sees and more on both sides', () => {
    const shown = opened(rowsFrom(1, 5_000))
    shown.look({ top: 60_000, height: viewHeight }, false)
    expect(shown.isShort).toBe(true)
    const range = draw(shown)
    expect(shown.isShort).toBe(false)
    const { above, below } = shown.space(range)
    expect(above).toBeLessThanOrEqual(60_000 - 400)
    expect(below).toBeGreaterThan(0)
    expect(range.last - range.first).toBeLessThan(120)
  })

  it('draws nothing anew for a little step, and keeps what was drawn for a larger one', () => {
    const shown = opened(rowsFrom(1, 5_000))
    shown.look({ top: 60_000, height: viewHeight }, false)
    const before = draw(shown)
    shown.look({ top: shown.top - 200, height: viewHeight }, false)
    expect(shown.isShort).toBe(false)
    shown.look({ top: shown.top - 500, height: viewHeight }, false)
    expect(shown.isShort).toBe(true)
    const after = draw(shown)
    expect(after.first).toBeLessThan(before.first)
    expect(after.last).toBe(before.last)
  })

  it('keeps more while something is selected', () => {
    const shown = opened(rowsFrom(1, 5_000))
    shown.hasSelection = true
    shown.look({ top: 60_000, height: viewHeight }, false)
    const before = draw(shown)
    for (let step = 0; step < 8; step += 1) {
      shown.look({ top: shown.top - 450, height: viewHeight }, false)
      draw(shown)
    }
    const { first, last } = shown.range()
    expect(last).toBe(before.last)
    expect(last - first).toBeGreaterThan(120)
    expect(last - first).toBeLessThanOrEqual(280)
  })

  it('moves the view where rows above turn out higher, so that what one reads stays', () => {
    const shown = opened(rowsFrom(1, 5_000))
    shown.look({ top: 60_000, height: viewHeight }, false)
    const { first } = draw(shown)
    shown.look({ top: 60_000, height: viewHeight }, false)
    shown.measured(first, 130)
    expect(shown.top).toBe(60_100)
  })

  it('takes it from the space above while one scrolls, and gives it back at rest', () => {
    const shown = opened(rowsFrom(1, 5_000))
    shown.look({ top: 60_000, height: viewHeight }, false)
    const range = draw(shown)
    shown.look({ top: 60_000, height: viewHeight }, false)
    const { above } = shown.space(range)
    shown.measured(range.first, 130)
    expect(shown.top).toBe(60_100)
    expect(shown.absorb(100)).toBe(true)
    expect(shown.top).toBe(60_000)
    expect(shown.space(range).above).toBe(above - 100)
    expect(shown.rest()).toBe(100)
    expect(shown.top).toBe(60_100)
    expect(shown.space(range).above).toBe(above)
  })

  it('takes no more than there is', () => {
    const shown = opened(rowsFrom(1, 5_000))
    shown.look({ top: 0, height: viewHeight }, false)
    draw(shown)
    expect(shown.absorb(1)).toBe(false)
  })

  it('stays with what one reads when history comes above, and where rows go above', () => {
    const shown = opened(rowsFrom(1_000, 3_000))
    shown.look({ top: 300, height: viewHeight }, false)
    const before = shown.range()
    shown.follow(rowsFrom(950, 3_000))
    const after = draw(shown)
    expect(shown.top).toBeCloseTo(300 + 50 * 30, -3)
    expect(after.first).toBeLessThan(before.first + 50)
    shown.follow(rowsFrom(1_005, 3_000))
    expect(draw(shown).first).toBe(0)
  })

  it('starts at the line where one stopped reading, if that is above the end', () => {
    const shown = opened(rowsFrom(1, 1_000, 300))
    expect(shown.startAtNew()).toBe(true)
    const range = draw(shown)
    expect(range.first).toBeLessThan(300)
    expect(range.last).toBeGreaterThan(301)
    expect(opened(rowsFrom(1, 1_000, 995)).startAtNew()).toBe(false)
    expect(opened(rowsFrom(1, 1_000)).startAtNew()).toBe(false)
  })

  it('expects heights anew when the column gets narrow', () => {
    const long = messageOf({ era: 0, seq: 1, part: 0 }, ['word '.repeat(100)], meta(1), false)
    const shown = opened(rowsOf({ ...emptyTimeline, entries: [long] }, null, 0))
    const wide = shown.space({ first: 2, last: 2 }).above
    shown.resize(320)
    expect(shown.space({ first: 2, last: 2 }).above).toBeGreaterThan(wide)
  })
})
