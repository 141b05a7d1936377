import { createHash } from 'node:crypto'
import {
  encodeAckArgs,
  encodeAckError,
  encodeError,
  type RequestError,
  type RequestId,
  stringifyArgs,
} from '@partyline/protocol'
import { type Answers, acknowledgement, restOf } from '../../answers.ts'
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

  get isAskedFor(): boolean {
    return this.#id !== undefined
  }

  /**
   * False where this event came before: then its answer is this one's, now or when it is given. Throws `key_reused` where
   * another came with its key.
   */
  remember(answers: Answers, key: string, args: readonly unknown[]): boolean {
    const id = this.#id
    const tell =
      id === undefined ? undefined : (rest: string): void => this.#target.outbox.say(acknowledgement(id, rest))
    const hash = createHash('sha256').update(JSON.stringify(this.#event)).update(stringifyArgs(args)).digest('base64')
    if (!answers.begin(key, hash, tell)) return false
    this.#answers = answers
    this.#key = key
    return true
  }

  succeed(args: readonly unknown[]): void {
    if (this.#done) return
    this.#done = true
    if (this.#id !== undefined) this.#target.outbox.say(encodeAckArgs(this.#id, args))
    this.#answers?.finish(
      this.#key,
      restOf((id) => encodeAckArgs(id, args)),
    )
  }

  handled(): void {
    if (!this.isAskedFor) this.succeed([])
  }

  fail(error: unknown): void {
    if (this.#done) return
    this.#done = true
    const wire = this.#target.errorOf(error, `the handler of "${this.#event}"`).toWire()
    const text = this.#id === undefined ? encodeError(wire, this.#event) : encodeAckError(this.#id, wire)
    this.#target.outbox.say(text)
    this.#answers?.finish(
      this.#key,
      restOf((id) => encodeAckError(id, wire)),
    )
  }
}
