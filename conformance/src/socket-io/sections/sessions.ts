import { holds, same } from '../../engine-io/fault.ts'
import { unknownSession } from '../../engine-io/polling-session.ts'
import type { Conversation } from '../conversation.ts'
import type { PollingLine, WebSocketLine } from '../line.ts'
import { SocketIoSection } from '../socket-io-case.ts'

/** 3. Whole sessions, to the byte. */
export const sessions = new SocketIoSection('3')

const pollingOf = ({ line }: Conversation): PollingLine['session'] => (line as PollingLine).session

/** The server’s CONNECT, with an id and nothing else. */
const isConnect = (packet: string): boolean => /^40\{"sid":"[^"]+"\}$/.test(packet)

/** The answer to a GET, whole. */
async function poll(conversation: Conversation): Promise<readonly [status: number, text: string]> {
  const { status, text } = await pollingOf(conversation).poll().answer()
  return [status, text]
}

sessions.row(
  'A: WebSocket only, an echo with an acknowledgement, a ping, a goodbye',
  async (conversation) => {
    const { socket } = conversation.line as WebSocketLine
    await conversation.play(`
      → 40{"token":"t1","key":"$key"}
      ← 40{"sid":"$id"}
      → 420["echo",5]
      ← 430[5]
    `)
    await socket.ping()
    await conversation.play(`
      → 3
      → 41
      reason $key "client namespace disconnect"
    `)
    await conversation.line.leave()
    same((await socket.end()).hasCloseFrame, true, 'a close frame of the server’s')
  },
  'websocket',
  'brisk',
)

sessions.row(
  'B: polling, then the change to a WebSocket, with something said meanwhile',
  async (conversation) => {
    const { talk } = conversation
    const session = pollingOf(conversation)
    same(session.facts.upgrades, ['websocket'], 'upgrades')
    await session.say('40{"key":"$key"}'.replace('$key', conversation.value('key')))
    const [status, connected] = await poll(conversation)
    holds(status === 200 && isConnect(connected), `${status} ${connected}`)
    const parked = await session.park()
    const socket = await talk.upgrade({ sid: session.sid })
    await socket.send('2probe')
    same(await socket.next(), '3probe', 'the answer to the probe')
    const { status: released, text } = await parked.answer()
    same([released, text], [200, '6'], 'the parked GET')
    await (await conversation.desk()).ask('say', conversation.value('key'), 'x')
    await socket.send('5')
    same(await socket.next(), '42["x"]', 'what was said meanwhile')
    same(await poll(conversation), [400, '{"code":3,"message":"Bad request"}'], 'a GET behind the change')
    await socket.roundTrip('still here')
  },
  'polling',
)

sessions.row(
  'C: polling, the client closes while a GET is parked',
  async (conversation) => {
    const session = pollingOf(conversation)
    const parked = await session.park()
    await session.say('1')
    const { status, text } = await parked.answer()
    same([status, text], [200, '6'], 'the parked GET')
    same(await poll(conversation), [400, unknownSession], 'the next GET')
  },
  'polling',
)

sessions.row(
  'D: a violation on polling',
  async (conversation) => {
    const session = pollingOf(conversation)
    await session.say('40')
    await session.say('40')
    const [status, text] = await poll(conversation)
    holds(status === 200 && isConnect(text), `${status} ${text}`)
    same(await poll(conversation), [200, '6\x1e1'], 'the second GET')
    same(await poll(conversation), [400, unknownSession], 'the third GET')
  },
  'polling',
)

sessions.row(
  'E: two namespaces, one refused',
  `
  → 40
  ← 40{"sid":"$id"}
  → 40/ops,{"pass":"denied"}
  ← 44/ops,{"message":"denied","data":{"code":7}}
  → 40/none,
  ← 44/none,{"message":"Invalid namespace"}
  → 42["echo","works"]
  ← 42["echo","works"]
`,
)

sessions.row(
  'F: a binary event with an acknowledgement, from a client that polls',
  async (conversation) => {
    const session = pollingOf(conversation)
    await session.say('40')
    await poll(conversation)
    const { status, text } = await session.post('451-3["up",{"_placeholder":true,"num":0}]\x1ebAP8Q').answer()
    same([status, text], [200, 'ok'], 'the POST')
    same(await poll(conversation), [200, '433["got",3]'], 'the GET')
  },
  'polling',
)

sessions.row(
  'a binary event to a client that polls, in one payload',
  async (conversation) => {
    const session = pollingOf(conversation)
    await session.say('40')
    await poll(conversation)
    await session.say('451-["echo",{"_placeholder":true,"num":0}]', 'b3q2+7w==')
    same(await poll(conversation), [200, '451-["echo",{"_placeholder":true,"num":0}]\x1eb3q2+7w=='], 'the GET')
  },
  'polling',
)
