import type { Case } from '../case.ts'
import { BlockWriter } from '../deflate/block-writer.ts'
import { compressed } from '../deflate/deflater.ts'
import { close, continuation, type Frame, ping, pong, text } from '../frame.ts'
import { echoes, expected, fails, failure, type Script, type Step, scripted } from '../script.ts'
import type { Expectation, Expected } from '../verdict.ts'

const rsv1 = { reserved: 4 }
const notFinal = { final: false }
const bytesOf = (digits: string) => Buffer.from(digits.replaceAll(' ', ''), 'hex')
/** The examples of RFC 7692 §7.2.3 start as text frames without a mask of effect. */
const whole = (digits: string) => text(bytesOf(digits), { ...rsv1, mask: Buffer.alloc(4) })
const first = (digits: string) => text(bytesOf(digits), { ...rsv1, ...notFinal })

const hello = whole('f2 48 cd c9 c9 07 00')
/** Refers back to `hello`. */
const helloAgain = whole('f2 00 11 00 00')
const greeting = expected('text', 'Hello')

function row(id: string, ...variants: Omit<Script, 'id'>[]): Script[] {
  return variants.map((variant, index) => ({
    extensions: ['permessage-deflate'],
    ...variant,
    id: variants.length === 1 ? id : `${id}.${index + 1}`,
  }))
}

function sends(title: string, frames: Frame[], expect: Expectation): Omit<Script, 'id'> {
  return { title, steps: [{ frames }], expect }
}

/** What the server took from an earlier message it does not know any more, if it said so: then it is our fault. */
function refersBack(title: string, frames: Frame[], ...received: string[]): Omit<Script, 'id'> {
  const texts = received.map((payload) => expected('text', payload))
  return {
    title,
    steps: [{ frames }],
    expect: (_, agreement) => (agreement?.clientNoContextTakeover ? forgotten(texts) : echoes(...texts)),
  }
}

/** The last message refers to what was to be forgotten. */
const forgotten = (texts: Expected[]) => fails(1007, texts.slice(0, -1), [[]])

/** We offer not to refer back, and do: a server that did not answer this may go either way (RFC 7692 §7.1.1.2). */
const breaksOffer: Omit<Script, 'id'> = {
  title: 'the same, where we offered not to',
  extensions: ['permessage-deflate; client_no_context_takeover'],
  steps: [{ frames: [hello, helloAgain] }],
  expect: (_, agreement) => {
    const refusal = forgotten([greeting, greeting])
    return agreement?.clientNoContextTakeover ? refusal : { ...echoes(greeting, greeting), orElse: refusal }
  },
}

const breaksData: Expectation = { received: [], close: failure(1007, [1002]) }

/** A text that is bad near its start, cut where the first half says so already; what is behind it comes later, or not at all. */
function badEarly(): Step[] {
  const letters = Buffer.from('0123456789abcdef'.repeat(8192))
  letters[40] = 0xff
  const whole = compressed(Buffer.concat([letters, Buffer.from('and its end')]))
  const cut = Math.floor(whole.length / 2)
  return [
    { frames: [text(whole.subarray(0, cut), { ...rsv1, ...notFinal })] },
    { awaitCloseMs: 1000 },
    { frames: [continuation(whole.subarray(cut))] },
  ]
}

const reservedBits = [1, 2, 3, 5, 6, 7]

/** RFC 7692 §6 and §7.2: compressed messages on the wire. */
export const deflateFrames: Case[] = scripted('deflate', [
  ...row('D10', sends('Hello', [hello], echoes(greeting))),
  ...row(
    'D11',
    refersBack('a message that refers to the one before', [hello, helloAgain], 'Hello', 'Hello'),
    breaksOffer,
  ),
  ...row(
    'D12',
    sends(
      'two fragments, a ping between',
      [first('f2 48 cd'), ping('between'), continuation(bytesOf('c9 c9 07 00'))],
      echoes(expected('pong', 'between'), greeting),
    ),
  ),
  ...row('D13', sends('a stored block', [whole('00 05 00 fa ff 48 65 6c 6c 6f 00')], echoes(greeting))),
  ...row(
    'D14',
    sends(
      'a final block, and a message behind it',
      [whole('f3 48 cd c9 c9 07 00 00'), hello],
      echoes(greeting, greeting),
    ),
  ),
  ...row('D15', sends('two blocks', [whole('f2 48 05 00 00 00 ff ff ca c9 c9 07 00')], echoes(greeting))),
  ...row('D16', sends('an empty message', [whole('00')], echoes(expected('text', '')))),
  ...row(
    'D17',
    sends('RSV1 and no bytes, and a message behind it', [whole(''), hello], {
      ...fails(1007),
      orElse: echoes(expected('text', ''), greeting),
    }),
  ),
  ...row(
    'D18',
    sends('RSV1 on a continuation', [first('f2 48 cd'), continuation(bytesOf('c9 c9 07 00'), rsv1)], fails(1002)),
    sends('RSV1 on a ping', [ping('x', rsv1)], fails(1002)),
    sends('RSV1 on a pong', [pong('x', rsv1)], fails(1002)),
    sends('RSV1 on a close frame', [{ ...close(1000), ...rsv1 }], fails(1002)),
    ...reservedBits.map((reserved) => sends(`a text with RSV ${reserved}`, [{ ...hello, reserved }], fails(1002))),
    sends('RSV1 on the continuation of a plain text', [text('a', notFinal), continuation('b', rsv1)], fails(1002)),
  ),
  ...row(
    'D19',
    refersBack(
      'a plain message leaves the context alone',
      [hello, text('plain, and not to be referred to'), helloAgain],
      'Hello',
      'plain, and not to be referred to',
      'Hello',
    ),
    sends('plain messages around a compressed one', [text('plain'), hello, text('again')], {
      ...echoes(expected('text', 'plain'), greeting, expected('text', 'again')),
    }),
  ),
  ...row(
    'D20',
    sends('a block of the reserved type', [whole('ff ff ff ff')], breaksData),
    sends(
      'a distance to before the start',
      [text(new BlockWriter().fixed().literal(0x61).match(3, 2).end().message(), rsv1)],
      breaksData,
    ),
    sends('data that ends inside a block', [whole('f2 48')], breaksData),
    sends('a stored block whose lengths do not match', [whole('00 05 00 fa fe 48 65 6c 6c 6f 00')], breaksData),
  ),
  ...row(
    'D21',
    sends('a text that is not UTF-8', [text(compressed(bytesOf('48 65 ff 6c 6f')), rsv1)], fails(1007)),
    sends('a text that ends inside a character', [text(compressed(bytesOf('48 65 e2 82')), rsv1)], fails(1007)),
    {
      title: 'a long text that is bad near its start, in two fragments',
      steps: badEarly,
      expect: { ...fails(1007), closesInStep: [0, 1] },
      payloadBytes: 131_083,
      patienceMs: 5000,
      hasSingleBytes: false,
    },
  ),
])
