import { encodeFrame, fragmentedText, text } from '../frame.ts'
import { echoes, expected, failure, type Script, type Step, scripted } from '../script.ts'
import type { Expectation } from '../verdict.ts'
import { kosme, sequenceRows } from './6-utf8-sequences.ts'

const edited = '656469746564'
const mixed = Buffer.from('48656c6c6f2dc2b540c39fc3b6c3a4c3bcc3a0c3a12d5554462d382121', 'hex')
const mixedCut = mixed.indexOf(Buffer.from('c3bc', 'hex'))
const surrogate = hex(`${kosme}eda080${edited}`)
const tooHigh = hex(`${kosme}f4908080${edited}`)

function hex(digits: string): Buffer {
  return Buffer.from(digits, 'hex')
}

/** Every byte in a frame of its own, and an empty last one. */
function oneByteFragments(payload: Buffer) {
  const bytes = Array.from(payload, (_, at) => payload.subarray(at, at + 1))
  return fragmentedText([...bytes, Buffer.alloc(0)])
}

function echoed(
  id: string,
  title: string,
  payload: string | Buffer,
  frames: ReturnType<typeof fragmentedText>,
): Script {
  return { id, title, steps: [{ frames }], expect: echoes(expected('text', payload)) }
}

/** Bad UTF-8 that is not refused is a failure of behaviour, not only of closing. */
const fails1007: Expectation = { received: [], close: failure(1007), closeDecides: true }

/** Where the two cuts are, and whether the pieces are frames or pieces of one frame. */
const failFastRows = [
  { cuts: [11, 15], isOneFrame: false },
  { cuts: [12, 13], isOneFrame: false },
  { cuts: [11, 15], isOneFrame: true },
  { cuts: [12, 13], isOneFrame: true },
] as const

const secondPart = 2

/**
 * The bad byte is the first of part 2: the server is still there in the second behind part 1, and gone in the second behind part 2,
 * although the message, and even the frame, is not complete.
 */
function failFast({ cuts: [first, second], isOneFrame }: (typeof failFastRows)[number], index: number): Script {
  const head = isOneFrame ? 6 : 0
  const bytes = encodeFrame(text(tooHigh))
  const pieces = [
    bytes.subarray(0, head + first),
    bytes.subarray(head + first, head + second),
    bytes.subarray(head + second),
  ]
  const frames = fragmentedText([tooHigh.subarray(0, first), tooHigh.subarray(first, second), tooHigh.subarray(second)])
  const send = pieces.map((piece, at): Step => (isOneFrame ? { bytes: [piece] } : { frames: frames.slice(at, at + 1) }))
  const [part1, part2, part3] = send as [Step, Step, Step]
  return {
    id: `6.4.${index + 1}`,
    title: `a code point too high, in three ${isOneFrame ? 'pieces of one frame' : 'frames'}, cut at ${first} and ${second}`,
    steps: [part1, { pauseMs: 1000 }, part2, { awaitCloseMs: 1000 }, part3],
    expect: { ...fails1007, closesInStep: [secondPart, secondPart + 1] },
  }
}

const sequences = sequenceRows.flatMap(({ section, title, items }) =>
  items.map(([validity, digits], index): Script => {
    const payload = hex(digits)
    return {
      id: `6.${section}.${index + 1}`,
      title: `${title}: ${digits}`,
      steps: [{ frames: [text(payload)] }],
      expect: validity === 'V' ? echoes(expected('text', payload)) : fails1007,
      patienceMs: 500,
    }
  }),
)

/** RFC 6455 §8.1. */
export const utf8Group = scripted('6', [
  echoed('6.1.1', 'empty text', '', [text('')]),
  echoed('6.1.2', 'three empty fragments', '', fragmentedText(['', '', ''])),
  echoed(
    '6.1.3',
    'a fragment between empty ones',
    'middle frame payload',
    fragmentedText(['', 'middle frame payload', '']),
  ),
  echoed('6.2.1', 'mixed text, one frame', mixed, [text(mixed)]),
  echoed(
    '6.2.2',
    'mixed text, cut at a character',
    mixed,
    fragmentedText([mixed.subarray(0, mixedCut), mixed.subarray(mixedCut)]),
  ),
  echoed('6.2.3', 'mixed text, 1-byte fragments', mixed, oneByteFragments(mixed)),
  echoed('6.2.4', 'κόσμε, 1-byte fragments', hex(kosme), oneByteFragments(hex(kosme))),
  { id: '6.3.1', title: 'a surrogate, one frame', steps: [{ frames: [text(surrogate)] }], expect: fails1007 },
  {
    id: '6.3.2',
    title: 'a surrogate, 1-byte fragments',
    steps: [{ frames: oneByteFragments(surrogate) }],
    expect: fails1007,
  },
  ...failFastRows.map(failFast),
  ...sequences,
])
