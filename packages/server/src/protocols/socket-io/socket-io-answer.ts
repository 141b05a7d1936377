import type { RequestError } from '@partyline/protocol'
import type { EventAnswer } from '../client.ts'

/** Whom an event came from. */
export interface AnswerTarget {
  sendAck(id: number | string, args: readonly unknown[]): void
  errorOf(error: unknown, where: string): RequestError
}

/** The acknowledgement of one event: the first answer counts. What failed is told as `{ error }`. */
export class SocketIoAnswer implements EventAnswer {
  readonly #target: AnswerTarget
  readonly #event: string
  readonly #id: number | string
  #done = false

  constructor(target: AnswerTarget, event: string, id: number | string) {
    this.#target = target
    this.#event = event
    this.#id = id
  }

  get isAskedFor(): boolean {
    return true
  }

  succeed(args: readonly unknown[]): void {
    if (this.#done) return
    this.#done = true
    this.#target.sendAck(this.#id, args)
  }

  handled(): void {} // its handler answers, or nobody does

  fail(error: unknown): void {
    this.succeed([{ error: this.#target.errorOf(error, `the handler of "${this.#event}"`).toWire() }])
  }
}
