import { continuation, type Frame, ping, pong, text } from '../frame.ts'
import { echoes, expected, fails, type Script, scripted } from '../script.ts'
import type { Expectation } from '../verdict.ts'
import type { Writes } from '../wire.ts'

const one = 'fragment1'
const two = 'fragment2'
const hello = 'Hello, world!'
const stray = 'continuation of nothing!'
const notFinal = { final: false }

function once(id: string, title: string, frames: Frame[], expect: Expectation): Script {
  return { id, title, steps: [{ frames }], expect }
}

const waysToWrite: readonly Writes[] = ['back-to-back', 'piece-wise', 'octet-wise']

/** The same frames in three ways, with running numbers. */
function inThreeWays(firstNumber: number, title: string, frames: Frame[], expect: Expectation): Script[] {
  return waysToWrite.map((writes, index) => ({
    id: `5.${firstNumber + index}`,
    title: `${title}: ${writes}`,
    steps: [{ frames, writes }],
    expect,
  }))
}

/** Two fragments, a ping, a second of silence, three fragments with a ping between. */
function withSilence(id: string, writes: Writes): Script {
  const before = [text(one, notFinal), continuation(two, notFinal), ping('pongme 1!')]
  const after = [
    continuation('fragment3', notFinal),
    continuation('fragment4', notFinal),
    ping('pongme 2!'),
    continuation('fragment5'),
  ]
  return {
    id,
    title: `five fragments, two pings, a second of silence: ${writes}`,
    steps: [{ frames: before, writes }, { pauseMs: 1000 }, { frames: after, writes }],
    expect: echoes(
      // Step 1 is the silence: the first pong must not wait for the message.
      expected('pong', 'pongme 1!', 1),
      expected('pong', 'pongme 2!'),
      expected('text', 'fragment1fragment2fragment3fragment4fragment5'),
    ),
  }
}

const whole = expected('text', one + two)

/** RFC 6455 §5.4. */
export const fragmentationGroup = scripted('5', [
  once('5.1', 'ping in two fragments', [ping(one, notFinal), continuation(two)], fails(1002)),
  once('5.2', 'pong in two fragments', [pong(one, notFinal), continuation(two)], fails(1002)),
  ...inThreeWays(3, 'text in two fragments', [text(one, notFinal), continuation(two)], echoes(whole)),
  ...inThreeWays(
    6,
    'text in two fragments with a ping between',
    [text(one, notFinal), ping('ping payload'), continuation(two)],
    echoes(expected('pong', 'ping payload'), whole),
  ),
  ...inThreeWays(9, 'last fragment of nothing, then a text', [continuation(stray), text(hello)], fails(1002)),
  ...inThreeWays(
    12,
    'first fragment of nothing, then a text',
    [continuation(stray, notFinal), text(hello)],
    fails(1002),
  ),
  once(
    '5.15',
    'a message in two fragments, then a fragment of nothing',
    [text(one, notFinal), continuation(two), continuation('fragment3', notFinal), text('fragment4')],
    fails(1002, [whole], [[]]),
  ),
  once(
    '5.16',
    'twice: a fragment of nothing, not final, then a text in two fragments',
    repeated([continuation(one, notFinal), text(two, notFinal), continuation('fragment3')]),
    fails(1002),
  ),
  once(
    '5.17',
    'twice: a final fragment of nothing, then a text in two fragments',
    repeated([continuation(one), text(two, notFinal), continuation('fragment3')]),
    fails(1002),
  ),
  once('5.18', 'a text inside a text', [text(one, notFinal), text(two)], fails(1002)),
  withSilence('5.19', 'back-to-back'),
  withSilence('5.20', 'piece-wise'),
])

function repeated(frames: Frame[]): Frame[] {
  return [...frames, ...frames]
}
