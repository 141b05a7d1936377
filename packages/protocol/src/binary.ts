// Bytes inside JSON: `{"$binary":"<base64>"}`, as the only key. A key of the user's own that matches \$+binary gets one
// more `$` on the way out and loses it on the way in, so that both directions are exact inverses.

import { decodeBase64, encodeBase64 } from './base64.ts'
import { RequestError } from './errors.ts'

const dollar = 0x24
/** Far beyond what JSON needs, far below what the stack holds: a cycle ends here with a clear error. */
const maxOutgoingDepth = 1_000

/** The JSON text of an argument list. `undefined` becomes null; bytes (`ArrayBuffer` and every view of one) become `$binary`. */
export function stringifyArgs(args: readonly unknown[]): string {
  for (let i = 0; i < args.length; i++) {
    const value = args[i]
    if (typeof value === 'object' && value !== null && needsConversion(value, 1)) {
      return JSON.stringify(args.map((each, index) => convert(each, String(index), 1)))
    }
  }
  return JSON.stringify(args)
}

/** The JSON text of one value, bytes included; undefined (and what else JSON has no word for) becomes null. */
export function stringifyValue(value: unknown): string {
  if (typeof value === 'object' && value !== null && needsConversion(value, 1)) value = convert(value, '', 1)
  return JSON.stringify(value) ?? 'null'
}

/** Whether `JSON.stringify` alone would get this object wrong: bytes in it, a key to escape, or a `toJSON` that may bring either. */
function needsConversion(value: object, depth: number): boolean {
  if (depth > maxOutgoingDepth) throw tooDeep()
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i]
      if (typeof item === 'object' && item !== null && needsConversion(item, depth + 1)) return true
    }
    return false
  }
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return true
  if (value instanceof Date) return false
  const record = value as Record<string, unknown>
  if (typeof record.toJSON === 'function') return true
  for (const key in record) {
    if (key.charCodeAt(0) === dollar && isBinaryKey(key)) return true
    const item = record[key]
    if (typeof item === 'object' && item !== null && needsConversion(item, depth + 1)) return true
  }
  return false
}

/** A copy that `JSON.stringify` gets right. Copies have no prototype, so that `__proto__` is a key like any other. */
function convert(value: unknown, key: string, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > maxOutgoingDepth) throw tooDeep()
  if (ArrayBuffer.isView(value)) return binaryOf(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
  if (value instanceof ArrayBuffer) return binaryOf(new Uint8Array(value))
  if (value instanceof String || value instanceof Number || value instanceof Boolean) return value
  const toJSON: unknown = (value as { toJSON?: unknown }).toJSON
  if (typeof toJSON === 'function') {
    const replaced: unknown = toJSON.call(value, key)
    return replaced === value ? copy(value, depth) : convert(replaced, key, depth + 1)
  }
  return copy(value, depth)
}

function copy(value: object, depth: number): unknown {
  if (Array.isArray(value)) return value.map((item: unknown, index) => convert(item, String(index), depth + 1))
  const source = value as Record<string, unknown>
  const result = Object.create(null) as Record<string, unknown>
  for (const key of Object.keys(source)) {
    if (key === 'toJSON' && typeof source[key] === 'function') continue // JSON has no functions, and it was called already
    result[isBinaryKey(key) ? `$${key}` : key] = convert(source[key], key, depth + 1)
  }
  return result
}

function binaryOf(bytes: Uint8Array): { $binary: string } {
  return { $binary: encodeBase64(bytes) }
}

function tooDeep(): TypeError {
  return new TypeError(`cannot be sent: cyclic, or nested deeper than ${maxOutgoingDepth}`)
}

/** True for `$binary`, `$$binary`, … */
function isBinaryKey(key: string): boolean {
  if (!key.endsWith('$binary')) return false
  for (let i = key.length - 8; i >= 0; i--) if (key.charCodeAt(i) !== dollar) return false
  return true
}

/** Whether a JSON text may hold bytes or an escaped key, so that parsed values must be walked. May be wrong in that direction only. */
export function mayHoldBinary(text: string): boolean {
  // One character is found many times faster than a word, and most texts have neither.
  return (text.includes('$') && text.includes('binary"')) || (text.includes('\\') && text.includes('\\u00'))
}

/**
 * The value with bytes in place of `{"$binary":…}` and the user's own keys as they were. Changes what it was given (a
 * freshly parsed value). In Node the bytes are a Buffer. Throws `RequestError` `invalid` where `$binary` is no base64.
 */
export function reviveBinary(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? revive(value) : value
}

// Recursion is safe: what comes from a peer was checked to be at most 64 deep.
function revive(value: object): unknown {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i]
      if (typeof item === 'object' && item !== null) value[i] = revive(item)
    }
    return value
  }
  const record = value as Record<string, unknown>
  const keys = Object.keys(record)
  if (keys.length === 1 && keys[0] === '$binary') return bytesOfBinary(record.$binary)
  let renames = false
  for (const key of keys) {
    const item = record[key]
    // An own `__proto__` (as JSON.parse leaves it) is an own data property, so this assignment reaches no prototype.
    if (typeof item === 'object' && item !== null) record[key] = revive(item)
    if (key.charCodeAt(0) === dollar && key !== '$binary' && isBinaryKey(key)) renames = true
  }
  return renames ? renamed(record, keys) : record
}

/** The same entries in the same order, escaped keys without their extra `$`. */
function renamed(record: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> {
  const entries = keys.map((key): [string, unknown] => [
    key !== '$binary' && isBinaryKey(key) ? key.slice(1) : key,
    record[key],
  ])
  return Object.fromEntries(entries) // defines, never assigns: `__proto__` stays a key
}

function bytesOfBinary(text: unknown): Uint8Array {
  const bytes = typeof text === 'string' ? decodeBase64(text) : undefined
  if (bytes === undefined) throw new RequestError('invalid', '$binary must be base64 with its padding')
  return bytes
}
