// From the server's text to a packet: how a strict client reads. What is malformed is a `ProtocolViolation`; what is
// merely unknown in a message (a new field) is ignored.

import { mayHoldBinary, reviveBinary } from './binary.ts'
import { closeCodes, isErrorCode } from './codes.ts'
import { ProtocolViolation, type WireError } from './errors.ts'
import { isMessage, type Message } from './json.ts'
import { eventOfType, isReservedName } from './name.ts'
import type {
  AckPacket,
  Identity,
  PublicationPacket,
  ServerEventPacket,
  ServerPacket,
  WelcomePacket,
} from './packet.ts'
import { isSeq } from './position.ts'
import { isRequestId, type RequestId } from './request-id.ts'

/** What a text message of the server's says, in strict mode. Throws `ProtocolViolation`. */
export function decodeServerMessage(text: string): ServerPacket {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new ProtocolViolation(closeCodes.invalid_payload.code, 'not JSON')
  }
  if (!isMessage(value)) throw malformed('message')
  const binary = mayHoldBinary(text)
  return isReservedName(value.type) ? decodeOwn(value, binary) : decodeEvent(value, binary)
}

function malformed(what: string): ProtocolViolation {
  return new ProtocolViolation(closeCodes.protocol_error.code, `malformed ${what}`)
}

function decodeOwn(message: Message, binary: boolean): ServerPacket {
  switch (message.type) {
    case 'ping':
      return { kind: 'ping' }
    case 'pong':
      return { kind: 'pong' }
    case 'ack':
      return decodeAck(message, binary)
    case 'error':
      return {
        kind: 'error',
        error: errorOf(message.error),
        request: typeof message.request === 'string' ? message.request : undefined,
      }
    case 'gap':
      return {
        kind: 'gap',
        room: stringOf(message, 'room'),
        epoch: stringOf(message, 'epoch'),
        seq: seqOf(message, 'seq') ?? missing(message, 'seq'),
      }
    case 'presence':
      return {
        kind: 'presence',
        room: stringOf(message, 'room'),
        joined: identitiesOf(message, 'joined'),
        left: identitiesOf(message, 'left'),
      }
    case 'welcome':
      return decodeWelcome(message)
    default:
      throw malformed('type')
  }
}

function decodeEvent(message: Message, binary: boolean): ServerEventPacket | PublicationPacket {
  const event = eventOfType(message.type)
  const args = argumentsOf(message, binary)
  if (message.room !== undefined) {
    const { from, at } = message
    return {
      kind: 'publication',
      room: stringOf(message, 'room'),
      event,
      seq: seqOf(message, 'seq'),
      from: from === null ? null : identityOf(from, 'from'),
      at: typeof at === 'number' ? at : missing(message, 'at'),
      args,
    }
  }
  return { kind: 'event', event, args, id: idOf(message), seq: seqOf(message, 'seq') }
}

function decodeAck(message: Message, binary: boolean): AckPacket {
  const id = idOf(message) ?? missing(message, 'id')
  const error = message.error === undefined ? undefined : errorOf(message.error)
  return { kind: 'ack', id, args: error === undefined ? argumentsOf(message, binary) : [], error }
}

function decodeWelcome(message: Message): WelcomePacket {
  const { rooms, recovered, heartbeatMs, maxPayloadBytes, expiresAt } = message
  if (!Array.isArray(rooms) || !rooms.every((room) => typeof room === 'string')) throw malformed('welcome: rooms')
  if (typeof recovered !== 'boolean') throw malformed('welcome: recovered')
  if (typeof heartbeatMs !== 'number' || !(heartbeatMs > 0)) throw malformed('welcome: heartbeatMs')
  if (typeof maxPayloadBytes !== 'number' || !(maxPayloadBytes > 0)) throw malformed('welcome: maxPayloadBytes')
  if (expiresAt !== undefined && !Number.isFinite(expiresAt)) throw malformed('welcome: expiresAt')
  return {
    kind: 'welcome',
    id: stringOf(message, 'id'),
    session: stringOf(message, 'session'),
    epoch: stringOf(message, 'epoch'),
    rooms,
    recovered,
    user: identityOf(message.user, 'welcome: user'),
    heartbeatMs,
    maxPayloadBytes,
    ...(expiresAt === undefined ? undefined : { expiresAt: expiresAt as number }),
  }
}

function argumentsOf(message: Message, binary: boolean): unknown[] {
  const { args, data } = message
  if (args === undefined && data === undefined) return []
  const list: unknown = args === undefined ? [data] : args
  if (!Array.isArray(list)) throw malformed(`${message.type}: args`)
  if (binary) revive(list)
  return list as unknown[]
}

function revive(list: unknown[]): void {
  try {
    reviveBinary(list)
  } catch {
    throw malformed('$binary')
  }
}

function missing(message: Message, name: string): never {
  throw malformed(`${message.type}: ${name}`)
}

function stringOf(message: Message, name: string): string {
  const value = message[name]
  return typeof value === 'string' ? value : missing(message, name)
}

function seqOf(message: Message, name: string): number | undefined {
  const value = message[name]
  return value === undefined || isSeq(value) ? value : missing(message, name)
}

function idOf(message: Message): RequestId | undefined {
  const value = message.id
  return value === undefined || isRequestId(value) ? value : missing(message, 'id')
}

function identityOf(value: unknown, what: string): Identity {
  const { id, name } = (value ?? {}) as { id?: unknown; name?: unknown }
  if (typeof id !== 'string' || typeof name !== 'string') throw malformed(what)
  return { id, name }
}

function identitiesOf(message: Message, name: string): Identity[] {
  const list = message[name]
  if (!Array.isArray(list)) throw malformed(`${message.type}: ${name}`)
  return list.map((each) => identityOf(each, name))
}

/** A code that this client does not know yet is read as `internal`; its words remain. */
function errorOf(value: unknown): WireError {
  const { code, message, retryAfterMs } = (value ?? {}) as { code?: unknown; message?: unknown; retryAfterMs?: unknown }
  if (typeof code !== 'string' || typeof message !== 'string') throw malformed('error')
  const error: WireError = { code: isErrorCode(code) ? code : 'internal', message }
  if (typeof retryAfterMs === 'number' && retryAfterMs >= 0) error.retryAfterMs = retryAfterMs
  return error
}
