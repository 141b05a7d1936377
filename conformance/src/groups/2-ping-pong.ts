import { close, type Frame, ping, pong } from '../frame.ts'
import { echoes, expected, fails, type Script, scripted } from '../script.ts'
import type { Writes } from '../wire.ts'

const notUtf8 = Buffer.from('00fffefdfcfb00ff', 'hex')
const longest = Buffer.alloc(125, 0xfe)
const tenPayloads = Array.from({ length: 10 }, (_, index) => `payload-${index}`)

/** Pings, and the pongs that answer them, in order. */
function answered(
  id: string,
  title: string,
  payloads: (string | Uint8Array)[],
  writes?: Writes,
  patienceMs?: number,
): Script {
  return {
    id,
    title,
    steps: [{ frames: payloads.map((payload) => ping(payload)), ...(writes && { writes }) }],
    expect: echoes(...payloads.map((payload) => expected('pong', payload))),
    ...(patienceMs && { patienceMs }),
  }
}

/** An unsolicited pong, then what follows at once. */
function unsolicited(id: string, title: string, payload: string, then: Frame, ...pongs: string[]): Script {
  return {
    id,
    title,
    steps: [{ frames: [pong(payload), then] }],
    expect: echoes(...pongs.map((answer) => expected('pong', answer))),
  }
}

/** RFC 6455 §5.5.2 and §5.5.3. */
export const pingPongGroup = scripted('2', [
  answered('2.1', 'empty ping', ['']),
  answered('2.2', 'ping with text', ['Hello, world!']),
  answered('2.3', 'ping with bytes that are not UTF-8', [notUtf8]),
  answered('2.4', 'ping of 125 bytes', [longest]),
  {
    id: '2.5',
    title: 'ping of 126 bytes',
    steps: [{ frames: [ping(Buffer.alloc(126, 0xfe))] }],
    expect: fails(1002),
  },
  answered('2.6', 'ping of 125 bytes, octet-wise', [longest], 'octet-wise', 2000),
  unsolicited('2.7', 'unsolicited empty pong, then close', '', close(1000)),
  unsolicited('2.8', 'unsolicited pong with a payload, then close', 'unsolicited pong payload', close(1000)),
  unsolicited('2.9', 'unsolicited pong, then a ping', 'unsolicited pong payload', ping('ping payload'), 'ping payload'),
  answered('2.10', 'ten pings back to back', tenPayloads, 'back-to-back', 3000),
  answered('2.11', 'ten pings, octet-wise', tenPayloads, 'octet-wise', 3000),
])
