const DEFAULT_RETRY_MS = 1_000

/** An `EventSource` does not come back after an error status: it is told in the stream when to. */
export function overloadedText(retryAfterMs = DEFAULT_RETRY_MS): string {
  return `retry: ${retryAfterMs}\nevent: overloaded\ndata: {"retryAfterMs":${retryAfterMs}}\n\n`
}
