import { binary, close, type Frame, ping, text } from '../frame.ts'
import { expected, fails, type Script, scripted } from '../script.ts'
import type { Writes } from '../wire.ts'

const hello = 'Hello, world!'
const bytes = Buffer.from('00fffefdfcfb00ff', 'hex')

function alone(id: string, title: string, frame: Frame): Script {
  return { id, title, steps: [{ frames: [frame] }], expect: fails(1002) }
}

/** A good text, one with reserved bits, a ping: the first may come back, nothing else. */
function afterGoodText(id: string, reserved: number, writes: Writes): Script {
  return {
    id,
    title: `text, text with RSV ${reserved}, ping: ${writes}`,
    steps: [{ frames: [text(hello), text(hello, { reserved }), ping()], writes }],
    expect: fails(1002, [expected('text', hello)], [[]]),
  }
}

/** RFC 6455 §5.2: without an extension, a set reserved bit fails the connection. */
export const reservedBitsGroup = scripted('3', [
  alone('3.1', 'text with RSV 1', text(hello, { reserved: 1 })),
  afterGoodText('3.2', 2, 'back-to-back'),
  afterGoodText('3.3', 3, 'piece-wise'),
  afterGoodText('3.4', 4, 'octet-wise'),
  alone('3.5', 'binary with RSV 5', binary(bytes, { reserved: 5 })),
  alone('3.6', 'binary with RSV 6', binary(hello, { reserved: 6 })),
  alone('3.6 ping', 'ping with RSV 6', ping(hello, { reserved: 6 })),
  alone('3.7', 'empty close with RSV 7', { ...close(), reserved: 7 }),
])
