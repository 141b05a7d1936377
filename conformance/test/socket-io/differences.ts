import type { Difference } from '../engine-io/differences.ts'

const polling = (...ids: readonly string[]): string[] => ids.map((id) => `${id} polling`)
const webSocket = (...ids: readonly string[]): string[] => ids.map((id) => `${id} websocket`)
const both = (...ids: readonly string[]): string[] => [...polling(...ids), ...webSocket(...ids)]

const CLOSED_POLLING = 'the session is closed instead of a packet'
const CLOSED_WEB_SOCKET = 'the WebSocket closed instead of a message'
const GOES_ON = '44/nowhere,{"message":"Invalid namespace"} instead of the end'
const FORCED_CLOSE = `the application's reason: "forced close", not "forced server close"`

const ownQueues = 'every namespace has a queue of its own: between namespaces no order is promised'

/** Ours. */
export const ourDifferences: readonly Difference[] = [
  { ids: both('2.6.21'), fault: '"42[\\"echo\\",3]", not 42/ops,["echo",2]', reason: ownQueues },
  { ids: polling('2.9.2'), fault: '"42/ops,[\\"echo\\",2]", not 42/dynamic-1,["room",1]', reason: ownQueues },
]

const noCountOfZero = 'socket.io-parser refuses a count of 0, which the protocol allows'
const lateIsAnOffence =
  'what was on its way when the server left a namespace closes the connection, with all other namespaces'
const lateAckIsAnOffence = 'the stock client acknowledges also when it has left, and for that the connection is closed'
const asynchronousEntrance =
  'clients are let in asynchronously, also where no middleware is asked: what comes behind CONNECT is an offence'
const idsAreNumbers = 'ids are read as numbers, and said as numbers are written'

/** npm `socket.io`'s, 4.8.4 with socket.io-parser 4.2.6. */
export const referenceDifferences: readonly Difference[] = [
  { ids: polling('2.3.20'), fault: CLOSED_POLLING, reason: noCountOfZero },
  { ids: webSocket('2.3.20'), fault: CLOSED_WEB_SOCKET, reason: noCountOfZero },
  { ids: both('2.4.25'), fault: FORCED_CLOSE, reason: `${noCountOfZero}, before it looks at the namespace` },
  {
    ids: both('2.3.29'),
    fault: GOES_ON,
    reason: 'any number within the limits is taken for that of an attachment, also one that is not whole',
  },
  {
    ids: webSocket(
      ...['2.4.18', '2.4.19', '2.4.20', '2.4.21', '2.4.22', '2.4.23', '2.4.24', '2.4.26', '2.5.69', '2.7.16', '2.7.17'],
    ),
    fault: FORCED_CLOSE,
    reason: 'a WebSocket closes at once, and its own reason is told before the one that is by polling',
  },
  { ids: polling('2.4.32'), fault: CLOSED_POLLING, reason: asynchronousEntrance },
  { ids: webSocket('2.4.32'), fault: CLOSED_WEB_SOCKET, reason: asynchronousEntrance },
  {
    ids: both('2.4.33'),
    fault: GOES_ON,
    reason: 'a namespace is joined when its middlewares are through: a second CONNECT before that is a second socket',
  },
  {
    ids: both('2.5.61', '2.5.62', '2.5.63', '2.5.64', '2.5.65', '2.5.66'),
    fault: GOES_ON,
    reason:
      'socket.io-parser looks at data where there is some: an event may have no name, an acknowledgement no id and no arguments',
  },
  { ids: both('2.6.6'), fault: '"439007199254740992[', reason: idsAreNumbers },
  { ids: both('2.6.7'), fault: '"437[', reason: idsAreNumbers },
  { ids: both('2.6.8'), fault: '"430[', reason: idsAreNumbers },
  { ids: both('2.6.9'), fault: '"431.111111111111111e+29[', reason: idsAreNumbers },
  { ids: both('2.6.10'), fault: '"431e+100[', reason: idsAreNumbers },
  {
    ids: both('2.6.13'),
    fault: 'what comes next: "430[\\"late\\"]"',
    reason: 'an acknowledgement is sent in a namespace that the server has left',
  },
  {
    ids: webSocket('2.6.26'),
    fault: '"42[\\"echo\\",\\"behind\\"]", not 42["second"]',
    reason: 'a volatile event is dropped behind anything that was said in the same turn',
  },
  {
    ids: polling('2.7.10', '2.7.11', '2.7.12', '2.7.13', '2.7.14'),
    fault: CLOSED_POLLING,
    reason: lateIsAnOffence,
  },
  {
    ids: webSocket('2.7.10', '2.7.11', '2.7.12', '2.7.13', '2.7.14'),
    fault: CLOSED_WEB_SOCKET,
    reason: lateIsAnOffence,
  },
  { ids: polling('2.7.15'), fault: CLOSED_POLLING, reason: lateAckIsAnOffence },
  { ids: webSocket('2.7.15'), fault: CLOSED_WEB_SOCKET, reason: lateAckIsAnOffence },
  {
    ids: both('2.7.18'),
    fault: `the application's notes: []`,
    reason: 'events are put off to a later turn, and dropped where their client leaves in the same one',
  },
]
