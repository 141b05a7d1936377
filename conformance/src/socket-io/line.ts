import type { EngineWebSocket } from '../engine-io/engine-web-socket.ts'
import { Fault, same, tell } from '../engine-io/fault.ts'
import type { PollingSession } from '../engine-io/polling-session.ts'
import type { Talk } from '../engine-io/talk.ts'

/** A packet of Engine.IO as it travels: text with its id in front, or the bytes of a binary message. */
export type Packet = string | Buffer

export type TransportName = 'polling' | 'websocket'

/** The client's end of an Engine.IO session, whatever it travels by. It does nothing by itself. */
export interface Line {
  /** The session's secret. */
  readonly sid: string
  /** Says packets: in one payload, or one message after the other. */
  say(...packets: readonly Packet[]): Promise<void>
  /** Says them, where the server may have closed the session already. */
  try(...packets: readonly Packet[]): Promise<void>
  /** The next packet. A fault where the session ends instead. */
  next(): Promise<Packet>
  /** The server closes the session now, and says nothing before. */
  end(): Promise<void>
  /** The client says goodbye to Engine.IO. */
  leave(): Promise<void>
}

/** A session that polls. A GET is sent when somebody waits for a packet: otherwise none is parked. */
export class PollingLine implements Line {
  readonly session: PollingSession
  #heard: string[] = []

  constructor(session: PollingSession) {
    this.session = session
  }

  get sid(): string {
    return this.session.sid
  }

  say(...packets: readonly Packet[]): Promise<void> {
    return this.session.say(...packets.map(textOf))
  }

  async try(...packets: readonly Packet[]): Promise<void> {
    await this.session.post(packets.map(textOf).join('\x1e')).outcome()
  }

  async next(): Promise<Packet> {
    const packet = await this.#next()
    if (packet === '1') throw new Fault('the session is closed instead of a packet')
    return packet.startsWith('b') ? Buffer.from(packet.slice(1), 'base64') : packet
  }

  async #next(): Promise<string> {
    while (this.#heard.length === 0 || this.#heard[0] === '6') {
      if (this.#heard.shift() === undefined) this.#heard = await this.session.hear()
    }
    return this.#heard.shift() as string
  }

  async end(): Promise<void> {
    const packet = await this.#next()
    if (packet !== '1') throw new Fault(`${packet} instead of the end`)
    same(this.#heard, [], 'behind the end')
    await this.session.isUnknown()
  }

  leave(): Promise<void> {
    return this.session.say('1')
  }
}

const textOf = (packet: Packet): string => (typeof packet === 'string' ? packet : `b${packet.toString('base64')}`)

/** A session over a WebSocket. */
export class WebSocketLine implements Line {
  readonly sid: string
  readonly socket: EngineWebSocket
  readonly #patienceMs: number

  constructor(sid: string, socket: EngineWebSocket, patienceMs: number) {
    this.sid = sid
    this.socket = socket
    this.#patienceMs = patienceMs
  }

  say(...packets: readonly Packet[]): Promise<void> {
    return this.socket.send(...packets)
  }

  try(...packets: readonly Packet[]): Promise<void> {
    return this.socket.send(...packets)
  }

  next(): Promise<Packet> {
    return this.socket.next()
  }

  async end(): Promise<void> {
    const { client } = this.socket
    // what a server that goes on would say comes first
    const isOver = (): boolean => client.serverClose !== undefined || client.wire.isOver
    await client.waitFor(() => isOver() || this.socket.rest.length > 0, this.#patienceMs)
    const [packet] = this.socket.rest
    if (packet !== undefined) throw new Fault(`${packet} instead of the end`)
    const end = await this.socket.end()
    if (!end.hasCloseFrame || end.code !== undefined) throw new Fault(`it ends with ${tell(end)}`)
    same(this.socket.rest, [], 'behind the end')
  }

  leave(): Promise<void> {
    return this.socket.close()
  }
}

/** Opens a session. */
export async function openLine(talk: Talk, transport: TransportName): Promise<Line> {
  if (transport === 'polling') return new PollingLine(await talk.open())
  return openWebSocketLine(talk)
}

/** Opens one over a WebSocket, with more in its query. */
export async function openWebSocketLine(talk: Talk, query: Readonly<Record<string, string>> = {}): Promise<Line> {
  const socket = await talk.openWebSocket(query)
  return new WebSocketLine(socket.facts.sid, socket, talk.patienceMs)
}
