import type { Case } from '../case.ts'
import { BlockWriter } from '../deflate/block-writer.ts'
import { compressed } from '../deflate/deflater.ts'
import { binary, text } from '../frame.ts'
import { Random } from '../random.ts'
import { echoes, expected, type Script, scripted } from '../script.ts'

const name = 'permessage-deflate'
const allBits = [9, 10, 11, 12, 13, 14, 15]
const patienceMs = 10_000

/** Repeats itself further back than the window, again and again: who looks further back finds it. */
function temptation(windowBits: number): Buffer {
  const block = new Random(windowBits).bytes(2 ** windowBits + 40)
  return Buffer.concat([block, block, block])
}

/** Begins as it ends: who looks back into the message before finds that at once, in any window. */
function temptationToRemember(): Buffer {
  const random = new Random(7692)
  const ends = random.bytes(200)
  return Buffer.concat([ends, random.bytes(1200), ends])
}

/** Two equal messages, whose echoes must not refer further back than was agreed; they come back the same in any case. */
function serverWindow(parameters: string, payload: Buffer): Omit<Script, 'id'> {
  const frame = binary(compressed(payload), { reserved: 4 })
  return {
    title: `what the server compresses keeps to ${parameters}`,
    extensions: [`${name}; ${parameters}`],
    steps: [{ frames: [frame, frame] }],
    expect: echoes(expected('binary', payload), expected('binary', payload)),
    payloadBytes: payload.length,
    patienceMs,
  }
}

/** A match of ours that reaches back as far as it may. */
function clientWindow(windowBits: number): Omit<Script, 'id'> {
  const filling = (agreedBits: number) =>
    Buffer.from('0123456789abcdef'.repeat(2 ** (agreedBits - 4)).slice(0, 2 ** agreedBits))
  return {
    title: `our match reaches back as far as client_max_window_bits=${windowBits} allows`,
    extensions: [`${name}; client_max_window_bits=${windowBits}`],
    steps: (_, agreement) => {
      const clientWindowBits = agreement?.clientWindowBits ?? windowBits
      const far = new BlockWriter()
        .stored(filling(clientWindowBits))
        .fixed()
        .match(10, 2 ** clientWindowBits)
        .end()
      return [{ frames: [text(far.message(), { reserved: 4 })] }]
    },
    expect: (_, agreement) =>
      echoes(
        expected(
          'text',
          Buffer.concat([filling(agreement?.clientWindowBits ?? windowBits), Buffer.from('0123456789')]),
        ),
      ),
    payloadBytes: 2 ** windowBits + 10,
    patienceMs,
  }
}

const variants = [
  ...allBits.map((windowBits) => serverWindow(`server_max_window_bits=${windowBits}`, temptation(windowBits))),
  serverWindow('server_no_context_takeover', temptationToRemember()),
  serverWindow('server_no_context_takeover; server_max_window_bits=9', temptationToRemember()),
  ...allBits.map(clientWindow),
]

/** RFC 7692 §7.1.2: windows, for both directions. The inflater of the suite finds every match that goes too far. */
export const deflateWindows: Case[] = scripted(
  'deflate',
  variants.map((variant, index) => ({ ...variant, id: `D9.${index + 1}`, hasSingleBytes: false })),
)
