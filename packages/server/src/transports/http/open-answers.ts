import type { HttpClients } from './context.ts'

/** An answer that goes on for a while: a stream, or a parked poll. */
export interface OpenAnswer {
  /** The server stops: says what can be said, and ends. */
  finish(): void
}

/** All answers that go on, so that they can be counted and ended. */
export class OpenAnswers {
  /** The server stops: nothing may be opened any more. */
  closing = false
  readonly #clients: HttpClients
  readonly #all = new Set<OpenAnswer>()

  constructor(clients: HttpClients) {
    this.#clients = clients
  }

  add(answer: OpenAnswer): void {
    this.#all.add(answer)
    this.#clients.httpCount++
  }

  remove(answer: OpenAnswer): void {
    if (this.#all.delete(answer)) this.#clients.httpCount--
  }

  close(): void {
    this.closing = true
    for (const answer of this.#all) answer.finish()
  }
}
