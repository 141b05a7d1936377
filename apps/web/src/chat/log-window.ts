import type { Row } from '../state/rows.ts'
import { Heights } from './heights.ts'
import { expectedHeight } from './row-height.ts'

/** The rows that are drawn: from `first` up to, and without, `last`. */
export interface Range {
  readonly first: number
  readonly last: number
}

/** What one sees of the column of rows: from its upper edge, `height` down. */
export interface View {
  readonly top: number
  readonly height: number
}

/**
 * What must not move when something changes above it: a message, and where its end is below the upper edge of the view.
 * Its end, because it loses the name above it when the message that comes before it turns out to be the same person's.
 */
interface Anchor {
  readonly key: string
  readonly index: number
  readonly end: number
}

/** Up to so many rows are simply there. */
const allUpTo = 200
/** What was drawn stays for so long, so that scrolling to and fro draws nothing, and what is selected stays selected. */
const keptUpTo = 120
const keptUpToSelected = 280
/** Drawn beyond what one sees, on both sides, and drawn further when less than half of it is left. */
const beyond = 800

/**
 * Which rows of a long log are drawn, and what stands still when they change. It holds their heights, real ones where they
 * were drawn once, expected ones elsewhere, and knows nothing of the page.
 */
export class LogWindow {
  /** Whether the log stays at its end. */
  sticks = true
  /** Whether something in the log is selected. */
  hasSelection = false
  #rows: readonly Row[] = []
  readonly #heights = new Heights()
  readonly #real = new Map<string, number>()
  #width = 800
  #view: View = { top: 0, height: 800 }
  #anchor: Anchor | null = null
  #range: Range = { first: 0, last: 0 }
  /**
   * How much lower than their heights say the rows stand. While somebody scrolls, what turned out higher or lower above is
   * taken from the space there: to set the scroll position would end the browser's own movement.
   */
  #drift = 0

  /** The rows became these. */
  follow(rows: readonly Row[]): void {
    if (rows === this.#rows) return
    const kept = commonLength(this.#rows, rows)
    const isAppended = kept === this.#rows.length
    this.#heights.truncate(kept)
    this.#rows = rows
    for (const row of rows.slice(kept)) this.#heights.push(this.#real.get(row.key) ?? expectedHeight(row, this.#width))
    if (isAppended) return
    this.#anchor = this.#anchor && this.#found(this.#anchor)
    // What is not at the end has other numbers now.
    this.#range = { first: 0, last: 0 }
  }

  /** The column has another width: all heights are open again. */
  resize(width: number): void {
    if (width === this.#width) return
    this.#width = width
    this.#real.clear()
    this.#heights.truncate(0)
    for (const row of this.#rows) this.#heights.push(expectedHeight(row, width))
  }

  /** A row is this high. */
  measured(index: number, height: number): void {
    const row = this.#rows[index]
    if (!row || this.#heights.at(index) === height) return
    this.#real.set(row.key, height)
    this.#heights.set(index, height)
  }

  /** One sees this now. What is there is what stays. */
  look({ top, height }: View, isAtEnd: boolean): void {
    const view = { top: top - this.#drift, height }
    this.#view = view
    this.sticks = isAtEnd
    this.#anchor = isAtEnd ? null : this.#anchorAt(view.top)
  }

  /** Reading begins at the line "3 new" where that is above what one sees of the end. Tells whether it does. */
  startAtNew(): boolean {
    const index = this.#rows.findLastIndex(({ kind }) => kind === 'new')
    if (index < 0 || this.#heights.offsetOf(index) >= this.#heights.total - this.#view.height) return false
    this.#anchor = { key: 'new', index, end: 48 + this.#heights.at(index) }
    this.sticks = false
    return true
  }

  /** Where the upper edge of the view belongs. */
  get top(): number {
    return this.#top + this.#drift
  }

  /** How far the view is from the begin of all rows. */
  get fromStart(): number {
    return this.#view.top
  }

  /** Takes a difference from the space above, so that the view may stay where it is. False where there is not enough. */
  absorb(pixels: number): boolean {
    if (this.sticks || this.#heights.offsetOf(this.#range.first) + this.#drift < pixels) return false
    this.#drift -= pixels
    return true
  }

  /** Scrolling has ended: what was taken is given back. Tells by how much the view has to move for it. */
  rest(): number {
    const drift = this.#drift
    this.#drift = 0
    return -drift
  }

  /** Whether more has to be drawn for what one sees. */
  get isShort(): boolean {
    const { first, last } = this.#range
    const { top, height } = this.#view
    const above = top - this.#heights.offsetOf(first)
    const below = this.#heights.offsetOf(last) - top - height
    return (first > 0 && above < beyond / 2) || (last < this.#rows.length && below < beyond / 2)
  }

  /** The rows to draw. */
  range(): Range {
    const { length } = this.#rows
    if (length <= allUpTo) {
      this.#range = { first: 0, last: length }
      return this.#range
    }
    const top = this.#top
    const first = this.#heights.indexAt(top - beyond)
    const last = this.sticks ? length : this.#heights.indexAt(top + this.#view.height + beyond) + 1
    const former = this.#range
    const both = { first: Math.min(first, former.first), last: Math.max(last, former.last) }
    const isOnePiece = former.last > former.first && former.first <= last && first <= former.last
    const mayKeep = both.last - both.first <= (this.hasSelection ? keptUpToSelected : keptUpTo)
    this.#range = isOnePiece && mayKeep ? both : { first, last }
    return this.#range
  }

  /** The space of the rows that are not drawn. */
  space({ first, last }: Range): { readonly above: number; readonly below: number } {
    const above = this.#heights.offsetOf(first)
    // Near the begin there may be less than was taken.
    if (above + this.#drift < 0) this.#drift = -above
    return { above: above + this.#drift, below: this.#heights.total - this.#heights.offsetOf(last) }
  }

  /** Where the upper edge of the view belongs among the rows. */
  get #top(): number {
    const { sticks } = this
    if (sticks || !this.#anchor) return sticks ? this.#heights.total - this.#view.height : this.#view.top
    return this.#heights.offsetOf(this.#anchor.index + 1) - this.#anchor.end
  }

  /** The first message that is wholly below an offset. */
  #anchorAt(top: number): Anchor | null {
    let index = this.#heights.indexAt(top)
    if (this.#heights.offsetOf(index) < top) index += 1
    for (; index < this.#rows.length; index += 1) {
      const row = this.#rows[index]
      if (row?.kind === 'message') return { key: row.key, index, end: this.#heights.offsetOf(index + 1) - top }
    }
    return null
  }

  #found(anchor: Anchor): Anchor | null {
    if (this.#rows[anchor.index]?.key === anchor.key) return anchor
    const index = this.#rows.findIndex(({ key }) => key === anchor.key)
    return index < 0 ? null : { ...anchor, index }
  }
}

function commonLength(before: readonly Row[], rows: readonly Row[]): number {
  const end = Math.min(before.length, rows.length)
  let length = 0
  while (length < end && before[length] === rows[length]) length += 1
  return length
}
