export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

export const spread = (values) => ({ median: median(values), min: Math.min(...values), max: Math.max(...values) })

/** Round by round, because a slow minute slows both; then the median of those. Undefined where one was not measured. */
export function medianRatio(over, under) {
  if (over === undefined || under === undefined) return undefined
  return median(over.rounds.map(({ eachUs }, round) => eachUs / under.rounds[round].eachUs))
}
