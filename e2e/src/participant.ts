import { type Client, type ClientState, type ConnectOptions, connect, PartylineError } from '@partyline/client'
import type { Line, Place } from './transcript.ts'

/** Codes that leave open whether the publication was taken. */
const openCodes: ReadonlySet<string> = new Set(['disconnected', 'timeout', 'unavailable', 'outcome_unknown'])

/** A client that follows one room, publishes in it, and writes down what it sees. */
export class Participant {
  readonly client: Client
  /** Whether each return so far said that nothing is missing. */
  hasRecovered = true
  /** How often it was live. */
  liveCount = 0
  readonly #who: string
  readonly #room: string
  readonly #lines: Line[]
  readonly #received = new Set<string>()
  readonly #outcomes: Promise<void>[] = []
  #count = 0

  constructor(who: string, room: string, lines: Line[], url: string, options: ConnectOptions = {}) {
    this.#who = who
    this.#room = room
    this.#lines = lines
    this.client = connect(url, { name: who, ...options })
    this.client.onState((state) => this.#follow(state))
  }

  /** Resolves when it is in the room. */
  async join(): Promise<void> {
    const { who, room } = { who: this.#who, room: this.#room }
    const subscription = this.client.subscribe(room)
    subscription.on('message', (key: string, { seq }: { seq: number | undefined }) => {
      this.#received.add(key)
      this.#lines.push({ kind: 'received', who, room, key, place: this.#placeOf(seq) })
    })
    subscription.onGap(({ epoch, seq }) => this.#lines.push({ kind: 'gap', who, room, place: { epoch, seq } }))
    await subscription.ready
    this.#lines.push({ kind: 'joined', who, room })
  }

  has(key: string): boolean {
    return this.#received.has(key)
  }

  /** Publishes the next one, and returns its key; the outcome is written down when it is known. */
  publish(): string {
    const key = `${this.#who}-${++this.#count}`
    this.#lines.push({ kind: 'published', who: this.#who, room: this.#room, key })
    this.#outcomes.push(this.#settle(key))
    return key
  }

  /** Resolves when every publication so far has its outcome. */
  async settled(): Promise<void> {
    await Promise.all(this.#outcomes.splice(0))
  }

  async #settle(key: string): Promise<void> {
    try {
      const { epoch, seq } = await this.client.publish(this.#room, key)
      const place = epoch === undefined || seq === undefined ? undefined : { epoch, seq }
      this.#lines.push({ kind: 'acked', key, place })
    } catch (error) {
      if (!(error instanceof PartylineError)) throw error
      this.#lines.push({ kind: openCodes.has(error.code) ? 'unknown' : 'refused', key })
    }
  }

  #placeOf(seq: number | undefined): Place | undefined {
    const { epoch } = this.client
    return epoch === undefined || seq === undefined ? undefined : { epoch, seq }
  }

  #follow(state: ClientState): void {
    if (state.name === 'waiting' || state.name === 'closed') this.#lines.push({ kind: 'dropped', who: this.#who })
    if (state.name !== 'live') return
    this.#lines.push({ kind: 'connected', who: this.#who })
    if (this.liveCount++ > 0 && (!state.recovered || state.gaps.length > 0)) this.hasRecovered = false
  }
}
