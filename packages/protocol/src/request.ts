// The protocol's own messages, as a client sends them.

import { isErrorCode } from './codes.ts'
import { RequestError, type WireError } from './errors.ts'
import {
  argumentsOf,
  flagOf,
  guestNameOf,
  keyOf,
  limitOf,
  positionsOf,
  publishedEventOf,
  roomOf,
  seqOf,
  sinceOf,
  textOf,
} from './fields.ts'
import type { Message } from './json.ts'
import type {
  AckPacket,
  ClientPacket,
  ConnectPacket,
  HistoryPacket,
  Mode,
  PresenceRequestPacket,
  PublishPacket,
} from './packet.ts'
import { isRequestId, type RequestId } from './request-id.ts'

/** A message whose `type` is reserved. Throws `invalid` for those that only servers send, and for names that nobody may use. */
export function decodeRequest(message: Message, mode: Mode, id: RequestId | undefined, binary: boolean): ClientPacket {
  switch (message.type) {
    case 'ack':
      return decodeAck(message, binary)
    case 'publish':
      return decodePublish(message, id, binary)
    case 'subscribe':
      return { kind: 'subscribe', room: roomOf(message), since: sinceOf(message), id }
    case 'unsubscribe':
      return { kind: 'unsubscribe', room: roomOf(message), id }
    case 'history':
      return decodeHistory(message, id)
    case 'presence':
      return decodePresence(message, id)
    case 'auth':
      return { kind: 'auth', token: textOf(message, 'token'), name: guestNameOf(message), id }
    case 'connect':
      return decodeConnect(message, mode)
    default:
      throw new RequestError('invalid', 'this type is reserved')
  }
}

function decodeConnect(message: Message, mode: Mode): ConnectPacket {
  if (mode !== 'strict') throw new RequestError('invalid', '"connect" belongs to the sub-protocol partyline.v1')
  return {
    kind: 'connect',
    token: textOf(message, 'token'),
    name: guestNameOf(message),
    session: textOf(message, 'session'),
    rooms: positionsOf(message),
  }
}

function decodeAck(message: Message, binary: boolean): AckPacket {
  const id = message.id
  if (!isRequestId(id)) throw new RequestError('invalid', 'an "ack" needs the "id" of what it answers')
  const error = message.error ?? undefined
  if (error === undefined) return { kind: 'ack', id, args: argumentsOf(message, binary), error: undefined }
  return { kind: 'ack', id, args: [], error: wireErrorOf(error) }
}

function wireErrorOf(value: unknown): WireError {
  const { code, message } = value as { code?: unknown; message?: unknown }
  // The code is the client's own word: one that is not in the table still is a refusal.
  if (typeof code !== 'string' || (message !== undefined && typeof message !== 'string')) {
    throw new RequestError('invalid', '"error" must be {"code","message"}')
  }
  return { code: isErrorCode(code) ? code : 'internal', message: message ?? code }
}

function decodePublish(message: Message, id: RequestId | undefined, binary: boolean): PublishPacket {
  const room = roomOf(message)
  const { event, args, key, volatile } = decodePublication(message, binary)
  return { kind: 'publish', room, event, args, key, volatile, id }
}

/** What a client says when it publishes, over any transport. */
export interface PublicationRequest {
  event: string
  args: unknown[]
  key: string | undefined
  volatile: boolean
}

/** The fields of a publication (`event`, `data` or `args`, `key`, `volatile`): those of `publish`, and the JSON body of the POST. */
export function decodePublication(fields: Record<string, unknown>, binary: boolean): PublicationRequest {
  return {
    event: publishedEventOf(fields),
    args: argumentsOf(fields, binary),
    key: keyOf(fields),
    volatile: flagOf(fields, 'volatile'),
  }
}

function decodeHistory(message: Message, id: RequestId | undefined): HistoryPacket {
  const room = roomOf(message)
  const before = seqOf(message, 'before')
  const limit = limitOf(message)
  if (id === undefined) throw new RequestError('invalid', '"history" needs an "id", or nobody gets the page')
  return { kind: 'history', room, before, limit, id }
}

function decodePresence(message: Message, id: RequestId | undefined): PresenceRequestPacket {
  return { kind: 'presence', room: roomOf(message), limit: limitOf(message), after: textOf(message, 'after'), id }
}
