/**
 * ```text
 *   open ── close() ──▶ closing ── the peer's close, or no answer ──▶ leaving ── the stream is gone ──▶ gone
 *     └──── the peer's close or FIN, a broken rule, a handler that threw ────▲
 * ```
 *
 * `closing`: our close frame is out, and we read on for the peer's. `leaving`: nothing is said or listened to any
 * more; what still comes is read and dropped, so that no RST eats our last words. `onClose` is called on the way there.
 */
export const State = { open: 0, closing: 1, leaving: 2, gone: 3 } as const
