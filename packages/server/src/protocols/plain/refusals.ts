import { type ClientPacket, closeCodes, type ErrorCode } from '@partyline/protocol'

/** What a refused message asked for, in the word it used itself. */
export function requestOf(packet: ClientPacket): string {
  if (packet.kind === 'event') return packet.event
  return packet.kind === 'bare-ping' ? 'ping' : packet.kind
}

/** What may be different in a while. */
const passing: readonly ErrorCode[] = ['unavailable', 'rate_limited', 'too_many', 'timeout']

/** How a client is closed that was refused with this code before it was in. */
export function closeCodeOf(code: ErrorCode): number {
  if (code === 'invalid') return closeCodes.protocol_error.code
  if (code === 'internal') return closeCodes.internal.code
  return passing.includes(code) ? closeCodes.try_later.code : closeCodes.forbidden.code
}
