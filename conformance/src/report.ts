import { groups } from './case.ts'
import { isGood, type Result, type SuiteRun } from './suite.ts'

const columns = ['case', 'behaviour', 'close', 'ms', 'what']
const groupColumns = ['group', 'passed', 'failed', 'unimplemented', 'not run', 'seconds']

/** What is not good, and the counts of the groups, as tables; in the last line the counts of all: for people. */
export function report(run: SuiteRun, isLenient: boolean): string {
  const { results, omitted } = run
  const isMissing = ({ behaviour }: Result) => behaviour === 'UNIMPLEMENTED'
  const bad = results.filter((result) => !isGood(result, isLenient) && !isMissing(result))
  const missing = results.filter(isMissing)
  const informational = results.filter(({ behaviour }) => behaviour === 'INFORMATIONAL')
  const lines = table(columns, bad.map(cells))
  for (const { id, remarks } of informational) lines.push(`${id} is informational: ${remarks.join('; ')}`)
  const untold = omitted.filter(({ needs }) => needs.length > 0)
  const tooLong = omitted.filter(({ needs }) => needs.length === 0)
  const idsOf = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id).join(', ')
  if (untold.length > 0) {
    const needs = new Set(untold.flatMap((each) => each.needs))
    lines.push(`not run, because not told (${[...needs].map(flagOf).join(' ')}): ${idsOf(untold)}`)
  }
  if (tooLong.length > 0) lines.push(`not run, because the server takes only shorter messages: ${idsOf(tooLong)}`)
  lines.push(...table(groupColumns, groupCells(run, bad)))
  const counts = [`${results.length - bad.length - missing.length} passed`, `${bad.length} failed`]
  if (missing.length > 0) counts.push(`${missing.length} unimplemented`)
  lines.push(counts.join(', '))
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

/** One row for each group that has cases. */
function groupCells({ results, omitted }: SuiteRun, bad: readonly Result[]): string[][] {
  return groups.flatMap((group) => {
    const own = results.filter((result) => result.group === group)
    const notRun = omitted.filter((each) => each.group === group).length
    if (own.length + notRun === 0) return []
    const failed = bad.filter((result) => result.group === group).length
    const missing = own.filter(({ behaviour }) => behaviour === 'UNIMPLEMENTED').length
    const seconds = own.reduce((sum, { ms }) => sum + ms, 0) / 1000
    const counts = [own.length - failed - missing, failed, missing, notRun]
    return [[group, ...counts.map(String), seconds.toFixed(1)]]
  })
}

function table(columns: readonly string[], rows: readonly string[][]): string[] {
  if (rows.length === 0) return []
  const all = [columns, ...rows]
  const widths = columns.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
