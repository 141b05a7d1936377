import { buffersOf } from './frames.ts'
import type { Publication } from './publication.ts'
import type { WireForm } from './wire-form.ts'

/**
 * Publications that wait, in their order: the last of them, behind the run of those before. All clients for whom the same
 * ones wait have the same run, so that a publication costs each of them a look at what the one before it got, and its
 * bytes are put together once. Without a last one it is the empty run, where all of them begin.
 */
export class Run {
  /** What its publications count in an outbox. */
  readonly size: number
  readonly #last: Publication | undefined
  readonly #before: Run | undefined
  /** The run that was last made of this one. */
  #next: Run | undefined
  /** By the form's index, as a publication has its frames. */
  readonly #buffers: (readonly Buffer[] | undefined)[] = []

  constructor(before?: Run, last?: Publication) {
    this.#before = before
    this.#last = last
    this.size = before === undefined || last === undefined ? 0 : before.size + last.size
  }

  /** This run, and a publication behind it. */
  with(publication: Publication): Run {
    const next = this.#next
    if (next !== undefined && next.#last === publication) return next
    this.#next = new Run(this, publication)
    return this.#next
  }

  /** Its publications, in a list that the caller may keep and change. */
  list(): Publication[] {
    const publications: Publication[] = []
    let run: Run = this
    while (run.#last !== undefined && run.#before !== undefined) {
      publications.push(run.#last)
      run = run.#before
    }
    return publications.reverse()
  }

  /** Its bytes in this form, for one write: put together by whoever asks first. */
  buffers(form: WireForm, placeText: (seqs: readonly number[]) => string): readonly Buffer[] {
    let buffers = this.#buffers[form.index]
    if (buffers === undefined) {
      buffers = buffersOf(this.list(), form, placeText)
      this.#buffers[form.index] = buffers
    }
    return buffers
  }

  /** Lets go of what was made of this one: who has that keeps it. */
  forgetNext(): void {
    this.#next = undefined
  }
}
