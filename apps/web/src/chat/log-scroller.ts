import { LogWindow, type Range } from './log-window.ts'

/** What the scroller asks of the component that draws. */
interface Host {
  readonly redraw: () => void
  readonly setAtEnd: (isAtEnd: boolean) => void
}

/** This close to the end is at the end: nobody aims at a pixel. */
const endWithin = 32
/** Older history is asked for this long before its end is reached. */
const olderWithin = 800
/** Without an event for so long, scrolling has ended. */
const restAfterMs = 150

/**
 * Moves the log's elements. It stays at its end while one is there; else what one reads stays where it is, whatever comes
 * above or below, and whatever heights the rows turn out to have.
 */
export class LogScroller {
  readonly shown = new LogWindow()
  /** Asks for the page above, where there may be one. */
  loadOlder: (() => void) | null = null
  readonly #host: Host
  #box: HTMLElement | null = null
  #column: HTMLElement | null = null
  #range: Range = { first: 0, last: 0 }
  #isPlaced = false
  #rest: ReturnType<typeof setTimeout> | null = null

  constructor(host: Host) {
    this.#host = host
  }

  /** These rows were drawn: takes their heights, and puts them where they belong. */
  drawn(box: HTMLElement, column: HTMLElement, range: Range): void {
    this.#box = box
    this.#column = column
    this.#range = range
    if (range.last === 0) return
    this.#measure()
    if (!this.#isPlaced) {
      this.#isPlaced = true
      this.shown.look({ top: 0, height: box.clientHeight }, true)
      if (this.shown.startAtNew()) this.#host.redraw()
    }
    this.#place()
  }

  /** Follows the elements until the returned function is called. */
  watch(box: HTMLElement, column: HTMLElement): () => void {
    const onScroll = () => {
      if (this.#rest !== null) clearTimeout(this.#rest)
      this.#rest = setTimeout(() => this.#comeToRest(), restAfterMs)
      this.#look()
    }
    const onSelection = () => {
      const selection = getSelection()
      this.shown.hasSelection = selection !== null && !selection.isCollapsed && selection.containsNode(column, true)
    }
    // The box changes with the window, the column when a font comes, or when a text is made larger.
    const observer = new ResizeObserver(() => {
      this.shown.resize(column.clientWidth)
      this.#measure()
      this.#place()
    })
    observer.observe(box)
    observer.observe(column)
    box.addEventListener('scroll', onScroll, { passive: true })
    document.addEventListener('selectionchange', onSelection)
    return () => {
      observer.disconnect()
      box.removeEventListener('scroll', onScroll)
      document.removeEventListener('selectionchange', onSelection)
      if (this.#rest !== null) clearTimeout(this.#rest)
    }
  }

  goToEnd(): void {
    this.#giveBack()
    this.shown.sticks = true
    if (this.#box) this.#box.scrollTop = this.#box.scrollHeight
    this.#host.redraw()
  }

  goToStart(): void {
    this.#giveBack()
    if (this.#box) this.#box.scrollTop = 0
    this.#look()
  }

  #measure(): void {
    let index = this.#range.first
    for (const row of this.#column?.children ?? []) this.shown.measured(index++, row.getBoundingClientRect().height)
  }

  #place(): void {
    const box = this.#box
    const column = this.#column
    if (!box || !column) return
    const top = this.shown.sticks ? box.scrollHeight - box.clientHeight : this.shown.top + startOf(box, column)
    const difference = top - box.scrollTop
    // Half a pixel is what a browser rounds.
    if (Math.abs(difference) > 0.5) {
      if (this.#rest !== null && this.shown.absorb(difference)) this.#setSpaceAbove()
      else box.scrollTop = top
    }
    this.#look()
  }

  #look(): void {
    const box = this.#box
    const column = this.#column
    if (!box || !column || !this.#isPlaced) return
    const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight <= endWithin
    this.shown.look({ top: box.scrollTop - startOf(box, column), height: box.clientHeight }, isAtEnd)
    this.#host.setAtEnd(isAtEnd)
    if (this.shown.isShort) this.#host.redraw()
    if (this.shown.fromStart < olderWithin) this.loadOlder?.()
  }

  #comeToRest(): void {
    this.#rest = null
    this.#giveBack()
  }

  #giveBack(): void {
    const pixels = this.shown.rest()
    if (pixels === 0 || !this.#box) return
    this.#setSpaceAbove()
    this.#box.scrollTop += pixels
  }

  #setSpaceAbove(): void {
    const above = this.#column?.previousElementSibling as HTMLElement | undefined
    if (above) above.style.height = `${this.shown.space(this.#range).above}px`
    // What is drawn next begins with the same.
    this.#host.redraw()
  }
}

/** Where the column of rows would begin, in the box's own coordinates, if all of it were drawn. */
function startOf(box: HTMLElement, column: HTMLElement): number {
  const above = column.previousElementSibling ?? column
  return above.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop
}
