/** A stretch of a message: text, or a link whose address was checked. */
export interface Segment {
  readonly text: string
  readonly href: string | null
}

const candidate = /\bhttps?:\/\/[^\s<>"'`\u00a0\u200b-\u200f\u2028-\u202f\u2066-\u2069]+/gi

/** Finds the links in a text. What is shown is always what was written; the text of all segments is the text. */
export function segmentsOf(text: string): readonly Segment[] {
  const segments: Segment[] = []
  let end = 0
  for (const match of text.matchAll(candidate)) {
    const written = withoutTrailing(match[0])
    const href = safeHref(written)
    if (href === null) continue
    if (match.index > end) segments.push({ text: text.slice(end, match.index), href: null })
    segments.push({ text: written, href })
    end = match.index + written.length
  }
  if (end < text.length) segments.push({ text: text.slice(end), href: null })
  return segments
}

/** The address, where it is one that may be opened: http and https, nothing else, and without a name and password. */
export function safeHref(written: string): string | null {
  if (!URL.canParse(written)) return null
  const url = new URL(written)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null
  if (url.username !== '' || url.password !== '') return null
  return url.href
}

/** A sentence's own punctuation is no part of the address; a bracket is where it was opened inside. */
function withoutTrailing(written: string): string {
  let link = written
  for (;;) {
    const last = link.at(-1) ?? ''
    const opening = { ')': '(', ']': '[', '}': '{' }[last]
    const isClosingAlone = opening !== undefined && count(link, last) > count(link, opening)
    if (!isClosingAlone && !/[.,:;!?*_~|]/.test(last)) return link
    link = link.slice(0, -1)
  }
}

function count(text: string, character: string): number {
  return text.split(character).length - 1
}
