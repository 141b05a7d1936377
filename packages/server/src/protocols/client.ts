import type { RequestError } from '@partyline/protocol'
import type { Room, Sender } from '../broker.ts'
import type { Handshake } from '../handshake.ts'
import type { Outbox } from '../hub/outbox.ts'
import type { Maybe } from '../maybe.ts'
import type { Rules } from '../rules.ts'
import type { EngineSession } from '../transports/engine-io/engine-session.ts'

/** How a handler answers an event that asked for an acknowledgement. The first answer counts. */
export interface EventAnswer {
  /** False where nobody waits for it: then a handler gets no function to answer with. */
  readonly isAskedFor: boolean
  succeed(args: readonly unknown[]): void
  /** The handlers have been called: where nobody waits for an answer it is done, and a retry may know. */
  handled(): void
  fail(error: unknown): void
}

/** A namespace, as a protocol needs it. The API's `Namespace` is one. */
export interface NamespacePort {
  readonly name: string
  readonly rules: Rules
  /**
   * Asks the middlewares, then makes the client's socket. It rejects or throws with what they refused. The socket is not
   * in any room and `connection` has not been told: the protocol first says its own words.
   */
  admit(
    client: ClientPort,
    restored: { id: string; data: Record<string, unknown> } | undefined,
    skipMiddlewares?: boolean,
  ): Maybe<SocketPort>
}

/** A client's socket in a namespace, as a protocol needs it. The API's `Socket` is one. */
export interface SocketPort {
  readonly id: string
  data: Record<string, unknown>
  /** Tells the application that it is connected. */
  announce(): void
  /** An event from the client. False where nobody listens to it. What a handler throws goes to the answer and the log. */
  receive(event: string, args: unknown[], answer: EventAnswer | undefined): boolean
  /** The client's answer to an event that asked for one, or its refusal. */
  receiveAck(id: number, args: unknown[], error: RequestError | undefined): void
  /** The client has broken a rule of its protocol: the application may know. */
  failed(error: Error): void
  /** The client has gone before it was in. */
  abandoned(): void
  /** The client is about to go: it is still in its rooms. */
  closing(reason: string): void
  /** It has gone. */
  closed(reason: string): void
}

/** One connected client, as the API needs it; the protocols make them. */
export interface ClientPort {
  readonly protocol: 'plain' | 'socket.io'
  readonly transportName: 'websocket' | 'polling'
  readonly handshake: Handshake
  /** The Engine.IO session under it; undefined for plain clients. */
  readonly session?: EngineSession | undefined
  readonly outbox: Outbox
  readonly user: Sender
  /** True where it can come back for what it missed: then what is said to it alone may be a publication. */
  readonly recoverable: boolean
  /** Says an event to this client; with an id where an acknowledgement is wanted. `compress: false`: never compressed. */
  sendEvent(event: string, args: readonly unknown[], ackId: number | undefined, compress?: boolean): void
  sendVolatile(event: string, args: readonly unknown[], compress?: boolean): void
  /** Tells the client, and the log where it is not a refusal, that the handler of an event it wanted no answer to failed. */
  refuseEvent(error: unknown, event: string): void
  /** Server code lets it in, or takes it out. */
  join(room: Room): Maybe<void>
  leave(room: Room): Maybe<void>
  /** Server code disconnects it: its session ends. `close`: its connection too, where others share it. */
  disconnect(reason: string, close?: boolean): void
}
