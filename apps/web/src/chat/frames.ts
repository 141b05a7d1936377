const waiting = new Set<() => void>()

/** Draws in the next frame, once, however often it was asked for. A page that is not shown has none, and draws nothing. */
export function drawInNextFrame(draw: () => void): void {
  if (waiting.size === 0) requestAnimationFrame(drawAll)
  waiting.add(draw)
}

export function drawNoMore(draw: () => void): void {
  waiting.delete(draw)
}

function drawAll(): void {
  const all = [...waiting]
  waiting.clear()
  for (const draw of all) draw()
}
