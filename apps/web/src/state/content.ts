/** What a message shows: people's text as it is, other data as the JSON it is, bytes by their number. */
export interface Content {
  readonly form: 'text' | 'json' | 'bytes'
  readonly text: string
}

/** The content of a publication: of its one argument, or of the list of them. */
export function contentOf(args: readonly unknown[]): Content {
  const data = args.length === 1 ? args[0] : args
  if (typeof data === 'string') return { form: 'text', text: data }
  const bytes = byteLengthOf(data)
  if (bytes !== null) return { form: 'bytes', text: bytes === 1 ? '1 byte' : `${bytes.toLocaleString('en')} bytes` }
  return { form: 'json', text: JSON.stringify(data, null, 1) ?? 'nothing' }
}

function byteLengthOf(data: unknown): number | null {
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return data.byteLength
  return null
}
