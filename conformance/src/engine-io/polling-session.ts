import type { Ask, Exchange } from './exchange.ts'
import { Fault, holds, same } from './fault.ts'
import type { Talk } from './talk.ts'

/** What an `open` packet tells. */
export interface OpenFacts {
  readonly sid: string
  readonly upgrades: readonly string[]
  readonly pingInterval: number
  readonly pingTimeout: number
  readonly maxPayload: number
}

const SEPARATOR = '\x1e'
const PING = '2'

/** The packets of a payload. */
export const packetsOf = (payload: string): string[] => payload.split(SEPARATOR)

/** The client's end of a session that polls. It does nothing by itself: no GET that a case did not ask for, no pong. */
export class PollingSession {
  readonly facts: OpenFacts
  readonly #talk: Talk
  /** Packets that came and nobody has asked for yet. */
  #heard: string[] = []
  /** Pings that came among them. */
  #pings = 0
  /** A GET that was left parked. */
  #parked: Exchange | undefined

  constructor(talk: Talk, facts: OpenFacts) {
    this.#talk = talk
    this.facts = facts
  }

  get sid(): string {
    return this.facts.sid
  }

  /** Any request in the session. */
  ask(ask: Ask = {}, query: Readonly<Record<string, string>> = {}): Exchange {
    return this.#talk.ask(ask, { EIO: '4', transport: 'polling', sid: this.sid, ...query })
  }

  /** A GET. */
  poll(headers: Readonly<Record<string, string>> = {}): Exchange {
    return this.ask({ headers })
  }

  post(body: string | Buffer | readonly Buffer[], headers: Readonly<Record<string, string>> = {}): Exchange {
    return this.ask({ method: 'POST', body, headers: { 'Content-Type': 'text/plain;charset=UTF-8', ...headers } })
  }

  /** Sends packets in one payload, and sees them taken. */
  async say(...packets: readonly string[]): Promise<void> {
    const { status, text } = await this.post(packets.join(SEPARATOR)).answer()
    same([status, text], [200, 'ok'], 'the answer to a POST')
  }

  /** The packets of the next GET that has more than pings to tell. */
  async hear(): Promise<string[]> {
    for (;;) {
      const exchange = this.#parked ?? this.poll()
      this.#parked = undefined
      const { status, text } = await exchange.answer()
      same(status, 200, 'the status of a GET')
      const heard = packetsOf(text)
      const packets = heard.filter((packet) => packet !== PING)
      this.#pings += heard.length - packets.length
      if (packets.length > 0) return packets
    }
  }

  /** Leaves a GET parked, for {@link hear} and {@link next}. Returns when the server surely has it. */
  async park(): Promise<Exchange> {
    const exchange = this.poll()
    this.#parked = exchange
    await exchange.sent
    await this.say('3') // behind it: when this is answered the GET has been read
    return exchange
  }

  /** The next packet that is no ping. */
  async next(): Promise<string> {
    if (this.#heard.length === 0) this.#heard = await this.hear()
    return this.#heard.shift() as string
  }

  /** Waits for the next ping, if none has come yet that nobody has asked for. */
  async ping(): Promise<void> {
    if (this.#pings > 0) {
      this.#pings--
      return
    }
    for (;;) {
      const { status, text } = await this.poll().answer()
      same(status, 200, 'the status of a GET that waits for a ping')
      if (packetsOf(text).includes(PING)) return
    }
  }

  /** Enters the namespace `/`, and answers pings that came meanwhile. Answers the public id. */
  async join(): Promise<string> {
    await this.say('40')
    const packet = await this.next()
    holds(packet.startsWith('40{'), `the answer to CONNECT is ${packet}`)
    for (; this.#pings > 0; this.#pings--) await this.say('3')
    return (JSON.parse(packet.slice(2)) as { sid: string }).sid
  }

  /** Sends a message and sees it come back: the session is alive. */
  async roundTrip(word: string): Promise<void> {
    const packet = `42["echo",${JSON.stringify(word)}]`
    await this.say(packet)
    same(await this.next(), packet, 'the echo by polling')
  }

  /** The server does not know the session any more: at once, or where it may not have noticed yet, soon. */
  async isUnknown(how: 'at once' | 'soon' = 'at once'): Promise<void> {
    const deadline = performance.now() + this.#talk.patienceMs
    for (;;) {
      const outcome = await this.post('3').outcome()
      if (outcome !== 'reset' && outcome.status === 400 && outcome.text === unknownSession) return
      const told = outcome === 'reset' ? 'a reset' : `${outcome.status} ${outcome.text}`
      if (how === 'at once') throw new Fault(`the session is not gone: ${told}`)
      if (performance.now() > deadline) throw new Fault(`the session does not go away: ${told}`)
    }
  }
}

export const unknownSession = '{"code":1,"message":"Session ID unknown"}'
