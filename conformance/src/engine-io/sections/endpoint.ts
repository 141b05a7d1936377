import { Section } from '../engine-case.ts'
import { holds, same } from '../fault.ts'
import { openFactsOf } from '../talk.ts'
import { refusal } from './refusal.ts'

/** 1.1 Endpoint and query string. */
export const endpoint = new Section('1.1')

endpoint.row('anything under the path is the path', async (talk) => {
  openFactsOf(await talk.get({ EIO: '4', transport: 'polling' }, {}, 'default/'))
})

endpoint.row('the path without its slash is not', async (talk) => {
  const url = new URL(talk.url)
  url.pathname = url.pathname.replace(/\/$/, '')
  url.search = 'EIO=4&transport=polling'
  openFactsOf(await talk.handshake())
  const { status, text } = await talk.askAt(url).answer()
  holds(status >= 400 && !text.startsWith('0{'), `a session is opened: ${status} ${text}`)
})

endpoint.rows(
  ['', '3', '5', 'abc', '04', '4.0', '4 '],
  (version) => `EIO=${JSON.stringify(version)} is refused`,
  async (talk, EIO) => {
    refusal(await talk.get({ EIO, transport: 'polling' }), 400, 5, 'Unsupported protocol version')
  },
)

endpoint.row('no EIO is refused', async (talk) => {
  refusal(await talk.get({ transport: 'polling' }), 400, 5, 'Unsupported protocol version')
})

endpoint.row('within a session no EIO is needed', async (talk) => {
  const { sid } = await talk.openJoined()
  const post = await talk.ask({ method: 'POST', body: '42["echo",1]' }, { transport: 'polling', sid }).answer()
  same([post.status, post.text], [200, 'ok'], 'the POST')
  const { status, text } = await talk.get({ transport: 'polling', sid })
  same([status, text], [200, '42["echo",1]'], 'the GET')
})

endpoint.rows(
  ['', 'tobi', 'POLLING', 'webtransport', 'constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'],
  (transport) => `the transport ${JSON.stringify(transport)} is unknown`,
  async (talk, transport) => {
    refusal(await talk.get({ EIO: '4', transport }), 400, 0, 'Transport unknown')
    const { status, body } = await talk.refusedUpgrade({ EIO: '4', transport })
    same([status, body], [400, 'Transport unknown'], 'the refusal of the upgrade')
  },
)

endpoint.row('no transport is refused', async (talk) => {
  refusal(await talk.get({ EIO: '4' }), 400, 0, 'Transport unknown')
  refusal(await talk.get(''), 400, 0, 'Transport unknown')
})

endpoint.row('of a parameter that comes twice the last counts', async (talk) => {
  const { sid } = await talk.open()
  const { status } = await talk.ask({ method: 'POST', body: '40' }, `EIO=4&transport=polling&sid=x&sid=${sid}`).answer()
  same(status, 200, 'the status with the right sid behind a wrong one')
  const wrong = await talk.get(`EIO=4&transport=polling&sid=${sid}&sid=x`)
  refusal(wrong, 400, 1, 'Session ID unknown')
})

endpoint.row('t may be anything, and other parameters are the application’s', async (talk) => {
  for (const t of ['k3x9a1zq', '1719312.5', '', '%', '🙂']) openFactsOf(await talk.handshake({ t, token: 'a b&c' }))
})

endpoint.row('b64 means nothing to polling', async (talk) => {
  openFactsOf(await talk.handshake({ b64: '1' }))
})

endpoint.row('j is ignored: there are no JSONP clients of this version', async (talk) => {
  openFactsOf(await talk.handshake({ j: '0' }))
})

endpoint.rows(
  ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'],
  (method) => `a handshake by ${method} is refused`,
  async (talk, method) => {
    const query = { EIO: '4', transport: 'polling' }
    refusal(await talk.ask({ method }, query).answer(), 400, 2, 'Bad handshake method')
  },
)

endpoint.row('a handshake by HEAD is refused, without a body', async (talk) => {
  const { status, text } = await talk.ask({ method: 'HEAD' }, { EIO: '4', transport: 'polling' }).answer()
  same([status, text], [400, ''], 'the answer')
})

endpoint.rows(
  ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'],
  (method) => `${method} in a session is answered 500, and the session lives on`,
  async (talk, method) => {
    const session = await talk.openJoined()
    const { status, text } = await session.ask({ method }).answer()
    same([status, text], [500, ''], 'the answer')
    await session.roundTrip('still here')
  },
)

/** 1.2 Session id. */
export const sessionId = new Section('1.2')

sessionId.row('ids fit into a URL as they are, are long, and never come twice', async (talk) => {
  const sessions = await Promise.all(Array.from({ length: 30 }, () => talk.open()))
  for (const { sid } of sessions) holds(/^[A-Za-z0-9_-]{16,}$/.test(sid), `an id is ${sid}`)
  same(new Set(sessions.map(({ sid }) => sid)).size, sessions.length, 'different ids')
})

sessionId.row('the public id says nothing of the session’s', async (talk) => {
  const session = await talk.open()
  const id = await session.join()
  holds(!id.includes(session.sid) && !session.sid.includes(id), `the ids are ${session.sid} and ${id}`)
  refusal(await talk.get({ EIO: '4', transport: 'polling', sid: id }), 400, 1, 'Session ID unknown')
})

sessionId.row(
  'the application may make ids, and take its time',
  async (talk) => {
    const session = await talk.open()
    holds(/^id-[a-z]{20}$/.test(session.sid), `the id is ${session.sid}`)
    await session.say('40')
    const { facts } = await talk.openWebSocket()
    holds(/^id-[a-z]{20}$/.test(facts.sid), `the id over WebSocket is ${facts.sid}`)
  },
  'named',
)

sessionId.row(
  'where it fails to, the handshake is refused',
  async (talk) => {
    refusal(await talk.handshake({ anonymous: '1' }), 400, 3, 'Bad request')
  },
  'named',
)

sessionId.row(
  'where it fails to, an upgrade is refused before the 101',
  async (talk) => {
    const { status, body } = await talk.refusedUpgrade({ EIO: '4', transport: 'websocket', anonymous: '1' })
    same([status, body], [400, 'Bad request'], 'the refusal')
  },
  'named',
)
