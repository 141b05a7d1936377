import { segmentsOf } from '../state/links.ts'

/** A text whose addresses can be opened. Everything else is text, whatever it looks like. */
export function LinkedText({ text }: { text: string }) {
  let at = 0
  return segmentsOf(text).map((segment) => {
    const key = at
    at += segment.text.length
    if (segment.href === null) return segment.text
    return (
      <a key={key} href={segment.href} target="_blank" rel="noopener noreferrer">
        {segment.text}
      </a>
    )
  })
}
