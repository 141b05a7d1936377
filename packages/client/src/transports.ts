/** By what the messages of a connection travel. */
export type Transport = 'websocket' | 'polling'

const known: readonly unknown[] = ['websocket', 'polling']

/** The first is tried first. Throws a `TypeError` for what is no list of them. */
export function checkTransports(given: readonly Transport[]): readonly Transport[] {
  if (!Array.isArray(given) || given.length === 0 || !given.every((each) => known.includes(each))) {
    throw new TypeError('the option transports is a list of "websocket" and "polling", or of one of them')
  }
  return [...new Set(given)]
}

/** So many attempts in a row get nowhere by WebSocket, where one has worked before: a server that restarts has none for a while. */
const failuresOfKnown = 2

/** By what a client connects: what worked last, and the other one where that gets nowhere and the other one does. */
export class Transports {
  /** A WebSocket has worked on this page. */
  isWebSocketKnown = false
  #allowed: readonly Transport[]
  #preferred: Transport
  /** Whether this attempt has had its second try. */
  #isSecond = false
  /** How many attempts in a row got nowhere by WebSocket. */
  #failures = 0

  constructor(allowed: readonly Transport[]) {
    this.#allowed = allowed
    this.#preferred = allowed[0] as Transport
  }

  /** Whether there is something to climb to. */
  get hasWebSocket(): boolean {
    return this.#allowed.includes('websocket')
  }

  /** Another attempt begins, with this one or what worked last. */
  begin(transport: Transport = this.#preferred): Transport {
    this.#isSecond = false
    return transport
  }

  /** What the attempt that got nowhere by this one tries now; undefined where it is over. */
  insteadOf(transport: Transport): Transport | undefined {
    if (transport === 'websocket') this.#failures++
    if (this.#isSecond) return undefined
    this.#isSecond = true
    if (transport === 'websocket' && this.isWebSocketKnown && this.#failures < failuresOfKnown) return undefined
    return this.#allowed.find((each) => each !== transport)
  }

  /** The server has let this client in. */
  worked(transport: Transport): void {
    this.#preferred = transport
    this.#failures = 0
    if (transport === 'websocket') this.isWebSocketKnown = true
  }
}
