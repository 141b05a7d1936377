/** What every Node's Buffer has, without the checks that `toString` and `write` make before they call it. */
interface TextBuffer {
  latin1Slice(start: number, end: number): string
  utf8Slice(start: number, end: number): string
  utf8Write(text: string, offset: number, length: number): number
}

/** The text of bytes that are known to be ASCII. */
export function asciiText(bytes: Buffer, start: number, end: number): string {
  return (bytes as unknown as TextBuffer).latin1Slice(start, end)
}

/** The text of bytes that are known to be UTF-8. */
export function utf8Text(bytes: Buffer, start: number, end: number): string {
  return (bytes as unknown as TextBuffer).utf8Slice(start, end)
}

/** Writes a text as UTF-8 from `offset` on, where there is room for it, and says how many bytes it took. */
export function writeUtf8(bytes: Buffer, text: string, offset: number): number {
  return (bytes as unknown as TextBuffer).utf8Write(text, offset, bytes.length - offset)
}
