import { buffersOf } from './frames.ts'
import type { Item } from './item.ts'
import type { Publication } from './publication.ts'
import { Run } from './run.ts'
import type { WireForm } from './wire-form.ts'

/** The runs of a hub: they all begin at the empty one. */
export class Runs {
  /** What waits for a client for whom nothing waits. */
  readonly empty = new Run()

  /** The bytes of all these items. Publications alone are looked up as a run: others may have waited for the same. */
  of(items: readonly Item[], form: WireForm, placeText: (seqs: readonly number[]) => string): readonly Buffer[] {
    if (!items.every(isPublication)) return buffersOf(items, form, placeText)
    return items.reduce<Run>((run, publication) => run.with(publication), this.empty).buffers(form, placeText)
  }

  /** Lets go of this turn's runs, when its writing is over: whoever has not written his keeps it. */
  clear(): void {
    this.empty.forgetNext()
  }
}

const isPublication = (item: Item): item is Publication => item.kind === 'publication'
