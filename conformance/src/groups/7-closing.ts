import { close, continuation, type Frame, ping, text } from '../frame.ts'
import { expected, normalClose, type Script, scripted } from '../script.ts'
import type { Expectation, ExpectedClose } from '../verdict.ts'

const greeting = 'Hello World!'
const ascii = 'Hello World!'.repeat(11)
const badUtf8 = Buffer.from('cebae1bdb9cf83cebcceb5eda080656469746564', 'hex')

function answersClose(codes: ExpectedClose['codes'] = [1000]): Expectation {
  return { received: [], close: { ...normalClose, codes }, closeDecides: true }
}

/** The close frame itself is bad: an error code comes back; TCP that is dropped, or an empty close, is borne with. */
function refusesClose(...codes: number[]): Expectation {
  return { received: [], close: { by: 'client', clean: false, codes, wantsCode: true }, closeDecides: true }
}

function once(id: string, title: string, frames: Frame[], expect: Expectation): Script {
  return { id, title, steps: [{ frames }], expect }
}

function oneByteClose(): Frame {
  return { ...close(), payload: Buffer.from('a') }
}

const goodCodes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]
const badCodes = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999]
const oddCodes = [5000, 65_535]

/** RFC 6455 §5.5.1 and §7. */
export const closingGroup = scripted('7', [
  {
    id: '7.1.1',
    title: 'text, then close behind the echo',
    steps: [{ frames: [text(greeting)] }, { awaitCount: 1 }, { frames: [close(1000)] }],
    expect: { received: [expected('text', greeting)], close: normalClose, closeDecides: true },
  },
  once('7.1.2', 'two close frames', [close(1000), close()], answersClose()),
  once('7.1.3', 'ping behind close', [close(1000), ping()], answersClose()),
  once('7.1.4', 'text behind close', [close(1000), text(greeting)], answersClose()),
  once(
    '7.1.5',
    'close between two fragments',
    [text('fragment1', { final: false }), close(1000), continuation('fragment2')],
    answersClose(),
  ),
  {
    ...once(
      '7.1.6',
      '256 KiB of text, a text, close and a ping, back to back',
      [text('BAsd7&jh23'.repeat(26_215).slice(0, 262_144)), text(greeting), close(1000), ping()],
      { received: [], close: { by: 'client', clean: false, codes: 'any' }, informational: true },
    ),
    // A quarter of a million writes say nothing that 7.1.3 and the 64 KiB of group 1 do not.
    hasSingleBytes: false,
  },
  once('7.3.1', 'empty close', [close()], answersClose()),
  once('7.3.2', 'close with one byte', [oneByteClose()], refusesClose(1002)),
  once('7.3.3', 'close without a reason', [close(1000)], answersClose()),
  once('7.3.4', 'close with a reason', [close(1000, greeting)], answersClose()),
  once('7.3.5', 'close with a reason of 123 bytes', [close(1000, ascii.slice(0, 123))], answersClose()),
  once('7.3.6', 'close with a reason of 124 bytes', [close(1000, ascii.slice(0, 124))], refusesClose(1002)),
  once('7.5.1', 'close with a reason that is not UTF-8', [close(1000, badUtf8)], refusesClose(1007, 1002)),
  ...goodCodes.map((code, index) =>
    once(`7.7.${index + 1}`, `close ${code}`, [close(code)], answersClose([code, 1000])),
  ),
  ...badCodes.map((code, index) => once(`7.9.${index + 1}`, `close ${code}`, [close(code)], refusesClose(1002))),
  ...oddCodes.map((code, index) =>
    once(`7.13.${index + 1}`, `close ${code}`, [close(code)], {
      received: [],
      close: { by: 'client', clean: false, codes: [1002], toleratedCodes: 'any', wantsCode: true },
      informational: true,
    }),
  ),
])
