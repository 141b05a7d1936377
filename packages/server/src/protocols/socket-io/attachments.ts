import { InvalidPacket } from './packet.ts'

/** In place of bytes in a packet's JSON; `num` says which attachment they are. */
interface Placeholder {
  readonly _placeholder: true
  readonly num: number
}

const MAX_DEPTH = 1_000

/** A value without its bytes, and the bytes in the order in which their places stand. */
export interface Deconstructed {
  readonly value: unknown
  readonly attachments: readonly Buffer[]
}

/** Takes the bytes (`ArrayBuffer` and every view of one) out of a value. A value that has none is answered as it is. */
export function deconstruct(value: unknown): Deconstructed {
  const attachments: Buffer[] = []
  if (!holdsBytes(value, 0)) return { value, attachments }
  return { value: takeOut(value, '', attachments, 0), attachments }
}

function bytesOf(value: object): Buffer | undefined {
  if (Buffer.isBuffer(value)) return value
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  return value instanceof ArrayBuffer ? Buffer.from(value) : undefined
}

const isBytes = (value: object): boolean => ArrayBuffer.isView(value) || value instanceof ArrayBuffer

function holdsBytes(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (depth > MAX_DEPTH) throw new TypeError(`cannot be sent: cyclic, or nested deeper than ${MAX_DEPTH}`)
  const told = isBytes(value) ? value : toldBy(value, '')
  if (typeof told !== 'object' || told === null) return false
  if (isBytes(told)) return true
  if (Array.isArray(told)) return told.some((item) => holdsBytes(item, depth + 1))
  const record = told as Record<string, unknown>
  for (const key in record) if (Object.hasOwn(record, key) && holdsBytes(record[key], depth + 1)) return true
  return false
}

/** What an object says of itself in JSON, where it has a say: it is asked once, as JSON.stringify does. */
function toldBy(value: object, key: string): unknown {
  const { toJSON } = value as { toJSON?: unknown }
  return typeof toJSON === 'function' && !(value instanceof Date) ? toJSON.call(value, key) : value
}

/** A copy with placeholders: what was given stays as it is. */
function takeOut(value: unknown, key: string, attachments: Buffer[], depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  const told = isBytes(value) ? value : toldBy(value, key)
  if (typeof told !== 'object' || told === null || isBoxed(told)) return told
  if (depth > MAX_DEPTH) throw new TypeError(`cannot be sent: cyclic, or nested deeper than ${MAX_DEPTH}`)
  const bytes = bytesOf(told)
  if (bytes !== undefined) {
    attachments.push(bytes)
    return { _placeholder: true, num: attachments.length - 1 } satisfies Placeholder
  }
  if (Array.isArray(told)) return told.map((item, index) => takeOut(item, `${index}`, attachments, depth + 1))
  const copy = Object.create(null) as Record<string, unknown>
  for (const [name, item] of Object.entries(told)) {
    if (typeof item !== 'function') copy[name] = takeOut(item, name, attachments, depth + 1)
  }
  return copy
}

/** What JSON.stringify writes as the value in it. */
const isBoxed = (value: object): boolean =>
  value instanceof Date || value instanceof String || value instanceof Number || value instanceof Boolean

/**
 * Puts attachments back in their places, in the freshly parsed value itself. Throws {@link InvalidPacket} where a place
 * names one that is not there.
 */
export function reconstruct(value: unknown, attachments: readonly Buffer[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = reconstruct(value[i], attachments)
    return value
  }
  const record = value as Record<string, unknown>
  if (record._placeholder === true) {
    const attachment = attachments[record.num as number]
    if (typeof record.num !== 'number' || attachment === undefined) throw new InvalidPacket('illegal attachments')
    return attachment
  }
  for (const key of Object.keys(record)) {
    const item = record[key]
    // an own `__proto__`, as JSON.parse leaves it, is replaced as the data property that it is
    if (typeof item === 'object' && item !== null) record[key] = reconstruct(item, attachments)
  }
  return record
}
