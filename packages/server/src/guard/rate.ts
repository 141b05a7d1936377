/** How often something may happen: `"10 per minute"`, `"100 per second, burst 200"`, or the same in numbers. */
export type Rate = string | RateNumbers

export interface RateNumbers {
  readonly count: number
  readonly perMs: number
  /** How many may come at once after a quiet time. Default: `count`. */
  readonly burst?: number
}

export type ResolvedRate = Required<RateNumbers>

const UNITS_MS: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
}

const TEXT =
  /^(\d+)\s*(?:per|\/)\s*(?:(\d+)\s*)?(millisecond|second|minute|hour|day)s?(?:\s*,?\s*bursts?(?:\s+of)?\s+(\d+))?$/i

/** Throws a `TypeError` that names the option where this is no rate. */
export function resolveRate(rate: Rate, option: string): ResolvedRate {
  const { count, perMs, burst = count } = typeof rate === 'string' ? parse(rate, option) : rate
  for (const number of [count, perMs, burst]) {
    if (!(Number.isFinite(number) && number > 0)) throw notARate(rate, option)
  }
  return { count, perMs, burst }
}

function parse(text: string, option: string): RateNumbers {
  const match = TEXT.exec(text.trim())
  if (match === null) throw notARate(text, option)
  const [, count, units = '1', unit, burst] = match
  const perMs = Number(units) * (UNITS_MS[(unit as string).toLowerCase()] as number)
  return { count: Number(count), perMs, ...(burst === undefined ? undefined : { burst: Number(burst) }) }
}

function notARate(rate: unknown, option: string): TypeError {
  return new TypeError(
    `the option "${option}" must be a rate such as "10 per minute" or "100 per second, burst 200", not ${JSON.stringify(rate)}`,
  )
}
