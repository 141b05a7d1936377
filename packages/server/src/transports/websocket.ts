import { closeCodes, closeReason } from '@partyline/protocol'
import type { Ticket } from '../guard/admission.ts'
import type { Beat, Heartbeat, Pulse } from '../heartbeat.ts'
import type { Sink } from '../hub/transport.ts'
import type { WireForm } from '../hub/wire-form.ts'
import type { Connection } from '../websocket/connection.ts'
import type { ClientTransport, TransportEnd, TransportReceiver } from './client-transport.ts'
import { deflatedForm } from './deflated-forms.ts'

/** When a client that does not read may come back. */
const COME_BACK_MS = 1_000

// Shared by all connections: closures would be most of what an idle client costs.
const ownerOf = (connection: Connection): WebSocketTransport => connection.owner as WebSocketTransport

function onMessage(this: Connection, data: string | Buffer): void {
  ownerOf(this).receiver?.onMessage(data)
}

function onWritable(this: Connection): void {
  ownerOf(this).receiver?.onWritable()
}

function onEnding(this: Connection): void {
  ownerOf(this).receiver?.onEnding()
}

function onError(this: Connection, error: unknown): string | undefined {
  return ownerOf(this).receiver?.onError(error)
}

function onClose(this: Connection, code: number): void {
  ownerOf(this).closed(code)
}

/** What all WebSocket transports of a server share. */
export interface WebSocketContext {
  readonly heartbeat: Heartbeat
  /** Told why a connection had to be closed. */
  readonly failures: { tell(text: string): void }
}

/** A client's lane over a WebSocket connection, looked at by the heartbeat. */
export class WebSocketTransport implements ClientTransport, Pulse {
  receiver: TransportReceiver | undefined
  beat: Beat | undefined
  readonly #connection: Connection
  readonly #context: WebSocketContext
  /** What is sent as a ping where a client cannot see ping frames. */
  readonly #pings: readonly Buffer[] | undefined
  #slow = false
  #held = false
  readonly #ticket: Ticket
  #end: TransportEnd = 'transport close'

  constructor(connection: Connection, context: WebSocketContext, pings: readonly Buffer[] | undefined, ticket: Ticket) {
    this.#ticket = ticket
    this.#connection = connection
    this.#context = context
    this.#pings = pings
    connection.owner = this
    connection.onMessage = onMessage
    connection.onWritable = onWritable
    connection.onEnding = onEnding
    connection.onError = onError
    connection.onClose = onClose
    context.heartbeat.add(this)
  }

  get sink(): Sink {
    return this.#connection.outgoing
  }

  get name(): 'websocket' {
    return 'websocket'
  }

  /** @internal */
  closed(code: number): void {
    this.#context.heartbeat.remove(this)
    this.#ticket.release()
    const { failure } = this.#connection
    if (failure !== undefined && failureOf(code) !== undefined) this.#context.failures.tell(`${code} ${failure}`)
    this.receiver?.onClose(code, this.#end)
  }

  formOf(plain: WireForm): WireForm {
    const { deflate } = this.#connection
    return deflate === undefined ? plain : deflatedForm(plain, deflate)
  }

  get writable(): boolean {
    return this.#connection.writable
  }

  get unsentBytes(): number {
    return this.#connection.unsentBytes
  }

  get outgoingMark(): number {
    return this.#connection.outgoingMark
  }

  get chunksRead(): number {
    return this.#connection.chunksRead
  }

  get paused(): boolean {
    return this.#slow || this.#held
  }

  write(frames: readonly Buffer[]): void {
    this.#connection.write(frames)
  }

  pause(): void {
    this.#slow = true
    this.#connection.pause()
  }

  resume(): void {
    this.#slow = false
    if (!this.paused) this.#connection.resume()
  }

  hold(): void {
    this.#held = true
    this.#connection.pause()
  }

  release(): void {
    this.#held = false
    if (!this.paused) this.#connection.resume()
  }

  /** Begins the closing handshake; nothing more is heard of the client but `onClose`. */
  close(code: number, reason: string): void {
    this.#context.heartbeat.remove(this)
    const meaning = failureOf(code)
    if (meaning !== undefined) this.#context.failures.tell(`${code} ${meaning}`)
    this.#connection.close(code, reason)
  }

  terminate(): void {
    this.#connection.terminate()
  }

  ping(): void {
    if (this.#pings === undefined) this.#connection.ping()
    else this.#connection.write(this.#pings)
  }

  onSilent(): void {
    this.#end = 'ping timeout'
    this.#connection.terminate()
  }

  onStuck(): void {
    this.#end = 'transport error'
    this.close(closeCodes.try_later.code, closeReason('nothing is read', COME_BACK_MS))
  }
}

/** Closes that say a client was at fault, or asked too much. Our own fault has a line of its own, what an application refuses is its affair. */
const { protocol_error, unsupported_data, invalid_payload, policy, too_big, try_later } = closeCodes
const failures = [protocol_error, unsupported_data, invalid_payload, policy, too_big, try_later]

/** What a close code says went wrong, in words of ours: a reason may hold the client's. Undefined where nothing did. */
function failureOf(code: number): string | undefined {
  return failures.find((each) => each.code === code)?.meaning
}
