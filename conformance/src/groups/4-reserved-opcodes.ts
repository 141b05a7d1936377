import { ping, text } from '../frame.ts'
import { expected, fails, type Script, scripted } from '../script.ts'

const hello = 'Hello, world!'

const kinds = [
  { name: 'data', first: 3 },
  { name: 'control', first: 11 },
] as const

/** What the reserved frame carries; alone, or between a good text and a ping. */
const rows = [
  { payload: '', isAlone: true },
  { payload: 'reserved opcode payload', isAlone: true },
  { payload: '', isAlone: false },
  { payload: hello, isAlone: false },
  { payload: hello, isAlone: false, writes: 'octet-wise' },
] as const

/** RFC 6455 §5.2: reserved opcodes fail the connection. */
export const reservedOpcodesGroup = scripted(
  '4',
  kinds.flatMap(({ name, first }, kindIndex) =>
    rows.map((row, index): Script => {
      const reserved = { opcode: first + index, payload: Buffer.from(row.payload) }
      const writes = 'writes' in row ? row.writes : 'back-to-back'
      return {
        id: `4.${kindIndex + 1}.${index + 1}`,
        title: `${name} opcode ${reserved.opcode}${row.isAlone ? '' : ' behind a text'}, ${row.payload.length} bytes: ${writes}`,
        steps: [{ frames: row.isAlone ? [reserved] : [text(hello), reserved, ping()], writes }],
        expect: row.isAlone ? fails(1002) : fails(1002, [expected('text', hello)], [[]]),
      }
    }),
  ),
)
