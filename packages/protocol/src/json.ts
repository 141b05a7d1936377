/** How deep the JSON that a peer sends may be nested. */
export const maxJsonDepth = 64

const quote = 0x22
const backslash = 0x5c

/**
 * True where a 65th bracket opens inside 64 others, strings skipped. Looked at before parsing: deep JSON is harmless to
 * parse and fatal to whoever walks or re-encodes it recursively. Linear, and says something about any text.
 */
export function isTooDeep(text: string): boolean {
  const length = text.length
  if (length <= maxJsonDepth || hasFewBrackets(text)) return false
  let depth = 0
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === quote) {
      i = endOfString(text, i + 1, length)
    } else if (unit === 0x5b || unit === 0x7b) {
      if (++depth > maxJsonDepth) return true
    } else if (unit === 0x5d || unit === 0x7d) {
      depth--
    }
  }
  return false
}

/** Most messages open a handful of brackets, and the engine finds those many times faster than a loop over characters. */
function hasFewBrackets(text: string): boolean {
  let count = 0
  for (let i = text.indexOf('{'); i >= 0; i = text.indexOf('{', i + 1)) if (++count > maxJsonDepth) return false
  for (let i = text.indexOf('['); i >= 0; i = text.indexOf('[', i + 1)) if (++count > maxJsonDepth) return false
  return true
}

/** The index of the quote that ends the string whose first character is at `start`; the length where none does. */
function endOfString(text: string, start: number, length: number): number {
  for (let i = start; i < length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === quote) return i
    if (unit === backslash) i++
  }
  return length
}

/** True where the first character that is not JSON whitespace is `{`: nothing else can be a message. */
export function beginsLikeObject(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === 0x7b) return true
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return false
  }
  return false
}

/** A parsed JSON object with a string `type`. */
export type Message = Record<string, unknown> & { type: string }

/** True for what the plain protocol calls a message. */
export function isMessage(value: unknown): value is Message {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    typeof (value as { type?: unknown }).type === 'string'
  )
}

/** True where the text is JSON whose value is a message. */
export function isMessageText(text: string): boolean {
  if (!beginsLikeObject(text)) return false
  try {
    return isMessage(JSON.parse(text))
  } catch {
    return false
  }
}
