import { encodeAckArgs, encodeAckError, type RequestError, type RequestId } from '@partyline/protocol'
import type { Answers, Retold } from '../../answers.ts'
import type { EventAnswer } from '../client.ts'

/** Whom an event came from. */
export interface ReplyTarget {
  readonly outbox: { say(text: string): void }
  errorOf(error: unknown, where: string): RequestError
}

/** The answer to one event: said once, to whoever asked, and remembered where the event carried a key. */
export class EventReply implements EventAnswer {
  readonly #target: ReplyTarget
  readonly #event: string
  readonly #id: RequestId | undefined
  #answers: Answers | undefined
  #key = ''
  #done = false

  constructor(target: ReplyTarget, event: string, id: RequestId | undefined) {
    this.#target = target
    this.#event = event
    this.#id = id
  }

  /** False where an event with this key came before: then its answer is this one's, now or when it is given. */
  remember(answers: Answers, key: string): boolean {
    const id = this.#id
    const tell = id === undefined ? undefined : (retold: Retold) => this.#target.outbox.say(retold(id))
    if (!answers.begin(key, tell)) return false
    this.#answers = answers
    this.#key = key
    return true
  }

  succeed(args: readonly unknown[]): void {
    this.#finish((id) => encodeAckArgs(id, args))
  }

  fail(error: unknown): void {
    const wire = this.#target.errorOf(error, `the handler of "${this.#event}"`).toWire()
    this.#finish((id) => encodeAckError(id, wire))
  }

  #finish(retold: Retold): void {
    if (this.#done) return
    this.#done = true
    if (this.#id !== undefined) this.#target.outbox.say(retold(this.#id))
    this.#answers?.finish(this.#key, retold)
  }
}
