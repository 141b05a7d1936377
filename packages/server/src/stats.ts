/** How a server is doing, as `server.stats` and `GET /stats` tell it. */
export interface ServerStats {
  readonly clients: { readonly total: number; readonly lenient: number; readonly strict: number; readonly http: number }
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
