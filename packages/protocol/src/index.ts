// The plain protocol of Partyline: what its messages are, and their codec. No I/O, no dependencies. docs/PROTOCOL.md is
// the normative text, vectors/ its byte-exact examples.

export { decodeBase64, encodeBase64 } from './base64.ts'
export { mayHoldBinary, reviveBinary, stringifyArgs, stringifyValue } from './binary.ts'
export {
  type CloseAction,
  type CloseName,
  closeAction,
  closeCodes,
  closeReason,
  type ErrorCode,
  errorCodes,
  isErrorCode,
  retryAfterFrom,
} from './codes.ts'
export { decodeBinaryMessage, decodeClientMessage } from './decode.ts'
export { decodeServerMessage } from './decode-server.ts'
export {
  barePongText,
  bareTextOf,
  bytesOf,
  encodeAck,
  encodeAckArgs,
  encodeAckError,
  encodeAckText,
  encodeError,
  encodeEvent,
  encodeEventStreamData,
  encodeGap,
  encodeHistoryPage,
  encodePresence,
  encodePublication,
  encodeRecord,
  encodeWelcome,
  type OutgoingPublication,
  pingText,
  pongText,
  stringOf,
} from './encode.ts'
export { encodeClientPacket } from './encode-client.ts'
export { ProtocolViolation, RequestError, type WireError } from './errors.ts'
export { maxArguments } from './fields.ts'
export { isMessageText, isTooDeep, maxJsonDepth } from './json.ts'
export {
  eventOfType,
  isName,
  isReservedName,
  isSocketIoEvent,
  maxNameBytes,
  messageTypes,
  socketIoEvents,
  typeOfEvent,
} from './name.ts'
export {
  type AckPacket,
  type AuthPacket,
  type BarePingPacket,
  type ClientPacket,
  type ConnectPacket,
  type ErrorPacket,
  type EventPacket,
  type GapPacket,
  type HistoryPacket,
  type Identity,
  type Mode,
  type PingPacket,
  type PongPacket,
  type PresencePacket,
  type PresenceRequestPacket,
  type PublicationPacket,
  type PublishPacket,
  type ServerEventPacket,
  type ServerPacket,
  type SubscribePacket,
  subprotocol,
  type UnsubscribePacket,
  type Welcome,
  type WelcomePacket,
} from './packet.ts'
export { isPosition, isSeq, type Position } from './position.ts'
export { decodePublication, type PublicationRequest } from './request.ts'
export { isRequestId, type RequestId } from './request-id.ts'
