/** Who is connected. A long poll counts while it waits. */
export interface ClientCount {
  readonly total: number
  readonly byTransport: {
    readonly websocket: number
    readonly polling: number
    readonly sse: number
    readonly longPoll: number
  }
  /** Plain clients in their two modes, Socket.IO's, and those that read over HTTP. */
  readonly byProtocol: {
    readonly lenient: number
    readonly strict: number
    readonly socketIo: number
    readonly http: number
  }
}

/** How a server is doing, as `server.stats` and `GET /stats` tell it. */
export interface ServerStats {
  readonly clients: ClientCount
  /** Rooms with members on this node. */
  readonly rooms: number
  /** Sessions that a connection holds. */
  readonly sessions: number
  /** Sessions that wait for their client to come back, and what they cost, about. */
  readonly suspended: { readonly count: number; readonly bytes: number }
  /** Publications handed out by the logs, and to how many clients. */
  readonly publications: number
  readonly deliveries: number
  readonly presenceRooms: number
  readonly kept: {
    readonly rooms: number
    readonly entries: number
    readonly bytes: number
    readonly keys: number
    readonly seq: number
  }
  /** The most reads that passed between a turn's first message and its writing. */
  readonly maxReadsWaited: number
}
