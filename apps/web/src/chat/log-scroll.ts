import { type KeyboardEvent, type RefObject, useEffect, useLayoutEffect, useReducer, useState } from 'react'
import type { Row } from '../state/rows.ts'
import { LogScroller } from './log-scroller.ts'
import type { Range } from './log-window.ts'

interface LogScroll {
  scroller: RefObject<HTMLDivElement | null>
  /** The element whose children are the drawn rows, one each. It stands between two that take the space of the others. */
  list: RefObject<HTMLDivElement | null>
  rows: readonly Row[]
  sentCount: number
  hasOlder: boolean
  loadOlder: () => void
}

interface Scrolled {
  readonly range: Range
  /** The space of the rows that are not drawn, in pixels. */
  readonly space: { readonly above: number; readonly below: number }
  /** Null until the log stands in its place. */
  readonly isAtEnd: boolean | null
  readonly goToEnd: () => void
  readonly onKeyDown: (event: KeyboardEvent) => void
}

/** Draws what one sees of a log and a little more, and keeps what one reads in its place. */
export function useLogScroll({ scroller, list, rows, sentCount, hasOlder, loadOlder }: LogScroll): Scrolled {
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  const [isAtEnd, setAtEnd] = useState<boolean | null>(null)
  const [log] = useState(() => new LogScroller({ redraw: () => redraw(), setAtEnd }))
  log.loadOlder = hasOlder ? loadOlder : null

  log.shown.follow(rows)
  const range = log.shown.range()
  const space = log.shown.space(range)

  useEffect(
    () => (scroller.current && list.current ? log.watch(scroller.current, list.current) : undefined),
    [log, scroller, list],
  )

  // What one sends is seen, wherever one was.
  useLayoutEffect(() => {
    if (sentCount > 0) log.goToEnd()
  }, [log, sentCount])

  const { first, last } = range
  // biome-ignore lint/correctness/useExhaustiveDependencies: every change of the rows may move what is read
  useLayoutEffect(() => {
    if (scroller.current && list.current) log.drawn(scroller.current, list.current, { first, last })
  }, [log, rows, first, last])

  return {
    range,
    space,
    isAtEnd,
    goToEnd: () => log.goToEnd(),
    onKeyDown: (event) => {
      if (event.target !== scroller.current || event.altKey || event.ctrlKey || event.metaKey) return
      // At once: the browser would fly over thousands of rows, and draw them all.
      if (event.key === 'Home') log.goToStart()
      else if (event.key === 'End') log.goToEnd()
      else return
      event.preventDefault()
    },
  }
}
