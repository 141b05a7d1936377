import { isGood, type Result, type SuiteRun } from './suite.ts'

const columns = ['case', 'behaviour', 'close', 'ms', 'what'] as const

/** What is not good, as a table, and the counts: for people. */
export function report({ results, omitted }: SuiteRun, isLenient: boolean): string {
  const bad = results.filter((result) => !isGood(result, isLenient))
  const informational = results.filter(({ behaviour }) => behaviour === 'INFORMATIONAL')
  const lines = table(bad.map(cells))
  for (const { id, remarks } of informational) lines.push(`${id} is informational: ${remarks.join('; ')}`)
  if (omitted.length > 0) {
    const needs = new Set(omitted.flatMap((each) => each.needs))
    lines.push(
      `not run, because not told (${[...needs].map(flagOf).join(' ')}): ${omitted.map(({ id }) => id).join(', ')}`,
    )
  }
  lines.push(`${results.length - bad.length} passed, ${bad.length} failed`)
  return `${lines.join('\n')}\n`
}

/** The command line's name of a fact: `maxPayloadBytes` is `--max-payload-bytes`. */
export function flagOf(fact: string): string {
  return `--${fact.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

function cells(result: Result): string[] {
  const { id, behaviour, close, ms, title, faults, tolerated } = result
  return [id, behaviour, close, String(ms), `${title}: ${[...faults, ...tolerated].join('; ')}`]
}

function table(rows: readonly string[][]): string[] {
  if (rows.length === 0) return []
  const all = [[...columns], ...rows]
  const widths = columns.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
