import type { Ticket } from '../../guard/admission.ts'
import type { AnswerKind, HttpClients } from './context.ts'

/** An answer that goes on for a while: a stream, or a parked poll. */
export interface OpenAnswer {
  readonly kind: AnswerKind
  /** That it was let in. Released when it has ended. */
  readonly ticket: Ticket
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
    this.#clients.openAnswers[answer.kind]++
  }

  remove(answer: OpenAnswer): void {
    if (!this.#all.delete(answer)) return
    this.#clients.openAnswers[answer.kind]--
    answer.ticket.release()
  }

  close(): void {
    this.closing = true
    for (const answer of this.#all) answer.finish()
  }
}
