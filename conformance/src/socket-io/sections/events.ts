import { same } from '../../engine-io/fault.ts'
import type { PollingLine } from '../line.ts'
import { SocketIoSection } from '../socket-io-case.ts'

/** 2.6 Events and acknowledgements. */
export const events = new SocketIoSection('2.6')

events.rows(
  [
    ...['0', '1', '4294967295', '4294967296', '9007199254740991', '9007199254740993', '007', '00'],
    ...['1'.repeat(30), '9'.repeat(100)],
  ],
  (id) => `the id ${id} comes back as it was`,
  (id) => `
  → 40
  ← 40{"sid":"$id"}
  → 42${id}["echo","a"]
  ← 43${id}["a"]
  → 40/ops,
  ← 40/ops,{"sid":"$other"}
  → 451-/ops,${id}["echo",{"_placeholder":true,"num":0}] ␞ <01>
  ← 461-/ops,${id}[{"_placeholder":true,"num":0}] ␞ <01>
`,
)

events.row(
  'an event is acknowledged once',
  `
  → 40
  ← 40{"sid":"$id"}
  → 425["ack twice"]
  ← 435["first"]
  lives
`,
)

events.row(
  'a client may use an id again',
  `
  → 40
  ← 40{"sid":"$id"}
  → 425["echo",1] ␞ 425["echo",2]
  ← 435[1] ␞ 435[2]
`,
)

events.row(
  'an acknowledgement for who has left is not sent',
  `
  → 40
  ← 40{"sid":"$id"}
  → 420["ack when gone"]
  ← 41
  lives outside
`,
)

events.row(
  'the server may ask, and each answer finds its question',
  `
  → 40
  ← 40{"sid":"$id"}
  → 42["ask","a"] ␞ 42["ask","b"]
  ← 42$first["question","a"] ␞ 42$second["question","b"]
  → 43$second["B","b"]
  ← 42["answer","B","b"]
  → 43$first[]
  ← 42["answer"]
`,
)

events.row(
  'the second answer to a question comes to nothing',
  `
  → 40
  ← 40{"sid":"$id"}
  → 42["ask","a"]
  ← 42$ack["question","a"]
  → 43$ack[1] ␞ 43$ack[2]
  ← 42["answer",1]
  lives
`,
)

events.row(
  'an answer in another namespace is none',
  `
  → 40
  ← 40{"sid":"$id"}
  → 40/ops,
  ← 40/ops,{"sid":"$other"}
  → 42/ops,["ask","a"]
  ← 42/ops,$ack["question","a"]
  → 43$ack["wrong"]
  lives
  → 43/ops,$ack["right"]
  ← 42/ops,["answer","right"]
`,
)

events.row(
  'a question that is not answered in time fails, and what comes later is nobody’s',
  `
  → 40
  ← 40{"sid":"$id"}
  → 42["ask for",20,"a"]
  ← 42$ack["question","a"]
  ← 42["answer","operation has timed out"]
  → 43$ack["late"]
  lives
`,
)

events.row(
  'one that is answered in time has no error',
  `
  → 40
  ← 40{"sid":"$id"}
  → 42["ask for",60000,"a"]
  ← 42$ack["question","a"]
  → 43$ack["yes"]
  ← 42["answer","no error","yes"]
`,
)

const many = Array.from({ length: 60 }, (_, n) => n)

events.row('events keep their order, in one payload and in many', async (conversation) => {
  await conversation.play(`
    → 40
    ← 40{"sid":"$id"}
  `)
  const echoes = many.map((n) => `42["echo",${n}]`)
  await conversation.say(...echoes)
  for (const echo of echoes.slice(0, 10)) await conversation.say(echo)
  await conversation.hear(...echoes, ...echoes.slice(0, 10))
})

events.row('what the server says keeps its order, with acknowledgements among it', async (conversation) => {
  await conversation.play(`
    → 40
    ← 40{"sid":"$id"}
    → 42["burst",60] ␞ 420["echo"] ␞ 42["room","x"] ␞ 42["burst",2]
  `)
  const burst = many.map((n) => `42["n",${n}]`)
  await conversation.hear(...burst, '430[]', '42["room","x"]', '42["n",0]', '42["n",1]')
})

events.row(
  'events of several namespaces keep their order among each other',
  `
  → 40
  ← 40{"sid":"$id"}
  → 40/ops,
  ← 40/ops,{"sid":"$other"}
  → 42["echo",1] ␞ 42/ops,["echo",2] ␞ 42["echo",3] ␞ 42/ops,["echo",4]
  ← 42["echo",1] ␞ 42/ops,["echo",2] ␞ 42["echo",3] ␞ 42/ops,["echo",4]
`,
)

events.row(
  'order holds across the change to a WebSocket, in both directions',
  async (conversation) => {
    const { talk, line } = conversation
    const { session } = line as PollingLine
    await conversation.play('→ 40{"key":"$key"}\n← 40{"sid":"$id"}')
    const desk = await conversation.desk()
    let said = 0
    const say = (): Promise<unknown> => desk.ask('say', conversation.value('key'), 'n', said++)
    await say()
    const socket = await talk.probe(session)
    await say()
    await session.say('42["echo","by polling"]')
    same(await line.next(), '42["n",0]', 'by polling')
    same(await line.next(), '42["n",1]', 'by polling')
    same(await line.next(), '42["echo","by polling"]', 'by polling')
    await say()
    await session.say('42["echo","last by polling"]')
    await socket.send('5', '42["echo","first by WebSocket"]')
    await say()
    for (const wanted of [
      '42["n",2]',
      '42["echo","last by polling"]',
      '42["echo","first by WebSocket"]',
      '42["n",3]',
    ]) {
      same(await socket.next(), wanted, 'by WebSocket')
    }
  },
  'polling',
)

events.row(
  'a volatile event is dropped while no GET is parked, and what comes later is not',
  `
  → 40
  ← 40{"sid":"$id"}
  → 42["volatile",1]
  → 42["echo",2]
  ← 42["echo",2]
  → 42["volatile",3]
  lives
`,
  'polling',
)

events.row(
  'a volatile event is said while a GET is parked',
  async (conversation) => {
    const { session } = conversation.line as PollingLine
    await conversation.play('→ 40\n← 40{"sid":"$id"}')
    await session.park()
    await session.say('42["volatile","now"]')
    await conversation.hear('42["volatile","now"]')
  },
  'polling',
)

events.row(
  'a volatile event is said over an idle WebSocket, bytes too',
  `
  → 40
  ← 40{"sid":"$id"}
  → 42["volatile",1]
  ← 42["volatile",1]
  → 451-["volatile",{"_placeholder":true,"num":0}] ␞ <01>
  ← 451-["volatile",{"_placeholder":true,"num":0}] ␞ <01>
`,
  'websocket',
)

events.row(
  'a volatile event is said behind what was said in the same turn',
  `
  → 40
  ← 40{"sid":"$id"}
  → 42["volatile behind"] ␞ 42["echo","behind"]
  ← 42["first"]
  ← 42["second"]
  ← 42["echo","behind"]
`,
  'websocket',
)
