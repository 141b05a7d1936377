/** The close codes this layer itself says or reports (RFC 6455 section 7.4.1). */
export const CloseCode = {
  normal: 1000,
  protocolError: 1002,
  /** The close frame had no code. Reported, never sent. */
  none: 1005,
  /** The stream ended without a close frame. Reported, never sent. */
  abnormal: 1006,
  invalidText: 1007,
  policy: 1008,
  tooBig: 1009,
  internalError: 1011,
  tryAgainLater: 1013,
} as const

/** May this code stand in a close frame? 1004 to 1006 and 1015 never do; 1016 to 2999 nobody has registered. */
export function isCloseCode(code: number): boolean {
  return (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) || (code >= 3000 && code <= 4999)
}
