import type { IncomingMessage } from 'node:http'
import type { Handshake } from '../../handshake.ts'
import type { Beat, Heartbeat, Pulse } from '../../heartbeat.ts'
import type { Sink, Transport } from '../../hub/transport.ts'
import { EngineSocket } from './engine-socket.ts'
import { framed } from './framing.ts'
import type { EngineCloseReason, LaneListener } from './lane.ts'
import { type EnginePacket, PacketId } from './packets.ts'
import type { PollingLane } from './polling-lane.ts'
import { PongDeadline, type PongPace } from './pong-deadline.ts'
import type { UpgradeProbe } from './upgrade-probe.ts'
import type { WebSocketLane } from './websocket-lane.ts'

/** Who speaks over a session. */
export interface EngineReceiver {
  /** A message of the client's: text, or bytes. */
  onMessage(data: string | Buffer): void
  onWritable(): void
  /** The client will be answered for the last time: what is still to be said must be written now. */
  onEnding(): void
  /** The session goes on over a WebSocket: what is said from now on has that one's framing. */
  onUpgrade(): void
  onError(error: unknown): string
  onClose(reason: EngineCloseReason): void
}

/** What all sessions of a server share. */
export interface EngineContext extends PongPace {
  readonly heartbeat: Heartbeat
  onClosed(session: EngineSession, reason: EngineCloseReason): void
}

/** One client's Engine.IO session (protocol v4): first on one lane, later perhaps on another, always in order. */
export class EngineSession implements Transport, LaneListener, Pulse {
  /** Who knows it can speak in this session: never told to others. */
  readonly id: string
  receiver: EngineReceiver | undefined
  beat: Beat | undefined
  lane: PollingLane | WebSocketLane
  /** A WebSocket to which the client wants to change. */
  probe: UpgradeProbe | undefined
  /** It has changed: polling is over. */
  upgraded = false
  readyState: 'open' | 'closing' | 'closed' = 'open'
  /** How its client came. */
  readonly handshake: Handshake
  /** The request it came with, where middlewares of the application's may have put something on it. */
  request: IncomingMessage | null | undefined
  #socket: EngineSocket | undefined
  readonly #context: EngineContext
  /** What was read on the lane before. */
  #chunksBefore = 0
  /** While it polls. */
  #pongs: PongDeadline | undefined

  constructor(id: string, lane: PollingLane | WebSocketLane, handshake: Handshake, context: EngineContext) {
    this.id = id
    this.lane = lane
    this.handshake = handshake
    this.#context = context
    lane.listener = this
    if (lane.name === 'polling') this.#pongs = new PongDeadline(context, () => this.onSilent())
    context.heartbeat.add(this)
  }

  /** The session as applications see it. */
  get socket(): EngineSocket {
    this.#socket ??= new EngineSocket(this)
    return this.#socket
  }

  // --- what the outbox needs

  get sink(): Sink {
    return this
  }

  get writable(): boolean {
    return this.readyState === 'open' && this.lane.writable
  }

  get unsentBytes(): number {
    return this.lane.unsentBytes
  }

  get outgoingMark(): number {
    return this.lane.outgoingMark
  }

  get chunksRead(): number {
    return this.#chunksBefore + this.lane.chunksRead
  }

  paused = false

  write(frames: readonly Buffer[]): void {
    this.lane.write(frames)
  }

  /** Says a packet of the session's own, ahead of what waits for the flush. */
  say(packet: EnginePacket): void {
    this.lane.write([framed(packet, this.lane.framing)])
  }

  pause(): void {
    this.paused = true
    this.#pongs?.heard() // who is not read cannot be heard
    this.lane.pause()
  }

  resume(): void {
    this.paused = false
    this.#pongs?.heard()
    this.lane.resume()
  }

  // --- the heartbeat

  ping(): void {
    if (this.#pongs?.isAwaited) return // another one would not bring what the first did not
    this.say(PacketId.ping)
    if (!this.paused) this.#pongs?.pinged()
  }

  onSilent(): void {
    this.#breakOff('ping timeout')
  }

  onStuck(): void {
    this.terminate()
  }

  /** Whether nothing has come for longer than the heartbeat allows. Asked when a request comes: timers may be late. */
  get isOverdue(): boolean {
    return this.#pongs?.isPast === true
  }

  // --- what comes in

  /** @internal */
  onPacket(packet: EnginePacket): void {
    this.#pongs?.heard()
    if (this.readyState !== 'open' && packet !== PacketId.close) return // what is said after the end is nobody's
    this.#socket?.heard(packet)
    if (typeof packet !== 'string') {
      this.receiver?.onMessage(packet)
      return
    }
    switch (packet[0]) {
      case PacketId.message:
        this.receiver?.onMessage(packet.slice(1))
        break
      case PacketId.close:
        this.#leave()
        break
      case PacketId.ping: // in this version of the protocol the server pings
        this.#breakOff('transport error')
        break
      default: // a pong is a sign of life like any byte; open, upgrade and noop mean nothing here
    }
  }

  #leave(): void {
    if (this.lane.name === 'polling') this.lane.leave()
    else this.lane.close('transport close')
  }

  /** @internal */
  onWritable(): void {
    this.receiver?.onWritable()
  }

  /** @internal */
  onEnding(): void {
    this.receiver?.onEnding()
  }

  /** @internal */
  onError(error: unknown): string {
    return this.receiver?.onError(error) ?? 'internal error'
  }

  /** @internal */
  onGone(reason: EngineCloseReason): void {
    if (this.readyState === 'closed') return
    this.readyState = 'closed'
    this.#context.heartbeat.remove(this)
    this.#pongs?.end()
    this.probe?.abandon()
    this.#context.onClosed(this, reason)
    this.receiver?.onClose(reason)
    this.#socket?.emit('close', reason)
  }

  /** The client has asked whether it can change to a WebSocket. */
  tellUpgrading(): void {
    this.#socket?.emit('upgrading', { name: 'websocket' })
  }

  // --- changing the lane

  /** The client has changed to this WebSocket: what was not said yet goes out there, in order. */
  changeTo(lane: WebSocketLane): void {
    const polling = this.lane as PollingLane
    this.#pongs?.end()
    this.#pongs = undefined
    const left = polling.detach()
    this.#chunksBefore += polling.chunksRead + 1
    this.lane = lane
    this.probe = undefined
    this.upgraded = true
    lane.listener = this
    if (this.paused) lane.pause()
    if (left.length > 0) lane.write(left.map((packet) => framed(packet, lane.framing)))
    this.receiver?.onUpgrade()
    this.#socket?.emit('upgrade', this.#socket.transport)
    if (this.readyState === 'closing') lane.close('forced close')
  }

  // --- the end

  close(): void {
    if (this.readyState !== 'open') return
    this.readyState = 'closing'
    this.#context.heartbeat.remove(this)
    this.#pongs?.end()
    this.lane.close('forced close')
  }

  /** The whole server closes: nobody waits for what is still to be said. */
  shutDown(): void {
    if (this.lane.name === 'polling') this.terminate()
    else this.close()
  }

  /** For what the client did, or did not do. Who polls is unknown from then on; a WebSocket gets its close frame. */
  #breakOff(reason: EngineCloseReason): void {
    this.#context.heartbeat.remove(this)
    if (this.lane.name === 'polling') this.lane.terminate(reason)
    else this.lane.close(reason)
  }

  terminate(): void {
    this.lane.terminate('forced close')
  }
}
