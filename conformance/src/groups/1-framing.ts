import { binary, text } from '../frame.ts'
import { echoes, expected, type Script, scripted } from '../script.ts'
import type { Writes } from '../wire.ts'

/** Payload lengths on both sides of each length form (RFC 6455 §5.2). */
const rows: readonly (readonly [payloadBytes: number, writes: Writes])[] = [
  [0, 'back-to-back'],
  [125, 'back-to-back'],
  [126, 'back-to-back'],
  [127, 'back-to-back'],
  [128, 'back-to-back'],
  [65_535, 'back-to-back'],
  [65_536, 'back-to-back'],
  [65_536, { chopBytes: 997 }],
]

const kinds = [
  { kind: 'text', frame: text, filler: 0x2a },
  { kind: 'binary', frame: binary, filler: 0xfe },
] as const

export const framingGroup = scripted(
  '1',
  kinds.flatMap(({ kind, frame, filler }, kindIndex) =>
    rows.map(([payloadBytes, writes], index): Script => {
      const payload = Buffer.alloc(payloadBytes, filler)
      return {
        id: `1.${kindIndex + 1}.${index + 1}`,
        title: `${kind} of ${payloadBytes} bytes${typeof writes === 'object' ? ' in chops of 997' : ''}`,
        steps: [{ frames: [frame(payload)], writes }],
        expect: echoes(expected(kind, payload)),
        patienceMs: payloadBytes >= 65_535 ? 10_000 : 1000,
      }
    }),
  ),
)
