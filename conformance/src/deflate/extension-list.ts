/** One item of a `Sec-WebSocket-Extensions` list: a name, and parameters in their order, doubles and all. */
export interface Extension {
  readonly name: string
  readonly parameters: readonly (readonly [name: string, value: string | undefined])[]
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** RFC 9110 §5.6.4: what a backslash is before stands for itself. */
const quoted = /^"(?:[^"\\]|\\.)*"$/

/** Reads the values of all header lines as one list (RFC 6455 §9.1). Throws when they are none. */
export function parseExtensions(values: readonly string[]): Extension[] {
  const items = split(values.join(','), ',').filter((item) => item !== '')
  return items.map((item) => {
    const [name = '', ...parameters] = split(item, ';')
    if (!token.test(name)) throw new Error(`not the name of an extension: ${JSON.stringify(name)}`)
    return { name, parameters: parameters.map(parseParameter) }
  })
}

function parseParameter(text: string): readonly [string, string | undefined] {
  const [name = '', ...rest] = split(text, '=')
  if (!token.test(name)) throw new Error(`not the name of a parameter: ${JSON.stringify(text)}`)
  if (rest.length === 0) return [name, undefined]
  const value = rest.join('=')
  if (token.test(value)) return [name, value]
  // What is in quotes must be a token without them (RFC 6455 §9.1).
  const inner = quoted.test(value) ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : ''
  if (!token.test(inner)) throw new Error(`not the value of a parameter: ${JSON.stringify(text)}`)
  return [name, inner]
}

/** Cuts at a separator, but not inside of quotes; spaces around the pieces are dropped. */
function split(text: string, separator: string): string[] {
  const pieces: string[] = []
  let piece = ''
  let isQuoted = false
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] as string
    if (letter === '"') isQuoted = !isQuoted
    if (isQuoted && letter === '\\') piece += letter + (text[++at] ?? '')
    else if (letter === separator && !isQuoted) {
      pieces.push(piece.trim())
      piece = ''
    } else piece += letter
  }
  return [...pieces, piece.trim()]
}
