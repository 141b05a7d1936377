import { encodeAckArgs, encodeAckError, type RequestError, type RequestId } from '@partyline/protocol'
import type { Answers, Retold } from '../../answers.ts'
import type { EventAnswer } from '../client.ts'

/** The answer to one event: said once, to whoever asked, and remembered where the event carried a key. */
export class EventReply implements EventAnswer {
  readonly #id: RequestId | undefined
  readonly #say: (text: string) => void
  readonly #errorOf: (error: unknown) => RequestError
  #answers: Answers | undefined
  #key = ''
  #done = false

  constructor(id: RequestId | undefined, say: (text: string) => void, errorOf: (error: unknown) => RequestError) {
    this.#id = id
    this.#say = say
    this.#errorOf = errorOf
  }

  /** False where an event with this key came before: then its answer is this one's, now or when it is given. */
  remember(answers: Answers, key: string): boolean {
    const id = this.#id
    const retell = id === undefined ? undefined : (retold: Retold) => this.#say(retold(id))
    if (!answers.begin(key, retell)) return false
    this.#answers = answers
    this.#key = key
    return true
  }

  succeed(args: readonly unknown[]): void {
    this.#finish((id) => encodeAckArgs(id, args))
  }

  fail(error: unknown): void {
    const wire = this.#errorOf(error).toWire()
    this.#finish((id) => encodeAckError(id, wire))
  }

  #finish(retold: Retold): void {
    if (this.#done) return
    this.#done = true
    if (this.#id !== undefined) this.#say(retold(this.#id))
    this.#answers?.finish(this.#key, retold)
  }
}
