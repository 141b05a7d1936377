export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

export const spread = (values) => ({ median: median(values), min: Math.min(...values), max: Math.max(...values) })

/**
 * Round by round, because a slow minute slows both; then the median of those. `figureOf` is what is compared of a round.
 * Undefined where one of the two was not measured.
 */
export function medianRatio(over, under, figureOf = ({ each }) => each) {
  const rounds = Math.min(over?.rounds.length ?? 0, under?.rounds.length ?? 0)
  if (rounds === 0) return undefined
  const ratios = Array.from({ length: rounds }, (_, i) => figureOf(over.rounds[i]) / figureOf(under.rounds[i]))
  return median(ratios)
}

/** By how much y grows with x: the line of least squares through the points. */
export function slope(points) {
  const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length
  const meanX = meanOf(points.map(([x]) => x))
  const meanY = meanOf(points.map(([, y]) => y))
  const over = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  return over / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
}
