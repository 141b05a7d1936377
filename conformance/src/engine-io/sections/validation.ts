import { headerValues } from '../../upgrade.ts'
import { Section } from '../engine-case.ts'
import { holds, same } from '../fault.ts'
import { openFactsOf } from '../talk.ts'
import { refusal } from './refusal.ts'

/** 1.3 Request validation: the order, and what is told. */
export const validation = new Section('1.3a')

const polling = { EIO: '4', transport: 'polling' }
const webSocket = { EIO: '4', transport: 'websocket' }

validation.rows(
  ['x', 'constructor', '__proto__', 'toString', '%00'],
  (sid) => `the session ${JSON.stringify(sid)} is unknown to GET, POST and an upgrade`,
  async (talk, sid) => {
    refusal(await talk.get({ ...polling, sid }), 400, 1, 'Session ID unknown')
    const post = talk.ask({ method: 'POST', body: '40' }, { ...polling, sid })
    refusal(await post.answer(), 400, 1, 'Session ID unknown')
    const { status, body } = await talk.refusedUpgrade({ ...webSocket, sid })
    same([status, body], [400, 'Session ID unknown'], 'the refusal of the upgrade')
  },
)

validation.row('the transport is looked at before the session', async (talk) => {
  refusal(await talk.get({ EIO: '4', transport: 'tobi', sid: 'x' }), 400, 0, 'Transport unknown')
})

validation.row('the session is looked at before the method', async (talk) => {
  const put = talk.ask({ method: 'PUT' }, { ...polling, sid: 'x' })
  refusal(await put.answer(), 400, 1, 'Session ID unknown')
})

validation.row('the method is looked at before the version', async (talk) => {
  refusal(await talk.ask({ method: 'POST' }, { transport: 'polling' }).answer(), 400, 2, 'Bad handshake method')
})

validation.row('a WebSocket handshake without an upgrade is a bad request', async (talk) => {
  refusal(await talk.get(webSocket), 400, 3, 'Bad request')
})

validation.row(
  'a GET with another transport than the session’s is a bad request, and the session lives on',
  async (talk) => {
    const session = await talk.openJoined()
    refusal(await session.ask({}, { transport: 'websocket' }).answer(), 400, 3, 'Bad request')
    await session.roundTrip('still polling')
  },
)

validation.row('a poll in the session of a WebSocket is a bad request, and the session lives on', async (talk) => {
  const socket = await talk.joinedWebSocket()
  refusal(await talk.get({ ...polling, sid: socket.facts.sid }), 400, 3, 'Bad request')
  const post = talk.ask({ method: 'POST', body: '3' }, { ...polling, sid: socket.facts.sid })
  refusal(await post.answer(), 400, 3, 'Bad request')
  await socket.roundTrip('still here')
})

validation.row('a request without an upgrade that names the session of a WebSocket is a bad request', async (talk) => {
  const socket = await talk.joinedWebSocket()
  const exchange = talk.ask({}, { ...webSocket, sid: socket.facts.sid })
  await exchange.sent
  for (let i = 0; i < 20; i++) await socket.roundTrip(`still here ${i}`)
  holds(exchange.isOver, 'it is not answered')
  refusal(await exchange.answer(), 400, 3, 'Bad request')
})

validation.row('a second WebSocket for the session of a WebSocket comes to nothing', async (talk) => {
  const socket = await talk.joinedWebSocket()
  await talk.vainUpgrade({ ...webSocket, sid: socket.facts.sid })
  await socket.roundTrip('still here')
})

validation.row('an upgrade with transport=polling comes to nothing', async (talk) => {
  await talk.vainUpgrade(polling)
})

validation.row('an upgrade to a session without EIO=4 is refused, and the session lives on', async (talk) => {
  const session = await talk.openJoined()
  for (const EIO of ['', '3', 'x']) {
    const { status } = await talk.refusedUpgrade({ EIO, transport: 'websocket', sid: session.sid })
    same(status, 400, 'the status of the refusal')
  }
  await session.roundTrip('still polling')
})

validation.rows(
  ['', '3', 'abc'],
  (EIO) => `a WebSocket handshake with EIO=${JSON.stringify(EIO)} is refused before the 101`,
  async (talk, EIO) => {
    const { status, body } = await talk.refusedUpgrade({ EIO, transport: 'websocket' })
    same([status, body], [400, 'Unsupported protocol version'], 'the refusal')
  },
)

validation.row('a refused upgrade is a whole answer, and the connection ends', async (talk) => {
  const { status, headers, body } = await talk.refusedUpgrade({ ...webSocket, sid: 'x' })
  const header = (name: string): string[] => headerValues({ headers, status, version: '', rest: Buffer.alloc(0) }, name)
  same(header('connection'), ['close'], 'Connection')
  same(header('content-length'), [String(Buffer.byteLength(body))], 'Content-Length')
  holds(header('content-type').length === 1 && header('content-type')[0]?.startsWith('text/') === true, 'no text')
})

validation.row(
  'the application may refuse: 403 and its words',
  async (talk) => {
    refusal(await talk.handshake({ deny: 'not you' }), 403, 4, 'not you')
    const { status, body } = await talk.refusedUpgrade({ ...webSocket, deny: 'not you' })
    same([status, body], [400, 'not you'], 'the refusal of the upgrade')
  },
  'guarded',
)

validation.row(
  'the application may refuse without words',
  async (talk) => {
    refusal(await talk.handshake({ deny: '' }), 403, 4, 'Forbidden')
    const { status, body } = await talk.refusedUpgrade({ ...webSocket, deny: '' })
    same([status, body], [400, 'Forbidden'], 'the refusal of the upgrade')
  },
  'guarded',
)

validation.row(
  'the application is asked before the version is looked at',
  async (talk) => {
    refusal(await talk.get({ EIO: '3', transport: 'polling', deny: '' }), 403, 4, 'Forbidden')
  },
  'guarded',
)

validation.row(
  'the application is not asked in a session, nor for an upgrade of one',
  async (talk) => {
    const session = await talk.openJoined()
    const { status } = await session.ask({ method: 'POST', body: '3' }, { deny: '' }).answer()
    same(status, 200, 'the status of a POST')
    await talk.upgrade({ sid: session.sid, deny: '' })
  },
  'guarded',
)

validation.row(
  'a middleware that fails refuses with code 3, and the headers it set are there',
  async (talk) => {
    const answer = await talk.handshake({ fail: '1' })
    refusal(answer, 400, 3, 'Bad request')
    same(answer.headers['x-guard'], 'on', 'the header')
    const { status, body } = await talk.refusedUpgrade({ ...webSocket, fail: '1' })
    same([status, body], [400, 'Bad request'], 'the refusal of the upgrade')
  },
  'guarded',
)

validation.row(
  'a middleware is asked for every request, before anything else',
  async (talk) => {
    const session = await talk.open()
    refusal(await session.ask({}, { fail: '1' }).answer(), 400, 3, 'Bad request')
    refusal(await talk.get({ transport: 'tobi', fail: '1' }), 400, 3, 'Bad request')
    await session.say('40')
  },
  'guarded',
)

validation.row(
  'what a middleware sets is on every answer, and on the 101',
  async (talk) => {
    const handshake = await talk.handshake()
    same(handshake.headers['x-guard'], 'on', 'the header of the handshake')
    openFactsOf(handshake)
    const unknown = await talk.get({ ...polling, sid: 'x' })
    same(unknown.headers['x-guard'], 'on', 'the header of a refusal')
    const socket = await talk.openWebSocket()
    same(socket.header('x-guard'), ['on'], 'the header of the 101')
  },
  'guarded',
)
