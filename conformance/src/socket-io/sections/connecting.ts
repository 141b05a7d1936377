import { same } from '../../engine-io/fault.ts'
import { SocketIoSection } from '../socket-io-case.ts'

/** 2.4 Connecting to a namespace. */
export const connecting = new SocketIoSection('2.4')

connecting.rows(
  [
    '/none',
    '/none/',
    '/a-b/c.d',
    '/ops?token=1',
    '/OPS',
    '/ops/',
    '/ü😀',
    '/dynamic-',
    '/dynamic-1x',
    '/__proto__',
    '//',
  ],
  (name) => `there is no ${name}, and the connection goes on`,
  (name) => `
  → 40${name},
  ← 44${name},{"message":"Invalid namespace"}
  → 40${name}
  ← 44${name},{"message":"Invalid namespace"}
  → 40
  ← 40{"sid":"$id"}
  lives
`,
)

connecting.row(
  'namespaces that a pattern describes are there when they are asked for',
  `
  → 40/dynamic-17,
  ← 40/dynamic-17,{"sid":"$id"}
  lives /dynamic-17
`,
)

connecting.row(
  'a middleware refuses with a message and data, and the connection goes on',
  `
  → 40
  ← 40{"sid":"$id"}
  → 40/ops,{"pass":"denied"}
  ← 44/ops,{"message":"denied","data":{"code":7}}
  lives
`,
)

connecting.row(
  'a middleware refuses without data',
  `
  → 40/ops,{"pass":"wordless"}
  ← 44/ops,{"message":"no"}
`,
)

connecting.row(
  'data may be nothing much',
  `
  → 40/ops,{"pass":"zero"}
  ← 44/ops,{"message":"zero","data":0}
  → 40/ops,{"pass":"null"}
  ← 44/ops,{"message":"null","data":null}
`,
)

connecting.row(
  'who was refused may try again',
  `
  → 40/ops,{"pass":"denied"}
  ← 44/ops,{"message":"denied","data":{"code":7}}
  → 40/ops,
  ← 40/ops,{"sid":"$id"}
  lives /ops
`,
)

connecting.row(
  'CONNECT comes before what a handler of "connection" says',
  `
  → 40{"greeting":"hello"}
  ← 40{"sid":"$id"}
  ← 42["greeting","hello"]
`,
)

connecting.row(
  'a second CONNECT to a namespace closes the connection',
  `
  → 40{"key":"$key"}
  ← 40{"sid":"$id"}
  → 40
  closes
  reason $key "forced server close"
  errors $key []
`,
)

connecting.row(
  'a second CONNECT to one namespace ends the sockets of all',
  `
  → 40{"key":"$main"}
  ← 40{"sid":"$id"}
  → 40/ops,{"key":"$ops"}
  ← 40/ops,{"sid":"$other"}
  → 40/ops,
  closes
  reason $main "forced server close"
  reason $ops "forced server close"
`,
)

connecting.rows(
  [
    '42/ops,["echo"]',
    '42/ops,0["echo"]',
    '43/ops,0[]',
    '41/ops,',
    '44/ops,{"message":"x"}',
    '450-/ops,["echo"]',
    '42/none,["x"]',
  ],
  (packet) => `${packet} for a namespace that was never joined closes the connection`,
  (packet) => `
  → 40{"key":"$key"}
  ← 40{"sid":"$id"}
  → ${packet}
  closes
  reason $key "forced server close"
  errors $key []
`,
)

connecting.rows(
  ['42["echo"]', '430[]', '41', '44{"message":"x"}'],
  (packet) => `${packet} before CONNECT closes the connection`,
  (packet) => `
  → ${packet}
  closes
`,
)

connecting.row(
  'a packet for a namespace whose middleware is still asked closes the connection',
  `
  → 40/slow,{"key":"$key"}
  → 42/slow,["echo"]
  closes
  connections $key 0
`,
)

connecting.row(
  'a packet that was sent together with CONNECT is taken, where no middleware is asked',
  `
  → 40 ␞ 42["echo","early"]
  ← 40{"sid":"$id"}
  ← 42["echo","early"]
`,
)

connecting.row('a second CONNECT while a middleware is still asked closes the connection', async (conversation) => {
  await conversation.play('→ 40/slow,{"key":"$key"}')
  const desk = await conversation.desk()
  await desk.ask('arrival', conversation.value('key'))
  await conversation.play(`
    → 40/slow,{"key":"$key"}
    closes
  `)
  await desk.ask('let in', conversation.value('key'), true)
  await conversation.play('connections $key 0')
})

connecting.row('a middleware may take its time; others go on meanwhile', async (conversation) => {
  await conversation.play(`
    → 40/slow,{"key":"$key"}
    → 40
    ← 40{"sid":"$main"}
    lives
  `)
  const desk = await conversation.desk()
  await desk.ask('let in', conversation.value('key'), true)
  await conversation.play(`
    ← 40/slow,{"sid":"$slow"}
    lives /slow
    connections $key 1
  `)
})

connecting.row('a middleware may refuse after a while', async (conversation) => {
  await conversation.play('→ 40/slow,{"key":"$key"}')
  await (await conversation.desk()).ask('let in', conversation.value('key'), false)
  await conversation.play(`
    ← 44/slow,{"message":"not today"}
    lives outside
    connections $key 0
  `)
})

connecting.row('who has gone meanwhile is not let in', async (conversation) => {
  await conversation.play('→ 40/slow,{"key":"$key"}')
  const desk = await conversation.desk()
  const key = conversation.value('key')
  await desk.ask('arrival', key)
  await conversation.line.leave()
  await desk.ask('end', key)
  await desk.ask('let in', key, true)
  same(await desk.ask('connections', key), 0, 'how often a connection was told')
})
