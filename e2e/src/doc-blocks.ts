/** A block of code on a page, and what its info string says. */
export interface DocBlock {
  /** The page, from the root of the repository. */
  readonly page: string
  /** The heading it stands under. */
  readonly heading: string
  /** The line of its first line of code, from 1. */
  readonly line: number
  /** The first word of the info string; empty where there is none. */
  readonly language: string
  /** The second word. `fragment`: a piece of a program. `browser`: for the console of a browser. */
  readonly kind: string
  readonly code: string
}

const FENCE = /^(\s*)(`{3,}|~{3,})(.*)$/

/** Every fenced block of a page. Throws where one is never closed: all that follows would be taken for code. */
export function blocksOf(page: string, markdown: string): DocBlock[] {
  const blocks: DocBlock[] = []
  const lines = markdown.split('\n')
  let heading = ''
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string
    heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading
    const [, indent, fence, info = ''] = FENCE.exec(line) ?? []
    if (indent === undefined || fence === undefined) continue
    const end = lines.findIndex((each, index) => index > at && each.trim() === fence)
    if (end === -1) throw new Error(`${page}:${at + 1}: a block that is never closed`)
    const [language = '', kind = ''] = info.trim().split(/\s+/)
    const inside = lines.slice(at + 1, end).map((each) => (each.startsWith(indent) ? each.slice(indent.length) : each))
    const code = inside.map((each) => `${each}\n`).join('')
    blocks.push({ page, heading, line: at + 2, language, kind, code })
    at = end
  }
  return blocks
}

/** How it is called in the title of a test. */
export const nameOf = ({ page, line, heading }: DocBlock): string => `${page}:${line}, ${heading}`

/** The commands of a block for a shell, one each: a line that ends in a backslash goes on, and `#` begins a comment. */
export function commandsOf(code: string): string[] {
  return code
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/(^|\s+)#.*$/, '').trim())
    .filter((line) => line !== '')
}

/** What a program says of its output: the comments behind `console.log(…)`. `, then ` stands between two rounds of a loop. */
export function promisedOutput(code: string): string[] {
  const comments = code.matchAll(/^\s*console\.log\(.*\) \/\/ (.*)$/gm)
  return [...comments].flatMap(([, text]) => (text as string).split(', then '))
}

/** Every address of another page that a page links to, without those of other sites. */
export function linksOf(markdown: string): string[] {
  const text = withoutBlocks(markdown).replace(/`[^`\n]*`/g, '')
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, to]) => to as string).filter((to) => !/^[a-z]+:/.test(to))
}

/** The anchors that a page's headings have on GitHub. */
export function anchorsOf(markdown: string): string[] {
  const headings = withoutBlocks(markdown).matchAll(/^#+ (.*)$/gm)
  return [...headings].map(([, text]) =>
    (text as string)
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

const withoutBlocks = (markdown: string): string => markdown.replace(/^( *`{3,})[^\n]*\n[\s\S]*?^\1$/gm, '')
