import { Fault } from '../../engine-io/fault.ts'
import { Conversation } from '../conversation.ts'
import { type Line, PollingLine, type WebSocketLine } from '../line.ts'
import { SocketIoSection } from '../socket-io-case.ts'

/** 2.9 Multiplexing and timeouts. */
export const multiplexing = new SocketIoSection('2.9')

multiplexing.row(
  'the server says nothing before CONNECT',
  `
  lives outside
  → 40
  ← 40{"sid":"$id"}
`,
)

multiplexing.row(
  'several namespaces share a connection, each with events of its own',
  `
  → 40/ops,
  ← 40/ops,{"sid":"$ops"}
  → 40/dynamic-1,
  ← 40/dynamic-1,{"sid":"$dynamic"}
  → 40
  ← 40{"sid":"$main"}
  → 42/dynamic-1,["room",1] ␞ 42/ops,["echo",2] ␞ 42["echo",3]
  ← 42/dynamic-1,["room",1] ␞ 42/ops,["echo",2] ␞ 42["echo",3]
  → 41
  lives /ops
  lives /dynamic-1
`,
)

multiplexing.row(
  'a connection that joins no namespace is closed after a while',
  async ({ line }) => {
    await line.end()
  },
  undefined,
  'impatient',
)

multiplexing.row(
  'one that was refused everywhere, too',
  async (conversation) => {
    const refused = await inTime(
      conversation,
      `
      → 40/none, ␞ 40/ops,{"pass":"wordless"}
      ← 44/none,{"message":"Invalid namespace"}
      ← 44/ops,{"message":"no"}
    `,
    )
    await refused.line.end()
  },
  undefined,
  'impatient',
)

multiplexing.row(
  'one that has joined is not, though it leaves: it goes on hearing pings',
  async (conversation) => {
    const joined = await inTime(conversation, '→ 40\n← 40{"sid":"$id"}\n→ 41')
    // who came later and joined nothing is closed first
    const other = await Conversation.open(conversation.talk, conversation.transport)
    await other.line.end()
    for (let i = 0; i < 2; i++) {
      await pinged(joined.line)
      await joined.say('3')
    }
    await joined.play('lives outside')
  },
  undefined,
  'impatient',
)

/** Plays a script in a session that is young enough: on a busy machine its time may be over before the first word. */
async function inTime(conversation: Conversation, script: string): Promise<Conversation> {
  for (let attempt = 1; ; attempt++) {
    try {
      await conversation.play(script)
      return conversation
    } catch (error) {
      if (!(error instanceof Fault) || attempt === 5) throw error
      conversation = await Conversation.open(conversation.talk, conversation.transport)
    }
  }
}

async function pinged(line: Line): Promise<void> {
  const end: { ping(): Promise<void> } = line instanceof PollingLine ? line.session : (line as WebSocketLine).socket
  await end.ping()
}
