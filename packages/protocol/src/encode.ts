// From what the server says to the text on the wire. Arguments come as JSON text that is ready (`stringifyArgs`, once per
// publication) with their number beside it, and are never parsed or encoded again here.

import { decodeBase64 } from './base64.ts'
import { stringifyArgs, stringifyValue } from './binary.ts'
import type { WireError } from './errors.ts'
import { isMessageText } from './json.ts'
import { typeOfEvent } from './name.ts'
import type { Identity, Welcome } from './packet.ts'
import type { RequestId } from './request-id.ts'

/** A publication as it is about to be written: `argsText` is the JSON text of its `arity` arguments. */
export interface OutgoingPublication {
  room: string
  /** Undefined where it is volatile or the room keeps nothing. */
  seq: number | undefined
  event: string
  from: Identity | null
  at: number
  argsText: string
  arity: number
}

/** `,"data":…` for one argument, `,"args":[…]` for several, nothing for none. */
function payloadText(argsText: string, arity: number): string {
  if (arity === 1) return `,"data":${argsText.slice(1, -1)}`
  return arity === 0 ? '' : `,"args":${argsText}`
}

function idText(id: RequestId): string {
  return typeof id === 'number' ? String(id) : JSON.stringify(id)
}

function identityText(identity: Identity | null): string {
  return identity === null ? 'null' : `{"id":${JSON.stringify(identity.id)},"name":${JSON.stringify(identity.name)}}`
}

function seqText(seq: number | undefined): string {
  return seq === undefined ? '' : `,"seq":${seq}`
}

/** An event to one client. `id` asks for an acknowledgement; `seq` is its place in the client's own room, in strict mode. */
export function encodeEvent(event: string, argsText: string, arity: number, id?: RequestId, seq?: number): string {
  const head = `{"type":${JSON.stringify(typeOfEvent(event))}${id === undefined ? '' : `,"id":${idText(id)}`}`
  return `${head}${seqText(seq)}${payloadText(argsText, arity)}}`
}

/** A publication for the members of its room. */
export function encodePublication(publication: OutgoingPublication): string {
  const { room, seq, event, from, at, argsText, arity } = publication
  return `{"type":${JSON.stringify(typeOfEvent(event))},"room":${JSON.stringify(room)}${seqText(seq)},"from":${identityText(from)},"at":${at}${payloadText(argsText, arity)}}`
}

/** A publication as an item of `history` and of a long poll's answer: `event` in place of `type`, by its own name. */
export function encodeRecord(publication: OutgoingPublication): string {
  const { room, seq, event, from, at, argsText, arity } = publication
  return `{"room":${JSON.stringify(room)}${seqText(seq)},"event":${JSON.stringify(event)},"from":${identityText(from)},"at":${at}${payloadText(argsText, arity)}}`
}

/** A publication as the `data:` of a server-sent event, whose `event:` line has the event. */
export function encodeEventStreamData(publication: OutgoingPublication): string {
  const { room, seq, from, at, argsText, arity } = publication
  return `{"room":${JSON.stringify(room)}${seqText(seq)},"from":${identityText(from)},"at":${at}${payloadText(argsText, arity)}}`
}

/** The `data` of the answer to `history`, from records that are ready (`encodeRecord`). */
export function encodeHistoryPage(records: readonly string[], epoch: string, more: boolean): string {
  return `{"publications":[${records.join(',')}],"epoch":${JSON.stringify(epoch)},"more":${more}}`
}

/** The answer to a request. */
export function encodeAck(id: RequestId, data: unknown): string {
  return encodeAckText(id, stringifyValue(data))
}

/** The answer to a request, its `data` as JSON text. */
export function encodeAckText(id: RequestId, dataText: string): string {
  return `{"type":"ack","id":${idText(id)},"data":${dataText}}`
}

/** The answer of an application's handler, with any number of arguments. */
export function encodeAckArgs(id: RequestId, args: readonly unknown[]): string {
  return `{"type":"ack","id":${idText(id)}${payloadText(stringifyArgs(args), args.length)}}`
}

export function encodeAckError(id: RequestId, error: WireError): string {
  return `{"type":"ack","id":${idText(id)},"error":${errorText(error)}}`
}

/** A refusal without an `id` to answer to. `request` is the `type` of what was refused. */
export function encodeError(error: WireError, request?: string): string {
  return `{"type":"error","error":${errorText(error)}${request === undefined ? '' : `,"request":${JSON.stringify(request)}`}}`
}

function errorText(error: WireError): string {
  const delay = error.retryAfterMs === undefined ? '' : `,"retryAfterMs":${Math.round(error.retryAfterMs)}`
  return `{"code":${JSON.stringify(error.code)},"message":${JSON.stringify(error.message)}${delay}}`
}

export function encodeGap(room: string, epoch: string, seq: number): string {
  return `{"type":"gap","room":${JSON.stringify(room)},"epoch":${JSON.stringify(epoch)},"seq":${seq}}`
}

export function encodePresence(room: string, joined: readonly Identity[], left: readonly Identity[]): string {
  const [came, went] = [joined.map(identityText).join(','), left.map(identityText).join(',')]
  return `{"type":"presence","room":${JSON.stringify(room)},"joined":[${came}],"left":[${went}]}`
}

export function encodeWelcome(welcome: Welcome): string {
  const { id, session, epoch, rooms, recovered, user, heartbeatMs, maxPayloadBytes, expiresAt } = welcome
  return JSON.stringify({
    type: 'welcome',
    id,
    session,
    epoch,
    rooms,
    recovered,
    user: { id: user.id, name: user.name },
    heartbeatMs,
    maxPayloadBytes,
    expiresAt,
  })
}

export const pingText = '{"type":"ping"}'
export const pongText = '{"type":"pong"}'
/** The answer to a bare `ping`. */
export const barePongText = 'pong'

/** The one argument where it is a string: what an event `message` to one lenient client is as bare text. */
export function stringOf(argsText: string, arity: number): string | undefined {
  if (arity !== 1 || argsText.charCodeAt(1) !== 0x22) return undefined
  return argsText.includes('\\') ? (JSON.parse(argsText.slice(1, -1)) as string) : argsText.slice(2, -2)
}

/**
 * The bare text as which a `message` publication goes to a lenient reader, or undefined where it must come in JSON form:
 * where it is no string, and where the string is `pong` or itself a message, so that nobody can speak for the server.
 */
export function bareTextOf(argsText: string, arity: number): string | undefined {
  const text = stringOf(argsText, arity)
  return text === undefined || text === 'pong' || isMessageText(text) ? undefined : text
}

const binaryHead = '[{"$binary":"'

/** The bytes where the one argument is bytes: an event `message` goes as a binary frame then (publications to lenient readers only). */
export function bytesOf(argsText: string, arity: number): Uint8Array | undefined {
  if (arity !== 1 || !argsText.startsWith(binaryHead) || !argsText.endsWith('"}]')) return undefined
  return decodeBase64(argsText.slice(binaryHead.length, -3))
}
