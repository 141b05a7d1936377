export type { ErrorCode, Identity, Position } from '@partyline/protocol'
export type { Authenticated } from './authentication.ts'
export type { Client, Emitter, TimedEmitter } from './client.ts'
export type { Clock } from './clock.ts'
export { connect } from './connect.ts'
export { PartylineError } from './error.ts'
export type { EmitArgs, EventArgs, EventData, EventListener, EventName, EventResult, TimedEmitArgs } from './events.ts'
export type { ConnectOptions, Lazy, ReconnectOptions } from './options.ts'
export type { FetchLike } from './polling-socket.ts'
export type {
  Gap,
  HistoryOptions,
  HistoryPage,
  Presence,
  PresenceChange,
  PresenceOptions,
  PresentUser,
  Publication,
  PublicationMeta,
  PublishOptions,
  PublishResult,
} from './publication.ts'
export type { ClientState } from './state.ts'
export type {
  AnyListener,
  PublicationListener,
  SubscribeOptions,
  Subscription,
  SubscriptionState,
} from './subscription.ts'
export type { Transport } from './transports.ts'
export type { WebSocketConstructor, WebSocketLike } from './web-socket.ts'
