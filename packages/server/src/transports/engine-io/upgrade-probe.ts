import type { Clock } from '../../clock.ts'
import type { EngineSession } from './engine-session.ts'
import type { LaneListener } from './lane.ts'
import { type EnginePacket, PacketId } from './packets.ts'
import type { PollingLane } from './polling-lane.ts'
import type { WebSocketLane } from './websocket-lane.ts'

const PROBE = `${PacketId.ping}probe`
const PROBE_ANSWER = `${PacketId.pong}probe`

/** A WebSocket that a polling session is about to change to. Until the client says so, polling goes on as it was. */
export class UpgradeProbe implements LaneListener {
  readonly #session: EngineSession
  readonly #polling: PollingLane
  readonly #lane: WebSocketLane
  readonly #clock: Clock
  #timer: unknown

  constructor(session: EngineSession, lane: WebSocketLane, timeoutMs: number, clock: Clock) {
    this.#session = session
    this.#polling = session.lane as PollingLane
    this.#lane = lane
    this.#clock = clock
    lane.listener = this
    this.#timer = clock.setTimeout(() => this.abandon(), timeoutMs)
  }

  onPacket(packet: EnginePacket): void {
    if (packet === PROBE) {
      this.#lane.write([this.#lane.framing.text(PROBE_ANSWER)])
      this.#polling.release(true)
      this.#session.tellUpgrading()
    } else if (packet === PacketId.upgrade) {
      this.#clock.clearTimeout(this.#timer)
      this.#session.changeTo(this.#lane)
    } else this.abandon()
  }

  /** The client keeps to polling; it may try again. */
  abandon(): void {
    this.#lane.close('forced close')
    this.#end()
  }

  #end(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#lane.listener = undefined
    if (this.#session.probe !== this) return
    this.#session.probe = undefined
    this.#polling.release(false)
  }

  onWritable(): void {}
  onEnding(): void {}

  onError(error: unknown): string {
    return this.#session.onError(error)
  }

  onGone(): void {
    this.#end()
  }
}
