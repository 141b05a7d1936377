import { encodeAckError, RequestError } from '@partyline/protocol'

/** An acknowledgement as text, up to its id; what follows is the same for whichever id asks. */
const HEAD = '{"type":"ack","id":'
const SAMPLE_ID = 0

/** What of an acknowledgement, encoded for the sample id, stands behind the id. */
export const restOf = (encode: (id: number) => string): string => encode(SAMPLE_ID).slice(`${HEAD}${SAMPLE_ID}`.length)

/** The acknowledgement for this id. */
export const acknowledgement = (id: string | number, rest: string): string => HEAD + JSON.stringify(id) + rest

interface Answer {
  /** A hash of the event and its arguments. */
  readonly hash: string
  /** Undefined while the handler has not answered. */
  rest: string | undefined
  readonly waiting: ((rest: string) => void)[]
}

const MAX_ANSWERS = 1_000
/** Of all answers of a session together. */
const MAX_BYTES = 256 * 1024

const forgotten = restOf((id) =>
  encodeAckError(id, { code: 'outcome_unknown', message: 'it was answered, but the answer is no longer kept' }),
)

/**
 * What handlers answered to events with a key, so that a retry never runs one twice. Bounded twice: of more than 1,000 the
 * oldest key is forgotten, of more than 256 KB the oldest answers, and whoever asks for one is told `outcome_unknown`.
 */
export class Answers {
  readonly #byKey = new Map<string, Answer>()
  #bytes = 0

  /** What is kept. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * True where the key is new: the caller runs the handler. Else the first answer is told, now or when it comes. Throws
   * `key_reused` where the key was used for another event or other arguments.
   */
  begin(key: string, hash: string, tell: ((rest: string) => void) | undefined): boolean {
    const known = this.#byKey.get(key)
    if (known === undefined) {
      this.#byKey.set(key, { hash, rest: undefined, waiting: [] })
      if (this.#byKey.size > MAX_ANSWERS) this.#forgetOldestKey()
      return true
    }
    if (known.hash !== hash) throw new RequestError('key_reused', 'this key was used for something else')
    if (tell === undefined) return false
    if (known.rest === undefined) known.waiting.push(tell)
    else tell(known.rest)
    return false
  }

  /** The handler has answered. */
  finish(key: string, rest: string): void {
    const known = this.#byKey.get(key)
    if (known === undefined) return
    for (const tell of known.waiting.splice(0)) tell(rest)
    known.rest = rest
    this.#bytes += rest.length
    for (const answer of this.#byKey.values()) {
      if (this.#bytes <= MAX_BYTES) return
      this.#forget(answer)
    }
  }

  #forgetOldestKey(): void {
    const [key, answer] = this.#byKey.entries().next().value as [string, Answer]
    this.#forget(answer)
    this.#byKey.delete(key)
  }

  #forget(answer: Answer): void {
    if (answer.rest === undefined || answer.rest === forgotten) return
    this.#bytes -= answer.rest.length
    answer.rest = forgotten
  }
}
