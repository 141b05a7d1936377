import { binary, close, ping, text } from '../frame.ts'
import { failure, normalClose, type Script, scripted } from '../script.ts'
import type { Expectation, ExpectedClose } from '../verdict.ts'
import { closingConversations } from './closing-conversations.ts'

/** Each variant gets a running number behind the row's. */
function row(id: string, ...variants: Omit<Script, 'id'>[]): Script[] {
  return variants.map((variant, index) => ({ ...variant, id: variants.length === 1 ? id : `${id}.${index + 1}` }))
}

const nothing = (wanted: ExpectedClose): Expectation => ({ received: [], close: wanted })
const answersClose = nothing(normalClose)

/** The server is told to close, and does so first, cleanly. */
const serverCloses = (codes: ExpectedClose['codes']) => nothing({ by: 'server', clean: true, codes })

function commanded(title: string, command: string, codes: ExpectedClose['codes']): Omit<Script, 'id'> {
  return { title, needs: ['closeCommand'], steps: [{ frames: [text(command)] }], expect: serverCloses(codes) }
}

const cutCharacter = Buffer.from('e282', 'hex')
const garbage = Buffer.from('ffffffffffffffffffffffff', 'hex')
const longReason = 'é€'.repeat(60)

/** What the numbered cases leave out of RFC 6455 §7, and the TCP connection below. */
export const closingTable = [
  ...scripted('closing', [
    ...row(
      'C1',
      ...[1012, 1013, 1014].map((code) => ({
        title: `close ${code}`,
        steps: [{ frames: [close(code)] }],
        expect: nothing({ ...normalClose, codes: [code, 1000], toleratedCodes: [1002] }),
      })),
    ),
    ...row('C2', {
      title: 'close 1015',
      steps: [{ frames: [close(1015)] }],
      expect: nothing({ by: 'client', clean: false, codes: [1002], wantsCode: true }),
    }),
    ...row(
      'C3',
      {
        title: 'the close frame of a failure, code 1002',
        steps: [{ frames: [text('bad', { reserved: 7 })] }],
        expect: nothing(failure(1002)),
      },
      {
        title: 'the close frame of a failure, code 1007',
        steps: [{ frames: [text(Buffer.from('ff', 'hex'))] }],
        expect: nothing(failure(1007)),
      },
      commanded('a reason of 300 bytes is cut at a character', `close-in 0 4000 ${longReason}`, [4000]),
      commanded('code 1005 is not sent', 'close-in 0 1005', 'any'),
      commanded('code 1006 is not sent', 'close-in 0 1006', 'any'),
    ),
    ...row('C4', {
      title: 'text, ping and garbage behind close',
      steps: [{ frames: [close(1000), text('too late'), ping('too late')] }, { bytes: [garbage] }],
      expect: answersClose,
    }),
    ...row('C6', {
      title: 'both close at the same moment',
      needs: ['closeCommand'],
      steps: [{ frames: [text('close-in 0 1001 bye'), close(4001)] }],
      expect: nothing({ ...normalClose, codes: [1001, 4001, 1000] }),
      // Byte by byte, the server's close comes before ours.
      hasSingleBytes: false,
    }),
    ...row('C8', {
      title: 'FIN behind the close frame',
      steps: [{ frames: [close(1000)] }, { halfClose: true }],
      expect: answersClose,
    }),
    ...row('C10', {
      title: 'a close frame, a pause behind each byte',
      steps: [{ frames: [close(1000, 'bye')], writes: { slowBytes: 12 } }],
      expect: answersClose,
      hasSingleBytes: false,
    }),
    ...row('C11', {
      title: 'a close reason cut inside a character',
      steps: [{ frames: [close(1000, cutCharacter)] }],
      expect: nothing({ by: 'client', clean: false, codes: [1007], toleratedCodes: [1002], wantsCode: true }),
    }),
    ...row('C12', {
      title: '512 KiB behind the close frame do not reset the connection',
      steps: [{ frames: [close(1000), ...Array.from({ length: 8 }, () => binary(Buffer.alloc(65_536)))] }],
      expect: { ...answersClose, noReset: true },
      hasSingleBytes: false,
    }),
  ]),
  ...closingConversations,
]
