/** Characters of a token (RFC 9110 section 5.6.2). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** The items of a comma-separated header (RFC 9110 section 5.6.1), without the empty ones that a list may hold. */
export function listItems(values: readonly string[]): string[] {
  const items: string[] = []
  for (const value of values) {
    for (const item of value.split(',')) {
      const trimmed = item.trim()
      if (trimmed !== '') items.push(trimmed)
    }
  }
  return items
}

/** Does a list of tokens hold this one, in any case? `token` is in lower case. */
export function listHas(values: readonly string[], token: string): boolean {
  if (values.length === 1 && values[0]?.toLowerCase() === token) return true // as most say it
  return listItems(values).some((item) => item.toLowerCase() === token)
}

/** The tokens of a list that may hold each only once and no empty one; undefined where it is not such a list. */
export function distinctTokens(values: readonly string[]): readonly string[] | undefined {
  if (values.length === 0) return values
  const tokens = new Set<string>()
  for (const value of values) {
    for (const item of value.split(',')) {
      const token = item.trim()
      if (!TOKEN.test(token) || tokens.has(token)) return undefined
      tokens.add(token)
    }
  }
  return [...tokens]
}
