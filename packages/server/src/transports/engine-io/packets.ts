/** The first character of a packet (Engine.IO protocol v4). */
export const PacketId = {
  open: '0',
  close: '1',
  ping: '2',
  pong: '3',
  message: '4',
  upgrade: '5',
  noop: '6',
} as const

/** What a packet is on its way: text with its id in front; the bytes of a binary message, whose id is understood. */
export type EnginePacket = string | Buffer

/** Between the packets of a payload. JSON never holds it as it is. */
const SEPARATOR = 0x1e
export const SEPARATOR_TEXT = '\x1e'

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

/** A client has sent what is no packet: its session is closed with `parse error`. */
export class InvalidEnginePacket extends Error {}

/** One packet of a payload, or a text message of a WebSocket. Throws {@link InvalidEnginePacket}. */
export function readPacket(text: string): EnginePacket {
  const first = text.charCodeAt(0)
  if (first === 0x62) {
    if (!BASE64.test(text.slice(1))) throw new InvalidEnginePacket('no base64')
    return Buffer.from(text.slice(1), 'base64')
  }
  if (first >= 0x30 && first <= 0x36) return text
  throw new InvalidEnginePacket('unknown packet type')
}

/** Tells each packet of a POST's body, up to the first that is none. Throws {@link InvalidEnginePacket} there. */
export function readPayload(body: string, tell: (packet: EnginePacket) => void): void {
  for (const text of body.split(SEPARATOR_TEXT)) tell(readPacket(text))
}

/** Up to so many packets of what waits, each with a separator behind it: what goes into one answer, and what is left. */
export function takePackets(waiting: readonly Buffer[], most: number): { taken: Buffer[]; left: Buffer[] } {
  const taken: Buffer[] = []
  let count = 0
  for (let i = 0; i < waiting.length; i++) {
    const buffer = waiting[i] as Buffer
    for (let at = buffer.indexOf(SEPARATOR); at >= 0; at = buffer.indexOf(SEPARATOR, at + 1)) {
      if (++count < most || (at === buffer.length - 1 && i === waiting.length - 1)) continue
      taken.push(buffer.subarray(0, at + 1))
      const rest = buffer.subarray(at + 1)
      return { taken, left: [...(rest.length === 0 ? [] : [rest]), ...waiting.slice(i + 1)] }
    }
    taken.push(buffer)
  }
  return { taken, left: [] }
}
