/** Colours by meaning. */
export interface Paint {
  strong(text: string): string
  quiet(text: string): string
  link(text: string): string
  attention(text: string): string
  bad(text: string): string
}

interface Terminal {
  readonly isTTY?: boolean
}

/** Colours on a terminal that has them, unless `NO_COLOR` is set (no-color.org: to anything but nothing). */
export function paintFor({ isTTY }: Terminal, environment: Readonly<Record<string, string | undefined>>): Paint {
  const hasColour = isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb'
  const between =
    (start: number, end: number) =>
    (text: string): string =>
      hasColour ? `\u001b[${start}m${text}\u001b[${end}m` : text
  return {
    strong: between(1, 22),
    quiet: between(2, 22),
    link: between(36, 39),
    attention: between(33, 39),
    bad: between(31, 39),
  }
}
