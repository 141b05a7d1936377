import type { Sink } from '../../hub/transport.ts'
import type { Connection } from '../../websocket/connection.ts'
import type { Framing } from './framing.ts'
import type { EngineCloseReason, Lane, LaneListener } from './lane.ts'
import { InvalidEnginePacket, readPacket } from './packets.ts'

// Shared by all connections: closures would be most of what an idle client costs.
const laneOf = (connection: Connection): WebSocketLane => connection.owner as WebSocketLane

function onMessage(this: Connection, data: string | Buffer): void {
  laneOf(this).read(data)
}

function onWritable(this: Connection): void {
  laneOf(this).listener?.onWritable()
}

function onEnding(this: Connection): void {
  laneOf(this).listener?.onEnding()
}

function onError(this: Connection, error: unknown): string | undefined {
  return laneOf(this).listener?.onError(error)
}

function onClose(this: Connection): void {
  laneOf(this).closed()
}

/** A session's lane over a WebSocket: a message is a packet. */
export class WebSocketLane implements Lane {
  readonly framing: Framing
  listener: LaneListener | undefined
  readonly connection: Connection
  #reason: EngineCloseReason | undefined

  constructor(connection: Connection, framing: Framing) {
    this.connection = connection
    this.framing = framing
    connection.owner = this
    connection.onMessage = onMessage
    connection.onWritable = onWritable
    connection.onEnding = onEnding
    connection.onError = onError
    connection.onClose = onClose
  }

  get name(): 'websocket' {
    return 'websocket'
  }

  get sink(): Sink {
    return this.connection.outgoing
  }

  get writable(): boolean {
    return this.connection.writable
  }

  get unsentBytes(): number {
    return this.connection.unsentBytes
  }

  get outgoingMark(): number {
    return this.connection.outgoingMark
  }

  get chunksRead(): number {
    return this.connection.chunksRead
  }

  write(frames: readonly Buffer[]): void {
    this.connection.write(frames)
  }

  pause(): void {
    this.connection.pause()
  }

  resume(): void {
    this.connection.resume()
  }

  close(reason: EngineCloseReason): void {
    this.#reason ??= reason
    this.listener?.onEnding()
    this.connection.close(null)
  }

  terminate(reason: EngineCloseReason): void {
    this.#reason ??= reason
    this.connection.terminate()
  }

  /** @internal */
  read(data: string | Buffer): void {
    try {
      this.listener?.onPacket(typeof data === 'string' ? readPacket(data) : data)
    } catch (error) {
      if (!(error instanceof InvalidEnginePacket)) throw error
      this.close('parse error')
    }
  }

  /** @internal */
  closed(): void {
    // where the peer broke a rule of the WebSocket there are words of ours for it
    this.listener?.onGone(
      this.#reason ?? (this.connection.failure === undefined ? 'transport close' : 'transport error'),
    )
  }
}
