import type { Place } from './places.ts'
import type { Talk } from './talk.ts'

/** One case: a conversation with the server at a place. It throws what it has against it. */
export interface EngineCase {
  /** The section of the protocol's facts, and a running number. */
  readonly id: string
  readonly title: string
  readonly at: Place
  /** It ends the server: it is run last. */
  readonly isFatal: boolean
  run(talk: Talk): Promise<void>
}

/** Cases of one section, numbered in their order. */
export class Section {
  readonly cases: EngineCase[] = []
  readonly #number: string

  constructor(number: string) {
    this.#number = number
  }

  /** A case at the place `main`, or at the one named last. */
  row(title: string, run: EngineCase['run'], at: Place = 'main'): void {
    const id = `${this.#number}.${this.cases.length + 1}`
    this.cases.push({ id, title, at, isFatal: at === 'mortal', run })
  }

  /** The same conversation for each of several inputs. */
  rows<T>(inputs: readonly T[], title: (input: T) => string, run: (talk: Talk, input: T) => Promise<void>, at?: Place) {
    for (const input of inputs) this.row(title(input), (talk) => run(talk, input), at)
  }
}
