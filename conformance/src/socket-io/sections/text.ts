import { same } from '../../engine-io/fault.ts'
import { SocketIoSection } from '../socket-io-case.ts'

/** 2.2 Text encoding. */
export const text = new SocketIoSection('2.2')

text.row(
  'CONNECT to / is answered with an id',
  `
  → 40
  ← 40{"sid":"$id"}
  lives
`,
)

text.row(
  'CONNECT brings what the client has to say for itself',
  `
  → 40{"token":"t1","deep":{"list":[1,null]}}
  ← 40{"sid":"$id"}
  → 42["auth"]
  ← 42["auth",{"token":"t1","deep":{"list":[1,null]}}]
`,
)

text.rows(
  ['40', '40{}', '40/,', '40/,{}'],
  (connect) => `${connect} brings nothing`,
  (connect) => `
  → ${connect}
  ← 40{"sid":"$id"}
  → 42["auth"]
  ← 42["auth",{}]
`,
)

text.rows(
  ['40/ops,', '40/ops', '40/ops,{}', '40/ops,{"key":"$key"}'],
  (connect) => `${connect} enters /ops`,
  (connect) => `
  → ${connect}
  ← 40/ops,{"sid":"$id"}
  lives /ops
`,
)

text.rows(
  [
    '["echo"]',
    '["echo","hé",[1,null]]',
    '["echo",{"a":{"b":[true,false,-1.5e-7]}},"","\\"\\\\"]',
    '["echo","€","😀","\\u001e","\\ud800","\\u2028"]'.replace('\\u2028', '\u2028'),
    '["echo",{"__proto__":{"x":1},"constructor":2,"toString":3}]',
    '["echo","a,b","/ops,","-","1-","[","{"]',
    `["echo",${JSON.stringify('x€'.repeat(20_000))}]`,
  ],
  (event) => `${event.slice(0, 60)} comes back to the byte`,
  (event) => `
  → 40
  ← 40{"sid":"$id"}
  → 42${event}
  ← 42${event}
  → 4212${event}
  ← 4312${event.replace(/^\["echo",?/, '[')}
`,
)

text.row(
  'an event and its acknowledgement name their namespace',
  `
  → 40/ops,
  ← 40/ops,{"sid":"$id"}
  → 42/ops,["echo","a"]
  ← 42/ops,["echo","a"]
  → 42/ops,12["echo",{"a":1}]
  ← 43/ops,12[{"a":1}]
`,
)

text.row(
  'an acknowledgement without arguments has an empty array, and 0 is an id',
  `
  → 40
  ← 40{"sid":"$id"}
  → 420["ack nothing"]
  ← 430[]
`,
)

text.row(
  'an event may have a number for a name',
  `
  → 40
  ← 40{"sid":"$id"}
  → 42[7,"x"]
  ← 42["seven","x"]
  → 423[7,"y"]
  ← 42["seven","y"]
`,
)

text.row(
  'digits in front of the array are an id, with whatever the array begins',
  `
  → 40
  ← 40{"sid":"$id"}
  → 4212["echo",7]
  ← 4312[7]
  → 42/,13["echo",8]
  ← 4313[8]
`,
)

text.row(
  'JSON may have white space',
  `
  → 40
  ← 40{"sid":"$id"}
  → 42[ "echo" , { "a" : 1 } ]
  ← 42["echo",{"a":1}]
`,
)

text.row(
  'the server says values as JSON.stringify does',
  `
  → 40
  ← 40{"sid":"$id"}
  → 42["values"]
  ← 42["values",null,null,null,"1970-01-01T00:00:00.000Z",{"told":"by toJSON"},null,"end"]
`,
)

text.row(
  'what is said to a room is said the same way',
  `
  → 40/ops,
  ← 40/ops,{"sid":"$id"}
  → 42/ops,["room","hé",[1,null],{}]
  ← 42/ops,["room","hé",[1,null],{}]
`,
)

text.row(
  'an event that nobody listens to comes to nothing, and so does its acknowledgement',
  `
  → 40
  ← 40{"sid":"$id"}
  → 42["nobody"]
  → 420["nobody"]
  lives
`,
)

text.row('the public id is new in every namespace, and says nothing of the session', async (conversation) => {
  await conversation.play(`
    → 40
    ← 40{"sid":"$first"}
    → 40/ops,
    ← 40/ops,{"sid":"$second"}
    → 40/dynamic-1,
    ← 40/dynamic-1,{"sid":"$third"}
  `)
  const ids = ['first', 'second', 'third'].map((name) => conversation.value(name))
  same(new Set([...ids, conversation.line.sid]).size, 4, 'different ids')
})
