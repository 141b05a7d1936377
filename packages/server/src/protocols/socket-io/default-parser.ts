import { isSocketIoEvent, isTooDeep } from '@partyline/protocol'
import { deconstruct, reconstruct } from './attachments.ts'
import { type Encoded, InvalidPacket, type Packet, PacketType, type Parser, type Unfinished } from './packet.ts'

/** As with Socket.IO, and for the same reason: each is kept until the last has come. */
const MAX_ATTACHMENTS = 10
/** Longer ones are no acknowledgement's. */
const MAX_ID_DIGITS = 100

const { connect, disconnect, event, ack, connectError, binaryEvent, binaryAck } = PacketType

/** The JSON form of Socket.IO's packets, with attachments beside it. */
export const defaultParser: Parser = {
  encode: encodePacket,
  decode: (message, unfinished, receiver) => {
    try {
      const read = readMessage(message, unfinished as PendingPacket | undefined)
      if (read instanceof PendingPacket) return read
      receiver.onPacket(read)
    } catch (error) {
      if (!(error instanceof InvalidPacket)) throw error
      receiver.onInvalid(error)
    }
    return undefined
  },
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

/** A packet whose attachments have not all come. */
class PendingPacket implements Unfinished {
  readonly #packet: Packet
  readonly #count: number
  readonly #attachments: Buffer[] = []

  constructor(packet: Packet, count: number) {
    this.#packet = packet
    this.#count = count
  }

  /** The packet, where this was the last one. */
  add(attachment: Buffer): Packet | PendingPacket {
    this.#attachments.push(attachment)
    return this.#attachments.length < this.#count ? this : complete(this.#packet, this.#attachments)
  }

  drop(): void {}
}

/** Throws {@link InvalidPacket}. */
function readMessage(message: string | Buffer, pending: PendingPacket | undefined): Packet | PendingPacket {
  if (typeof message !== 'string') {
    if (pending === undefined) throw new InvalidPacket('got binary data when not reconstructing a packet')
    return pending.add(message)
  }
  if (pending !== undefined) throw new InvalidPacket('got plaintext data when reconstructing a packet')
  const { packet, attachments } = decodeText(message)
  if (attachments === undefined) return packet
  return attachments === 0 ? complete(packet, []) : new PendingPacket(packet, attachments)
}

const complete = ({ data, ...packet }: Packet, attachments: readonly Buffer[]): Packet => ({
  ...packet,
  data: reconstruct(data, attachments),
})

/** A packet's text understood; where it tells how many attachments it has, its data still holds their places. */
function decodeText(text: string): { packet: Packet; attachments: number | undefined } {
  const first = text.charCodeAt(0) - 48
  if (!(first >= connect && first <= binaryAck)) throw new InvalidPacket(`unknown packet type ${text.charAt(0)}`)
  const isBinary = first === binaryEvent || first === binaryAck
  let at = 1
  let attachments: number | undefined
  if (isBinary) {
    const end = endOfDigits(text, at)
    if (end === at || text[end] !== '-') throw new InvalidPacket('Illegal attachments')
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

/** Whether a packet of this type may have this data. */
export function isValid(type: number, data: unknown): boolean {
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
