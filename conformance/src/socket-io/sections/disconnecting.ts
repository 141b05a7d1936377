import { SocketIoSection } from '../socket-io-case.ts'

/** 2.7 Disconnecting. */
export const disconnecting = new SocketIoSection('2.7')

disconnecting.row(
  'a client leaves: nothing is said, and the connection stays',
  `
  → 40{"key":"$key"}
  ← 40{"sid":"$id"}
  → 41
  reason $key "client namespace disconnect"
  lives outside
`,
)

disconnecting.rows(
  ['41/ops,', '41/ops'],
  (packet) => `${packet} leaves /ops alone`,
  (packet) => `
  → 40{"key":"$main"}
  ← 40{"sid":"$id"}
  → 40/ops,{"key":"$ops"}
  ← 40/ops,{"sid":"$other"}
  → ${packet}
  reason $ops "client namespace disconnect"
  lives
`,
)

disconnecting.row(
  'who has left may come again, as somebody else',
  `
  → 40{"key":"$key"}
  ← 40{"sid":"$first"}
  → 41
  reason $key "client namespace disconnect"
  → 40
  ← 40{"sid":"$second"}
  lives
`,
)

disconnecting.row(
  'the server takes a client out of a namespace: the connection stays',
  `
  → 40{"key":"$key"}
  ← 40{"sid":"$id"}
  → 42["leave"]
  ← 41
  reason $key "server namespace disconnect"
  lives outside
`,
)

disconnecting.row(
  'the server takes a client out of one namespace of two',
  `
  → 40
  ← 40{"sid":"$id"}
  → 40/ops,{"key":"$key"}
  ← 40/ops,{"sid":"$other"}
  → 42/ops,["leave"]
  ← 41/ops,
  reason $key "server namespace disconnect"
  lives
`,
)

disconnecting.row(
  'what was said before it was taken out comes before',
  `
  → 40
  ← 40{"sid":"$id"}
  → 42["say and leave"]
  ← 42["bye"]
  ← 41
`,
)

disconnecting.row(
  'who was taken out may come again',
  `
  → 40
  ← 40{"sid":"$first"}
  → 42["leave"]
  ← 41
  → 40
  ← 40{"sid":"$second"}
  lives
`,
)

disconnecting.row(
  'disconnect(true) leaves all namespaces and closes the connection',
  `
  → 40{"key":"$main"}
  ← 40{"sid":"$id"}
  → 40/ops,{"key":"$ops"}
  ← 40/ops,{"sid":"$other"}
  → 42/ops,["leave all"]
  ← 41 ␞ 41/ops,
  closes
  reason $main "server namespace disconnect"
  reason $ops "server namespace disconnect"
`,
)

const inFlight = ['42/ops,["echo"]', '42/ops,0["echo"]', '43/ops,0[]', '41/ops,', '450-/ops,["echo"]']

disconnecting.rows(
  inFlight,
  (packet) => `${packet} that was on its way when the server took the client out comes to nothing`,
  (packet) => `
  → 40
  ← 40{"sid":"$id"}
  → 40/ops,
  ← 40/ops,{"sid":"$other"}
  → 42/ops,["leave"]
  ← 41/ops,
  → ${packet}
  lives
`,
)

disconnecting.row(
  'an acknowledgement behind a client’s leaving comes to nothing',
  `
  → 40
  ← 40{"sid":"$id"}
  → 40/ops,{"key":"$key"}
  ← 40/ops,{"sid":"$other"}
  → 42/ops,["ask"]
  ← 42/ops,$ack["question"]
  → 41/ops,
  reason $key "client namespace disconnect"
  → 43/ops,$ack["late"]
  lives
`,
)

disconnecting.rows(
  ['42/ops,["echo"]', '41/ops,'],
  (packet) => `${packet} behind a client’s leaving closes the connection`,
  (packet) => `
  → 40{"key":"$main"}
  ← 40{"sid":"$id"}
  → 40/ops,{"key":"$ops"}
  ← 40/ops,{"sid":"$other"}
  → 41/ops,
  reason $ops "client namespace disconnect"
  → ${packet}
  closes
  reason $main "forced server close"
`,
)

disconnecting.row(
  'an event in front of a client’s leaving is taken',
  `
  → 40{"key":"$key"}
  ← 40{"sid":"$id"}
  → 42["note","last words"] ␞ 41
  reason $key "client namespace disconnect"
  notes $key ["last words"]
`,
)

disconnecting.row('the client ends the connection', async (conversation) => {
  await conversation.play(`
    → 40{"key":"$main"}
    ← 40{"sid":"$id"}
    → 40/ops,{"key":"$ops"}
    ← 40/ops,{"sid":"$other"}
  `)
  await conversation.line.leave()
  await conversation.play(`
    reason $main "transport close"
    reason $ops "transport close"
  `)
})
