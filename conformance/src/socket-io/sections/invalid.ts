import { SocketIoSection } from '../socket-io-case.ts'

/** 2.5 Invalid input. */
export const invalid = new SocketIoSection('2.5')

const place = '{"_placeholder":true,"num":0}'

const inputs: Readonly<Record<string, readonly string[]>> = {
  'unknown packet type 7': ['47', '47["echo"]'],
  'unknown packet type 9': ['49'],
  'Illegal attachments': [
    '45',
    '451',
    '45-["echo"]',
    '45a-["echo"]',
    '451.2-["echo"]',
    '46',
    '45["echo"]',
    '451,-["echo"]',
  ],
  'too many attachments': [`4511-["echo",${place}]`, `45999999999999999999-["echo",${place}]`],
  'invalid payload': [
    ...[
      '42[',
      '42{',
      '42x',
      '42"echo"',
      '42null',
      '42{}',
      '42["echo"',
      '42["echo"]]',
      '42["echo"]x',
      '42["echo",]',
      '42[1,]',
    ],
    ...['42[]', '42[null]', '42[{}]', '42[true]', '42[["echo"]]'],
    ...['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'].map(
      (name) => `42["${name}"]`,
    ),
    ...['430{}', '430"x"', '430x', '43/,0null'],
    ...['41{}', '41[]', '41"x"', '41x'],
    ...['40[]', '40"x"', '40null', '40x', '40/ops,[]'],
    ...['451-{}', '451-["connect"]', '451-x', '461-0{}', '461-0x'],
    ...['44x', '44[]'],
  ],
}

for (const [error, packets] of Object.entries(inputs)) {
  invalid.rows(
    packets,
    (packet) => `${packet} is told as "${error}", and closes the connection`,
    (packet) => `
  → 40{"key":"$key"}
  ← 40{"sid":"$id"}
  → ${packet}
  closes
  reason $key "forced close"
  errors $key ["${error}"]
`,
  )
}

invalid.rows(
  ['4abc', '4-1', '4x0', '4[]', '4é'],
  (packet) => `${JSON.stringify(packet)} is of no known type, and closes the connection`,
  (packet) => `
  → 40{"key":"$key"}
  ← 40{"sid":"$id"}
  → ${packet}
  closes
  reason $key "forced close"
`,
)

invalid.rows(
  ['42', '423', '42/,', '43["echo"]', '430', '43', '450-', '460-'],
  (packet) => `${packet} lacks something, and closes the connection`,
  (packet) => `
  → 40
  ← 40{"sid":"$id"}
  → ${packet}
  closes
`,
)

invalid.row(
  'CONNECT_ERROR is not the client’s to say',
  `
  → 40{"key":"$key"}
  ← 40{"sid":"$id"}
  → 44{"message":"x"}
  closes
  reason $key "forced server close"
  errors $key []
`,
)

invalid.row(
  'all sockets of the connection are told',
  `
  → 40{"key":"$main"}
  ← 40{"sid":"$id"}
  → 40/ops,{"key":"$ops"}
  ← 40/ops,{"sid":"$other"}
  → 42/ops,[]
  closes
  reason $main "forced close"
  reason $ops "forced close"
  errors $main ["invalid payload"]
  errors $ops ["invalid payload"]
`,
)

invalid.row(
  'what waits for the client is still said',
  `
  → 40
  ← 40{"sid":"$id"}
  → 42["echo","before"]
  → 42["burst",3]
  → 42[
  ← 42["echo","before"] ␞ 42["n",0] ␞ 42["n",1] ␞ 42["n",2]
  closes
`,
  'polling',
)

invalid.row(
  'an acknowledgement that nobody waits for comes to nothing',
  `
  → 40
  ← 40{"sid":"$id"}
  → 43999["x"]
  → 43999999999999999999999["x"]
  lives
`,
)
