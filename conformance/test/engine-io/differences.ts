import type { EngineResult } from '../../src/engine-io/engine-suite.ts'

/** Cases that a server is known to fail, what it does instead, and why that is so. */
export interface Difference {
  readonly ids: readonly string[]
  /** What the first fault says: a failure for another reason is not known. */
  readonly fault: string
  readonly reason: string
}

/** Ours. */
export const ourDifferences: readonly Difference[] = [
  {
    ids: ['1.7.29'],
    fault: 'Content-Encoding: "gzip", not nothing',
    reason:
      'compress(false) is about WebSocket messages; a payload is compressed as a whole by its length, in which others may stand beside this one',
  },
  {
    ids: ['1.8.1'],
    fault: 'the headers: ["access-control-allow-origin"], not []',
    reason:
      'a page that is let in without being named, as one of this machine is by a server on it, may read the answers',
  },
  {
    ids: ['1.8.2', '1.8.14'],
    fault: 'the status of the handshake: 403, not 200',
    reason:
      'a page of an origin that is not allowed is refused, by polling as over WebSocket, where no browser would keep the answer from it',
  },
  {
    ids: ['1.9.6'],
    fault: 'the session is not gone: 200 ok',
    reason: 'every packet is a sign of life: who talks is not dead because a pong is late',
  },
]

/** npm `socket.io`'s, 4.8.4 with engine.io 6.6.12. */
export const referenceDifferences: readonly Difference[] = [
  {
    ids: ['1.1.11'],
    fault: 'the POST: [400,"{\\"code\\":3,\\"message\\":\\"Bad request\\"}"]',
    reason: 'since engine.io 6.6.10 every request must name the version again; by the protocol the session has it',
  },
  {
    ids: ['1.1.25'],
    fault: 'the first packet is ___eio[0](',
    reason: 'it still answers JSONP, for which there is no client of this version',
  },
  {
    ids: ['1.2.5', '1.3a.16', '1.3a.17', '1.3a.18'],
    fault: 'the upgrade is answered 101',
    reason:
      'it looks at the version, and makes an id, behind the 101, and then writes an HTTP answer into the WebSocket',
  },
  {
    ids: ['1.3a.12'],
    fault: 'it is not answered',
    reason: 'a defect: a plain request that names the session of a WebSocket hangs forever',
  },
  {
    ids: ['1.3a.13'],
    fault: 'the answer to a probe: "3probe"',
    reason: 'a defect: a second WebSocket may begin to take over the session of a WebSocket',
  },
  {
    ids: Array.from({ length: 10 }, (_, index) => `1.3b.${5 + index}`),
    fault: 'the answer: [200,"ok"], not [400,""]',
    reason:
      'it breaks off the request, or answers ok where the body has come already: the client does not learn why it ends',
  },
  {
    ids: ['1.4.6'],
    fault: 'the WebSocket closed instead of a message',
    reason: 'it makes the id behind the 101, and what comes meanwhile is lost; by RFC 6455 a client waits for the 101',
  },
  {
    ids: ['1.5.26'],
    fault: 'the next message: "42[',
    reason: 'it ignores a close packet over WebSocket, which Python’s clients send',
  },
  {
    ids: ['1.7.3'],
    fault: 'a payload has 50 packets',
    reason: 'it puts all that waits into one payload; Python’s clients drop the connection above 16 packets',
  },
  {
    ids: ['1.9.12'],
    fault: 'the WebSocket stays open',
    reason: 'a defect: the change cancels the timeout of a ping that is under way, and nothing starts another one',
  },
]

/** How a run's failures differ from those that are listed, in words; nothing where they are the same. */
export function unlisted(
  results: readonly Pick<EngineResult, 'id' | 'title' | 'faults'>[],
  differences: readonly Difference[],
): string[] {
  const known = new Map(differences.flatMap((difference) => difference.ids.map((id) => [id, difference] as const)))
  const surprises = results.flatMap(({ id, title, faults }) => {
    const difference = known.get(id)
    known.delete(id)
    const [fault] = faults
    if (fault === undefined) return difference === undefined ? [] : [`${id} (${title}) is listed, and passes`]
    return difference !== undefined && fault.startsWith(difference.fault)
      ? []
      : [`${id} (${title}): ${faults.join('; ')}`]
  })
  return [...surprises, ...[...known.keys()].map((id) => `${id} is listed, and was not run`)]
}
