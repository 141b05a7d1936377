import { closeCodes } from '@partyline/protocol'
import type { Sink } from '../hub/transport.ts'
import type { WireForm } from '../hub/wire-form.ts'
import type { ClientTransport, TransportEnd, TransportReceiver } from './client-transport.ts'
import type { EngineReceiver, EngineSession } from './engine-io/engine-session.ts'
import { messagePacket } from './engine-io/framing.ts'
import type { EngineCloseReason } from './engine-io/lane.ts'
import { polledForm } from './engine-io/polled-form.ts'

/** A plain client's lane where WebSockets are blocked: its strict messages, in an Engine.IO session that polls. */
export class PollingTransport implements ClientTransport, EngineReceiver {
  receiver: TransportReceiver | undefined
  readonly #session: EngineSession
  #slow = false
  #held = false

  constructor(session: EngineSession) {
    this.#session = session
    session.receiver = this
  }

  get name(): 'polling' {
    return 'polling'
  }

  get sink(): Sink {
    return this.#session
  }

  formOf(plain: WireForm): WireForm {
    return polledForm(plain)
  }

  get writable(): boolean {
    return this.#session.writable
  }

  get unsentBytes(): number {
    return this.#session.unsentBytes
  }

  write(frames: readonly Buffer[]): void {
    this.#session.write(frames)
  }

  pause(): void {
    this.#slow = true
    this.#session.pause()
  }

  resume(): void {
    this.#slow = false
    this.#readOn()
  }

  hold(): void {
    this.#held = true
    this.#session.pause()
  }

  release(): void {
    this.#held = false
    this.#readOn()
  }

  #readOn(): void {
    if (!this.#slow && !this.#held) this.#session.resume()
  }

  /** Engine.IO has no codes: what a WebSocket's close frame would say is the last message. */
  close(code: number, reason: string): void {
    if (this.#session.readyState !== 'open') return
    this.#session.say(messagePacket(JSON.stringify({ type: 'close', code, reason })))
    this.#session.close()
  }

  terminate(): void {
    this.#session.terminate()
  }

  // --- what the session tells

  /** @internal */
  onMessage(data: string | Buffer): void {
    this.receiver?.onMessage(data)
  }

  /** @internal */
  onWritable(): void {
    this.receiver?.onWritable()
  }

  /** @internal */
  onEnding(): void {
    this.receiver?.onEnding()
  }

  /** @internal There is nothing here to change to. */
  onUpgrade(): void {}

  /** @internal */
  onError(error: unknown): string {
    return this.receiver?.onError(error) ?? 'internal error'
  }

  /** @internal */
  onClose(reason: EngineCloseReason): void {
    // a close packet is a goodbye, as a close frame without a code is; a request that was broken off is not
    const isGoodbye = reason === 'transport close'
    this.receiver?.onClose(isGoodbye ? 1005 : closeCodes.abnormal.code, endOf(reason))
  }
}

function endOf(reason: EngineCloseReason): TransportEnd {
  return reason === 'ping timeout' || reason === 'transport close' ? reason : 'transport error'
}
