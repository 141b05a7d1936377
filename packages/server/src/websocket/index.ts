/**
 * WebSocket (RFC 6455, and RFC 7692 where asked for), server side, over any duplex stream: `@partyline/server/websocket`.
 *
 * For direct use `acceptUpgrade` is all there is to know. Whoever decides about the handshake by itself takes it apart:
 * `inspectUpgrade`, then `openConnection` or `refuseUpgrade`.
 */
export type { MonotonicClock } from '../clock.ts'
export { CloseCode, isCloseCode } from './close-code.ts'
export { Connection } from './connection.ts'
export {
  type ConnectionOptions,
  connectionDefaults,
  type ResolvedConnectionOptions,
  resolveConnectionOptions,
  type SendOptions,
} from './connection-options.ts'
export type { DeflateAgreement } from './deflate-agreement.ts'
export { deflateDefaults, type PerMessageDeflateOptions, type ResolvedDeflateOptions } from './deflate-options.ts'
export { binaryFrame, closeFrame, Opcode, pingFrame, pongFrame, textFrame } from './frame.ts'
export {
  acceptHead,
  acceptOf,
  chooseProtocol,
  inspectUpgrade,
  type ProtocolChoice,
  type Refusal,
  type Upgrade,
  type UpgradeHead,
} from './handshake.ts'
export {
  acceptUpgrade,
  holdUpgrade,
  type OpenOptions,
  openConnection,
  refuseUpgrade,
  type UpgradeOptions,
} from './upgrade.ts'
