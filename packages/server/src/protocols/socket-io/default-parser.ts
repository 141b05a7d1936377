import { isSocketIoEvent, isTooDeep } from '@partyline/protocol'
import { deconstruct, reconstruct } from './attachments.ts'
import { type Encoded, InvalidPacket, type Packet, type PacketDecoder, PacketType, type Parser } from './packet.ts'

/** As with Socket.IO, and for the same reason: each is kept until the last has come. */
const MAX_ATTACHMENTS = 10
/** Longer ones are no acknowledgement's. */
const MAX_ID_DIGITS = 100

const { connect, disconnect, event, ack, connectError, binaryEvent, binaryAck } = PacketType

/** The JSON form of Socket.IO's packets, with attachments beside it. */
export const defaultParser: Parser = {
  encode: encodePacket,
  decoder: () => new DefaultDecoder(),
}

/** The text of a packet, with its attachments behind it where its data holds bytes. */
function encodePacket(packet: Packet): Encoded {
  const { type, nsp, data, id } = packet
  if (type !== event && type !== ack) return packetText(type, nsp, id, data === undefined ? '' : JSON.stringify(data))
  const { value, attachments } = deconstruct(data)
  const json = JSON.stringify(value)
  if (attachments.length === 0) return packetText(type, nsp, id, json)
  const binaryType = type === event ? binaryEvent : binaryAck
  return [packetText(binaryType, nsp, id, json, `${attachments.length}-`), ...attachments]
}

/** A packet's parts, put together. `count`: of its attachments, with the dash behind it. */
export function packetText(
  type: number,
  nsp: string,
  id: number | string | undefined,
  json: string,
  count = '',
): string {
  return `${type}${count}${nsp === '/' ? '' : `${nsp},`}${id ?? ''}${json}`
}

class DefaultDecoder implements PacketDecoder {
  #pending: Packet | undefined
  #missing = 0
  #attachments: Buffer[] = []

  add(message: string | Buffer): Packet | undefined {
    return typeof message === 'string' ? this.#addText(message) : this.#addAttachment(message)
  }

  #addText(text: string): Packet | undefined {
    if (this.#missing > 0) throw new InvalidPacket('got plaintext data when reconstructing a packet')
    const { packet, attachments } = decodeText(text)
    if (attachments === 0) return packet
    this.#pending = packet
    this.#missing = attachments
    return undefined
  }

  #addAttachment(bytes: Buffer): Packet | undefined {
    if (this.#missing === 0) throw new InvalidPacket('got binary data when not reconstructing a packet')
    this.#attachments.push(bytes)
    if (--this.#missing > 0) return undefined
    const { type, data, ...rest } = this.#pending as Packet
    const attachments = this.#attachments
    this.destroy()
    return { ...rest, type, data: reconstruct(data, attachments) }
  }

  destroy(): void {
    this.#pending = undefined
    this.#missing = 0
    this.#attachments = []
  }
}

/** A packet's text understood; where attachments are due, its data still holds their places. */
function decodeText(text: string): { packet: Packet; attachments: number } {
  const first = text.charCodeAt(0) - 48
  if (!(first >= connect && first <= binaryAck)) throw new InvalidPacket(`unknown packet type ${text.charAt(0)}`)
  const isBinary = first === binaryEvent || first === binaryAck
  let at = 1
  let attachments = 0
  if (isBinary) {
    const end = endOfDigits(text, at)
    if (end === at || text[end] !== '-') throw new InvalidPacket('illegal attachments')
    attachments = Number(text.slice(at, end))
    if (attachments > MAX_ATTACHMENTS) throw new InvalidPacket('too many attachments')
    at = end + 1
  }
  let nsp = '/'
  if (text[at] === '/') {
    const comma = text.indexOf(',', at)
    const end = comma < 0 ? text.length : comma
    nsp = text.slice(at, end)
    at = end + 1
  }
  const endOfId = endOfDigits(text, at)
  if (endOfId - at > MAX_ID_DIGITS) throw new InvalidPacket('invalid payload')
  const id = endOfId === at ? undefined : idOf(text.slice(at, endOfId))
  const data = endOfId < text.length ? parse(text.slice(endOfId)) : undefined
  const type = first === binaryEvent ? event : first === binaryAck ? ack : first
  if (!isValid(type, data) || (type === ack && id === undefined)) throw new InvalidPacket('invalid payload')
  return { packet: { type, nsp, ...(data !== undefined && { data }), ...(id !== undefined && { id }) }, attachments }
}

function endOfDigits(text: string, from: number): number {
  let at = from
  while (at < text.length && text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) at++
  return at
}

/** A number where it says the same as the digits, else the digits: they are sent back as they came. */
function idOf(digits: string): number | string {
  const id = Number(digits)
  return Number.isSafeInteger(id) && `${id}` === digits ? id : digits
}

function parse(json: string): unknown {
  if (isTooDeep(json)) throw new InvalidPacket('invalid payload')
  try {
    return JSON.parse(json)
  } catch {
    throw new InvalidPacket('invalid payload')
  }
}

const isObject = (data: unknown): boolean => typeof data === 'object' && data !== null && !Array.isArray(data)

function isValid(type: number, data: unknown): boolean {
  switch (type) {
    case connect:
      return data === undefined || isObject(data)
    case disconnect:
      return data === undefined
    case event:
      return Array.isArray(data) && isEventName(data[0])
    case ack:
      return Array.isArray(data)
    case connectError:
      return data === undefined || typeof data === 'string' || isObject(data)
    default:
      return false
  }
}

function isEventName(name: unknown): boolean {
  return typeof name === 'number' || (typeof name === 'string' && !isSocketIoEvent(name))
}
