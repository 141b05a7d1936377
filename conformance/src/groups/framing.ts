import { binary, close, continuation, encodeFrame, type Frame, fragmentedText, ping, text } from '../frame.ts'
import { echoes, expected, fails, failure, normalClose, type Script, type Step, scripted } from '../script.ts'
import type { Expectation } from '../verdict.ts'
import { floods } from './framing-floods.ts'

const zeroMask = Buffer.alloc(4)
const notFinal = { final: false }
const bytesOf = (digits: string) => Buffer.from(digits.replaceAll(' ', ''), 'hex')

/** Each variant gets a running number behind the row's. */
function row(id: string, ...variants: Omit<Script, 'id'>[]): Script[] {
  return variants.map((variant, index) => ({ ...variant, id: variants.length === 1 ? id : `${id}.${index + 1}` }))
}

/** Bytes that are not to be taken for a close of ours, and how the server fails. */
function raw(title: string, expect: Expectation, ...pieces: Uint8Array[]): Omit<Script, 'id'> {
  return { title, steps: [{ bytes: [Buffer.concat(pieces)] }], expect }
}

/** Head and first payload bytes each arrive alone. */
function slowHead(payloadBytes: number, headBytes: number): Omit<Script, 'id'> {
  const payload = Buffer.alloc(payloadBytes, 'abcdefghijklmnopqrstuvwxyz')
  return {
    title: `text of ${payloadBytes} bytes, a pause behind each byte of the head`,
    steps: [{ frames: [text(payload)], writes: { slowBytes: headBytes + 8 } }],
    expect: echoes(expected('text', payload)),
    patienceMs: 10_000,
    hasSingleBytes: false,
  }
}

/** The payload in two segments: the mask must go on where it was. */
function splitAt(offset: number): Omit<Script, 'id'> {
  const payload = 'sixteen byte txt'
  const bytes = encodeFrame(text(payload, { mask: bytesOf('0102 0408') }))
  const cut = bytes.length - payload.length + offset
  const steps: Step[] = [{ bytes: [bytes.subarray(0, cut)] }, { pauseMs: 3 }, { bytes: [bytes.subarray(cut)] }]
  return { title: `payload split at ${offset}`, steps, expect: echoes(expected('text', payload)) }
}

const letter = Buffer.from('A')

/** A message that is as long as the server takes, in `frames` frames. */
function limitRow(title: string, extraBytes: number, expect: (payload: Buffer) => Expectation): Omit<Script, 'id'> {
  const payloadOf = (maxPayloadBytes = 0) => Buffer.alloc(maxPayloadBytes + extraBytes, 0x55)
  return {
    title,
    needs: ['maxPayloadBytes'],
    steps: ({ maxPayloadBytes }) => [{ frames: [binary(payloadOf(maxPayloadBytes))], writes: { chopBytes: 65_536 } }],
    expect: ({ maxPayloadBytes }) => expect(payloadOf(maxPayloadBytes)),
    patienceMs: 10_000,
    hasSingleBytes: false,
  }
}

/** Three fragments reach the limit, which is fine; the one byte behind them crosses it. */
function limitByFragments({ maxPayloadBytes = 0 }: { maxPayloadBytes?: number }): Step[] {
  const third = Math.floor(maxPayloadBytes / 3)
  const sizes = [third, third, maxPayloadBytes - 2 * third]
  const frames = sizes.map((size, index) => (index === 0 ? binary : continuation)(Buffer.alloc(size, 0x55), notFinal))
  return [{ frames }, { pauseMs: 200 }, { frames: [continuation('x', notFinal)] }, { awaitCloseMs: 1000 }]
}

function headOfLength(payloadBytes: number): Buffer {
  const head = bytesOf('82ff 0000000000000000 00000000')
  head.writeBigUInt64BE(BigInt(payloadBytes), 2)
  return head
}

/** A good text, a bad frame, and behind it in the same segment what must not be acted on. */
function badInTheMiddle(title: string, bad: Frame): Omit<Script, 'id'> {
  const frames = [text('good'), bad, text('too late'), ping('too late'), close(1000)]
  return raw(title, fails(1002, [expected('text', 'good')], [[]]), ...frames.map(encodeFrame))
}

const sizes = [0, 1, 125, 126, 65_535, 65_536]
const threeBytes = Buffer.from('€')

const smallMessages = () =>
  Array.from({ length: Math.floor(1_048_576 / 7) }, (_, index) => Buffer.of(0x20 + (index % 95)))

/** What the numbered cases leave out of RFC 6455 §5. */
export const framingTable = [
  ...scripted('framing', [
    ...row(
      'F1',
      raw('text without a mask', fails(1002), encodeFrame(text('A', { mask: 'none' }))),
      raw('ping without a mask', fails(1002), encodeFrame(ping('A', { mask: 'none' }))),
      raw('close without a mask', fails(1002), encodeFrame({ ...close(1000), mask: 'none' })),
    ),
    ...row('F2', slowHead(1, 6), slowHead(200, 8), slowHead(70_000, 14)),
    ...row(
      'F3',
      {
        title: 'mask 00000000',
        steps: [{ frames: [text('not hidden', { mask: zeroMask })] }],
        expect: echoes(expected('text', 'not hidden')),
      },
      ...[0, 1, 2, 3, 4, 5, 6, 7].map(splitAt),
    ),
    ...row(
      'F4',
      raw('length 1 in 16 bits', fails(1002), encodeFrame(text(letter, { lengthBits: 16, mask: zeroMask }))),
      raw('length 1 in 64 bits', fails(1002), encodeFrame(text(letter, { lengthBits: 64, mask: zeroMask }))),
      raw('length 126 in 64 bits', fails(1002), encodeFrame(text('A'.repeat(126), { lengthBits: 64, mask: zeroMask }))),
    ),
    ...row(
      'F5',
      raw(
        'top bit of the length',
        { received: [], close: failure(1002, [1009]) },
        bytesOf('82ff 8000000000000001 00000000'),
      ),
    ),
    ...row('F6', raw('length 2^53, head alone', fails(1009), bytesOf('82ff 0020000000000000 00000000')), {
      title: 'length limit + 1, head alone',
      needs: ['maxPayloadBytes'],
      steps: ({ maxPayloadBytes = 0 }) => [{ bytes: [headOfLength(maxPayloadBytes + 1)] }],
      expect: fails(1009),
    }),
    ...row(
      'F7',
      limitRow('a message of exactly the limit', 0, (payload) => echoes(expected('binary', payload))),
      limitRow('a message of limit + 1 in one frame', 1, () => fails(1009)),
      {
        title: 'a message of limit + 1 in fragments',
        needs: ['maxPayloadBytes'],
        steps: limitByFragments,
        expect: { ...fails(1009), closesInStep: [2, 3] },
        hasSingleBytes: false,
      },
    ),
    ...row(
      'F8',
      raw('ping with a 16-bit length, head alone', fails(1002), bytesOf('89fe 007e 00000000')),
      raw('ping with a 64-bit length, head alone', fails(1002), bytesOf('89ff 0000000000010000 00000000')),
    ),
    ...row(
      'F9',
      {
        title: '65,537 fragments',
        steps: () => [{ frames: fragmentedText([...Array.from({ length: 65_536 }, () => letter), '']) }],
        expect: echoes(expected('text', 'A'.repeat(65_536))),
        patienceMs: 20_000,
        hasSingleBytes: false,
        isHeavy: true,
      },
      {
        title: '300,000 empty fragments',
        steps: () => {
          const empty = encodeFrame(continuation('', notFinal))
          const flood = Buffer.alloc(empty.length * 300_000, empty)
          return [{ frames: [text('x', notFinal)] }, { bytes: [flood], writes: { chopBytes: 65_536 } }]
        },
        expect: { received: [], close: { by: 'server', clean: false, codes: [1008, 1009, 1002], wantsCode: true } },
        patienceMs: 2000,
        hasSingleBytes: false,
        isHeavy: true,
      },
    ),
    ...row('F10', {
      title: '1 MiB of 1-byte messages in one write',
      steps: () => [{ frames: smallMessages().map((payload) => text(payload)) }],
      expect: () => ({
        received: smallMessages().map((payload) => expected('text', payload)),
        close: normalClose,
      }),
      patienceMs: 30_000,
      hasSingleBytes: false,
      isHeavy: true,
    }),
    ...row('F13', {
      title: 'the frames of the server, for every form of length',
      steps: [{ frames: [...sizes.map((size) => binary(Buffer.alloc(size, 0x33))), ping(Buffer.alloc(125, 0x33))] }],
      expect: echoes(
        ...sizes.map((size) => expected('binary', Buffer.alloc(size, 0x33))),
        expected('pong', Buffer.alloc(125, 0x33)),
      ),
      patienceMs: 10_000,
      hasSingleBytes: false,
    }),
    ...row(
      'F14',
      {
        title: 'a text of which only the last byte is bad',
        steps: [{ frames: [text(Buffer.concat([Buffer.alloc(4096, 'a'), bytesOf('ff')]))] }],
        expect: fails(1007),
      },
      {
        title: 'a character in three fragments, pings between',
        steps: [
          {
            frames: [
              text(threeBytes.subarray(0, 1), notFinal),
              ping('one'),
              continuation(threeBytes.subarray(1, 2), notFinal),
              ping('two'),
              continuation(threeBytes.subarray(2)),
            ],
          },
        ],
        expect: echoes(expected('pong', 'one'), expected('pong', 'two'), expected('text', '€')),
      },
    ),
    ...row(
      'F15',
      badInTheMiddle('good frames behind one without a mask', text('bad', { mask: 'none' })),
      badInTheMiddle('good frames behind a reserved opcode', { opcode: 3, payload: letter }),
      badInTheMiddle('good frames behind a continuation of nothing', continuation('bad')),
      badInTheMiddle('good frames behind a reserved bit', text('bad', { reserved: 4 })),
    ),
  ]),
  ...floods,
]
