import type { Sink } from '../../hub/transport.ts'
import type { Framing } from './framing.ts'
import type { EnginePacket } from './packets.ts'

/** Why a session has ended, in Engine.IO's words. */
export type EngineCloseReason = 'transport close' | 'transport error' | 'ping timeout' | 'parse error' | 'forced close'

/** Who is told what happens on a lane: the session. */
export interface LaneListener {
  onPacket(packet: EnginePacket): void
  onWritable(): void
  /** The client will be answered for the last time. */
  onEnding(): void
  /** A handler has thrown; what this answers is told to the client. */
  onError(error: unknown): string
  /** Nothing goes over this lane any more. Told once. */
  onGone(reason: EngineCloseReason): void
}

/** What a session's packets travel by: polling, or a WebSocket. */
export interface Lane extends Sink {
  readonly name: 'polling' | 'websocket'
  readonly framing: Framing
  /** Changes with every sign of life. */
  readonly chunksRead: number
  readonly outgoingMark: number
  /** Stops and goes on reading from the client. */
  pause(): void
  resume(): void
  /** Ends it politely, behind what has been written. `onGone` follows. */
  close(reason: EngineCloseReason): void
  /** Ends it now, and lets go of what waits. `onGone` follows. */
  terminate(reason: EngineCloseReason): void
}
