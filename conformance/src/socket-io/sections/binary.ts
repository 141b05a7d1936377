import { same } from '../../engine-io/fault.ts'
import { openWebSocketLine } from '../line.ts'
import { SocketIoSection } from '../socket-io-case.ts'

/** 2.3 Binary. */
export const binary = new SocketIoSection('2.3')

const place = (num: unknown): string => `{"_placeholder":true,"num":${JSON.stringify(num)}}`

const ten = Array.from({ length: 10 }, (_, num) => place(num)).join(',')
const tenAttachments = Array.from({ length: 10 }, (_, num) => `<0${num}>`).join(' ␞ ')

binary.rows(
  [
    `451-["echo",${place(0)}] ␞ <deadbeef>`,
    `451-["echo",${place(0)}] ␞ <>`,
    `452-["echo",${place(0)},"between",${place(1)}] ␞ <01> ␞ <0203>`,
    `453-["echo",{"a":[${place(0)},{"b":${place(1)}}]},${place(2)}] ␞ <01> ␞ <02> ␞ <03>`,
    `4510-["echo",${ten}] ␞ ${tenAttachments}`,
    `451-["echo",${place(0)}] ␞ <${'ab'.repeat(70_000)}>`,
  ],
  (packets) => `${packets.slice(0, 70)} comes back to the byte`,
  (packets) => `
  → 40
  ← 40{"sid":"$id"}
  → ${packets}
  ← ${packets}
  lives
`,
)

binary.row(
  'a binary event in a namespace',
  `
  → 40/ops,
  ← 40/ops,{"sid":"$id"}
  → 451-/ops,["echo",${place(0)}] ␞ <c0ffee>
  ← 451-/ops,["echo",${place(0)}] ␞ <c0ffee>
`,
)

binary.row(
  'an acknowledgement with bytes is a binary one',
  `
  → 40/ops,
  ← 40/ops,{"sid":"$id"}
  → 452-/ops,4["echo",${place(0)},${place(1)}] ␞ <01> ␞ <02>
  ← 462-/ops,4[${place(0)},${place(1)}] ␞ <01> ␞ <02>
`,
)

binary.row(
  'an acknowledgement of a binary event without bytes is a plain one',
  `
  → 40
  ← 40{"sid":"$id"}
  → 451-3["up",${place(0)}] ␞ <00ff10>
  ← 433["got",3]
`,
)

binary.row(
  'an acknowledgement of the client’s may be binary',
  `
  → 40
  ← 40{"sid":"$id"}
  → 42["ask"]
  ← 42$ack["question"]
  → 461-$ack[${place(0)}] ␞ <0102>
  ← 451-["answer",${place(0)}] ␞ <0102>
`,
)

binary.row(
  'a question of the server’s may be binary, with an id',
  `
  → 40
  ← 40{"sid":"$id"}
  → 451-["ask",${place(0)}] ␞ <0102>
  ← 451-$ack["question",${place(0)}] ␞ <0102>
  → 43$ack["yes"]
  ← 42["answer","yes"]
`,
)

binary.row(
  'attachments are found by their number, in whichever order their places stand',
  `
  → 40
  ← 40{"sid":"$id"}
  → 452-["echo",${place(1)},${place(0)}] ␞ <0a> ␞ <0b>
  ← 452-["echo",${place(0)},${place(1)}] ␞ <0b> ␞ <0a>
`,
)

binary.row(
  'one attachment may have two places',
  `
  → 40
  ← 40{"sid":"$id"}
  → 451-["echo",${place(0)},${place(0)}] ␞ <0a>
  ← 452-["echo",${place(0)},${place(1)}] ␞ <0a> ␞ <0a>
`,
)

binary.row(
  'one buffer of the server’s in two places is two attachments',
  `
  → 40
  ← 40{"sid":"$id"}
  → 42["one buffer twice"]
  ← 452-["bytes",${place(0)},${place(1)}] ␞ <0102> ␞ <0102>
`,
)

binary.row(
  'the server may say bytes in any shape, and nothing of a buffer beside its view',
  `
  → 40
  ← 40{"sid":"$id"}
  → 42["views"]
  ← 454-["views",${place(0)},${place(1)},${place(2)},{"deep":[${place(3)}]}] ␞ <01020304> ␞ <0203> ␞ <04> ␞ <>
`,
)

binary.row(
  'bytes for a room have their attachments behind them',
  `
  → 40
  ← 40{"sid":"$id"}
  → 452-["room",${place(0)},{"b":${place(1)}}] ␞ <01> ␞ <02>
  ← 452-["room",${place(0)},{"b":${place(1)}}] ␞ <01> ␞ <02>
`,
)

binary.row(
  'bytes arrive as a Buffer, not as what stood in their place',
  `
  → 40
  ← 40{"sid":"$id"}
  → 451-["kinds",${place(0)},{"_placeholder":false,"num":0},"text"] ␞ <01>
  ← 42["kinds","Buffer","object","string"]
`,
)

binary.row(
  'text and bytes keep their order, and nothing comes between a packet and its attachments',
  `
  → 40
  ← 40{"sid":"$id"}
  → 42["mixture",4]
  ← 42["n",0] ␞ 451-["n",${place(0)}] ␞ <01> ␞ 42["n",2] ␞ 451-["n",${place(0)}] ␞ <03>
  lives
`,
)

binary.row(
  'attachments may come one by one',
  `
  → 40
  ← 40{"sid":"$id"}
  → 452-["echo",${place(0)},${place(1)}]
  → <01>
  → <02>
  ← 452-["echo",${place(0)},${place(1)}] ␞ <01> ␞ <02>
`,
)

binary.row(
  'a binary packet without attachments is complete at once, and the next one is read as ever',
  `
  → 40
  ← 40{"sid":"$id"}
  → 450-["echo","none"]
  ← 42["echo","none"]
  lives
  → 460-77[]
  lives
`,
)

binary.rows(
  [
    ['text while attachments are missing', `→ 451-["echo",${place(0)}]`, '→ 42["echo"]'],
    ['text of another namespace while attachments are missing', `→ 451-["echo",${place(0)}]`, '→ 40/ops,'],
    ['bytes that nobody waits for', '→ <01>'],
    ['bytes behind the last attachment', `→ 451-["kinds",${place(0)}] ␞ <01>`, '← 42["kinds","Buffer"]', '→ <02>'],
  ],
  ([title]) => `${title}: it is closed`,
  ([, ...lines]) => `
  → 40
  ← 40{"sid":"$id"}
  ${lines.join('\n')}
  closes
`,
)

binary.rows(
  [1, -1, '0', null, 0.5, 'length', '__proto__', { num: 0 }],
  (num) => `the place of attachment ${JSON.stringify(num)} of one: it is closed`,
  (num) => `
  → 40{"key":"$key"}
  ← 40{"sid":"$id"}
  → 451-["note",${place(num)}] ␞ <01>
  closes
  reason $key "forced close"
  errors $key ["illegal attachments"]
`,
)

binary.row(
  'a place without a number: it is closed',
  `
  → 40
  ← 40{"sid":"$id"}
  → 451-["note",{"_placeholder":true}] ␞ <01>
  closes
`,
)

binary.row(
  'a place where there is no attachment: it is closed',
  `
  → 40
  ← 40{"sid":"$id"}
  → 450-["echo",${place(0)}]
  closes
`,
)

binary.row(
  'text that looks like a place is text where no attachments were told',
  `
  → 40
  ← 40{"sid":"$id"}
  → 42["echo",${place(0)}]
  ← 42["echo",${place(0)}]
  lives
`,
)

binary.row(
  'bytes may come as base64 over a WebSocket',
  `
  → 40
  ← 40{"sid":"$id"}
  → 451-["echo",${place(0)}]
  → bAP8Q
  ← 451-["echo",${place(0)}] ␞ <00ff10>
`,
  'websocket',
)

binary.row(
  'who has asked for base64 gets it over a WebSocket, too',
  async ({ talk }) => {
    const line = await openWebSocketLine(talk, { b64: '1' })
    await line.say('40')
    await line.next()
    await line.say(`451-["echo",${place(0)}]`, Buffer.from([0, 255, 16]))
    same(await line.next(), `451-["echo",${place(0)}]`, 'the text')
    same(await line.next(), 'bAP8Q', 'the attachment')
  },
  'websocket',
)
