import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Row } from '../state/rows.ts'

interface StickyScroll {
  list: RefObject<HTMLDivElement | null>
  rows: readonly Row[]
  sentCount: number
  hasOlder: boolean
  loadOlder: () => void
}

/** This close to the end is at the end: nobody aims at a pixel. */
const endWithin = 32
/** Older history is asked for this long before its end is reached. */
const olderWithin = 800

/**
 * A message and where its end stood in the window: what must not move when something is added above it. Its end, because
 * it loses the name above it when the message that comes before it turns out to be the same person's.
 */
interface Anchor {
  readonly element: HTMLElement
  readonly end: number
}

/** Keeps a log at its end while one is there; else keeps what one reads where it is, whatever comes above or below. */
export function useStickyScroll({ list, rows, sentCount, hasOlder, loadOlder }: StickyScroll) {
  const scroller = useRef<HTMLDivElement>(null)
  const [isAtEnd, setAtEnd] = useState(true)
  const sticks = useRef(true)
  const anchor = useRef<Anchor | null>(null)
  const isPlaced = useRef(false)
  const older = useRef({ hasOlder, loadOlder })
  older.current = { hasOlder, loadOlder }

  const look = useCallback(() => {
    const { current: box } = scroller
    if (!box) return
    const isEnd = box.scrollHeight - box.scrollTop - box.clientHeight <= endWithin
    sticks.current = isEnd
    setAtEnd(isEnd)
    anchor.current = isEnd || !list.current ? null : anchorOf(box, list.current)
    if (box.scrollTop < olderWithin && older.current.hasOlder) older.current.loadOlder()
  }, [list])

  const goToEnd = useCallback(() => {
    const { current: box } = scroller
    if (!box) return
    sticks.current = true
    box.scrollTop = box.scrollHeight
    look()
  }, [look])

  // What one sends is seen, wherever one was.
  useLayoutEffect(() => {
    if (sentCount > 0) sticks.current = true
  }, [sentCount])

  // biome-ignore lint/correctness/useExhaustiveDependencies: every change of the rows may move what is read
  useLayoutEffect(() => {
    const { current: box } = scroller
    if (!box || rows.length === 0) return
    const divider = isPlaced.current ? null : list.current?.querySelector<HTMLElement>('[data-row="new"]')
    isPlaced.current = true
    if (sticks.current) box.scrollTop = box.scrollHeight
    else if (anchor.current?.element.isConnected) {
      box.scrollTop = endOf(anchor.current.element) - anchor.current.end
    }
    // A room that is opened begins where one stopped reading, if that is above the window.
    if (divider && divider.offsetTop < box.scrollTop) box.scrollTop = divider.offsetTop - 48
    look()
  }, [rows, look])

  useEffect(() => {
    const { current: box } = scroller
    if (!box) return
    box.addEventListener('scroll', look, { passive: true })
    const observer = new ResizeObserver(() => {
      if (sticks.current) box.scrollTop = box.scrollHeight
      look()
    })
    observer.observe(box)
    return () => {
      box.removeEventListener('scroll', look)
      observer.disconnect()
    }
  }, [look])

  return { scroller, isAtEnd, goToEnd }
}

/** The first message that is wholly in the window. Found by halves: there may be thousands. */
function anchorOf(box: HTMLElement, list: HTMLElement): Anchor | null {
  const rows = list.children
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    const row = rows[middle]
    if (row instanceof HTMLElement && row.offsetTop < box.scrollTop) low = middle + 1
    else high = middle
  }
  for (; low < rows.length; low += 1) {
    const row = rows[low]
    if (row instanceof HTMLElement && row.dataset.row === 'message') {
      return { element: row, end: endOf(row) - box.scrollTop }
    }
  }
  return null
}

function endOf(element: HTMLElement): number {
  return element.offsetTop + element.offsetHeight
}
