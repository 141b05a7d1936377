// From a client's text to a packet: the way in. Decoders throw (`RequestError`, `ProtocolViolation`); whoever holds the
// connection has the one `catch`.

import { mayHoldBinary } from './binary.ts'
import { closeCodes } from './codes.ts'
import { ProtocolViolation, RequestError } from './errors.ts'
import { keyOf, payloadOf } from './fields.ts'
import { beginsLikeObject, isMessage, isTooDeep, type Message, maxJsonDepth } from './json.ts'
import { eventOfType, isName, isReservedName, isSocketIoEvent } from './name.ts'
import type { BarePingPacket, ClientPacket, EventPacket, Mode, PingPacket, PongPacket } from './packet.ts'
import { decodeRequest } from './request.ts'
import { isRequestId, type RequestId } from './request-id.ts'

const barePing: BarePingPacket = { kind: 'bare-ping' }
const ping: PingPacket = { kind: 'ping' }
const pong: PongPacket = { kind: 'pong' }

/** What a client's text message says. Throws `RequestError` for what is refused, `ProtocolViolation` for what ends the connection. */
export function decodeClientMessage(text: string, mode: Mode): ClientPacket {
  const message = mode === 'strict' ? parseStrict(text) : parseLenient(text)
  if (message !== undefined) return decodeMessage(message, mode, mayHoldBinary(text))
  return text === 'ping' ? barePing : eventMessage(text)
}

/** What a binary frame says, in either mode and direction: the event `message` with its bytes. */
export function decodeBinaryMessage(bytes: Uint8Array): EventPacket {
  return eventMessage(bytes)
}

function eventMessage(payload: string | Uint8Array): EventPacket {
  return { kind: 'event', event: 'message', args: [payload], id: undefined, key: undefined }
}

/** The message, or undefined where the text is just text. */
function parseLenient(text: string): Message | undefined {
  if (!beginsLikeObject(text)) return undefined
  refuseDepth(text)
  try {
    const value: unknown = JSON.parse(text)
    return isMessage(value) ? value : undefined
  } catch {
    return undefined
  }
}

function parseStrict(text: string): Message {
  refuseDepth(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new ProtocolViolation(closeCodes.invalid_payload.code, 'not JSON')
  }
  if (!isMessage(value)) throw new RequestError('invalid', 'a message is a JSON object with a string "type"')
  return value
}

function refuseDepth(text: string): void {
  if (isTooDeep(text)) throw new RequestError('invalid', `nested more than ${maxJsonDepth} deep`)
}

function decodeMessage(message: Message, mode: Mode, binary: boolean): ClientPacket {
  const { type } = message
  if (type === 'ping') return ping
  if (type === 'pong') return pong
  // The `id` of an `ack` is the server's own: refusing it must not look like an answer to a request.
  const id = type === 'ack' ? undefined : idOf(message)
  try {
    if (isReservedName(type)) return decodeRequest(message, mode, id, binary)
    return decodeEvent(message, mode, id, binary)
  } catch (error) {
    throw error instanceof RequestError ? attributed(error, type, id) : error
  }
}

/** The refusal with what was refused; a name that is none is not repeated to anybody. */
function attributed(error: RequestError, type: string, id: RequestId | undefined): RequestError {
  return new RequestError(error.code, error.message, isName(type) ? type : undefined, id)
}

/** `null` counts as absent, here and for every optional field: many encoders write it. */
function idOf(message: Message): RequestId | undefined {
  const id = message.id
  if (id === undefined || id === null) return undefined
  if (isRequestId(id)) return id
  const { type } = message
  throw new RequestError('invalid', '"id" must be a string or a number', isName(type) ? type : undefined)
}

function decodeEvent(message: Message, mode: Mode, id: RequestId | undefined, binary: boolean): EventPacket {
  const event = eventOfType(message.type)
  if (!isName(event)) throw new RequestError('invalid', '"type" must be 1 to 256 bytes without control characters')
  if (isSocketIoEvent(event)) throw new RequestError('invalid', 'this event name is reserved')
  const strict = mode === 'strict'
  const key = strict ? keyOf(message) : undefined
  return { kind: 'event', event, args: payloadOf(message, strict, binary), id, key }
}
