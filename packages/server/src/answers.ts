/** How an answer is told again: the text for the id that asks now. */
export type Retold = (id: string | number) => string

interface Answer {
  retold: Retold | undefined
  readonly waiting: ((retold: Retold) => void)[]
}

const MAX_ANSWERS = 1_000

/** What handlers answered to events with a key, so that a retry never runs one twice. Bounded: the oldest is forgotten. */
export class Answers {
  readonly #byKey = new Map<string, Answer>()

  /** True where the key is new: the caller runs the handler. Else the first answer is told, now or when it comes. */
  begin(key: string, tell: ((retold: Retold) => void) | undefined): boolean {
    const known = this.#byKey.get(key)
    if (known === undefined) {
      this.#byKey.set(key, { retold: undefined, waiting: [] })
      if (this.#byKey.size > MAX_ANSWERS) this.#byKey.delete(this.#byKey.keys().next().value as string)
      return true
    }
    if (tell === undefined) return false
    if (known.retold === undefined) known.waiting.push(tell)
    else tell(known.retold)
    return false
  }

  /** The handler has answered. */
  finish(key: string, retold: Retold): void {
    const known = this.#byKey.get(key)
    if (known === undefined) return
    known.retold = retold
    for (const tell of known.waiting.splice(0)) tell(retold)
  }
}
