import { Section } from '../engine-case.ts'
import { same } from '../fault.ts'
import { type PollingSession, packetsOf } from '../polling-session.ts'
import type { Talk } from '../talk.ts'
import { refusal } from './refusal.ts'

/** 1.10 Upgrade from polling to WebSocket. */
export const upgrade = new Section('1.10')

const CLOSED = { hasCloseFrame: true, code: undefined, reason: '' }
const badRequest = [400, 3, 'Bad request'] as const

upgrade.row('the whole of it, with a message that was said meanwhile', async (talk) => {
  const session = await talk.openJoined()
  await session.park()
  const socket = await talk.probe(session)
  same(await session.hear(), ['6'], 'the parked GET')
  await session.say('42["echo","meanwhile"]')
  await socket.send('5')
  same(await socket.next(), '42["echo","meanwhile"]', 'the first message over WebSocket')
  await socket.roundTrip('and on')
})

upgrade.row('GETs are let go as often as they come, until the client says that it changes', async (talk) => {
  const session = await talk.openJoined()
  await session.park()
  const socket = await talk.probe(session)
  for (let i = 0; i < 4; i++) same(await session.hear(), ['6'], `GET ${i}`)
  await socket.send('5')
  await socket.roundTrip('changed')
})

upgrade.row('nothing is said on the WebSocket before the probe', async (talk) => {
  const session = await talk.openJoined()
  const socket = await talk.upgrade({ sid: session.sid })
  await session.roundTrip('by polling')
  await socket.send('2probe')
  same(await socket.next(), '3probe', 'the first message')
})

upgrade.row('nothing is said on the WebSocket between the probe and the change', async (talk) => {
  const session = await talk.openJoined()
  const socket = await talk.probe(session)
  await session.roundTrip('by polling')
  await session.say('42["burst",3]')
  await session.say('3')
  same(socket.rest, [], 'the WebSocket')
  await socket.send('5')
  same([await socket.next(), await socket.next(), await socket.next()], burst(3), 'behind the change')
})

upgrade.row('what is said meanwhile goes to a GET where one is parked', async (talk) => {
  const session = await talk.openJoined()
  const socket = await talk.upgrade({ sid: session.sid })
  await session.park()
  await session.say('42["echo","by polling"]')
  same(await session.next(), '42["echo","by polling"]', 'the GET')
  await socket.send('2probe')
  same(await socket.next(), '3probe', 'the answer to the probe')
})

upgrade.row('order is kept across the change', async (talk) => {
  const session = await talk.openJoined()
  const socket = await talk.probe(session)
  await session.say('42["burst",40]')
  await session.say('3')
  await socket.send('5', '42["echo","last"]')
  const heard: unknown[] = []
  for (let i = 0; i < 41; i++) heard.push(await socket.next())
  same(heard, [...burst(40), '42["echo","last"]'], 'the messages over WebSocket')
})

upgrade.row('a client may change before its first GET', async (talk) => {
  const session = await talk.open()
  const socket = await talk.probe(session)
  await socket.send('5', '40')
  same(`${await socket.next()}`.slice(0, 9), '40{"sid":', 'the answer to CONNECT')
  await socket.roundTrip('changed')
})

upgrade.row('bytes that were waiting go out as bytes', async (talk) => {
  const session = await talk.openJoined()
  const socket = await talk.probe(session)
  await session.say('451-["echo",{"_placeholder":true,"num":0}]', 'bAP8Q')
  await session.say('3')
  await socket.send('5')
  await socket.next()
  same(await socket.next(), Buffer.from('00ff10', 'hex'), 'the bytes')
})

upgrade.row('who has asked the WebSocket for b64 gets base64 there', async (talk) => {
  const session = await talk.openJoined()
  const socket = await talk.probe(session, { b64: '1' })
  await socket.send('5', '451-["echo",{"_placeholder":true,"num":0}]', 'bAP8Q')
  await socket.next()
  same(await socket.next(), 'bAP8Q', 'the bytes')
})

upgrade.rows(
  ['2', '2wrong', '2probe ', '3probe', '4hi', '0', '1', '6', 'x', ''],
  (packet) => `${JSON.stringify(packet)} is no probe: the WebSocket closes, and polling goes on`,
  async (talk, packet) => {
    const session = await talk.openJoined()
    const socket = await talk.upgrade({ sid: session.sid })
    await socket.send(packet)
    same(await socket.end(), CLOSED, 'the end of the WebSocket')
    await goesOn(talk, session)
  },
)

upgrade.row('bytes are no probe', async (talk) => {
  const session = await talk.openJoined()
  const socket = await talk.upgrade({ sid: session.sid })
  await socket.send(Buffer.from('2probe'))
  same(await socket.end(), CLOSED, 'the end of the WebSocket')
  await goesOn(talk, session)
})

upgrade.row(
  'something else than the change behind the probe closes the WebSocket, and polling goes on',
  async (talk) => {
    const session = await talk.openJoined()
    const socket = await talk.probe(session)
    await socket.send('42["echo","too early"]')
    same(await socket.end(), CLOSED, 'the end of the WebSocket')
    await goesOn(talk, session)
  },
)

upgrade.row('a client may probe twice', async (talk) => {
  const session = await talk.openJoined()
  const socket = await talk.probe(session)
  await socket.send('2probe')
  same(await socket.next(), '3probe', 'the second answer')
  await socket.send('5')
  await socket.roundTrip('changed')
})

upgrade.row('a client may give up by closing the WebSocket, and polling goes on', async (talk) => {
  const session = await talk.openJoined()
  const socket = await talk.probe(session)
  await socket.close()
  await goesOn(talk, session)
})

upgrade.row('a client may lose the WebSocket, and polling goes on', async (talk) => {
  const session = await talk.openJoined()
  const socket = await talk.probe(session)
  await socket.drop()
  await goesOn(talk, session)
})

upgrade.row(
  'who does not go through with it in time loses the WebSocket, and polling goes on',
  async (talk) => {
    const session = await talk.openJoined()
    const socket = await talk.probe(session)
    same(await socket.end(), CLOSED, 'the end of the WebSocket')
    await session.say('3')
    await goesOn(talk, session)
  },
  'steady',
)

upgrade.row('a second WebSocket comes to nothing, and the first one goes on', async (talk) => {
  const session = await talk.openJoined()
  const socket = await talk.probe(session)
  await talk.vainUpgrade({ EIO: '4', transport: 'websocket', sid: session.sid })
  await session.roundTrip('by polling')
  await socket.send('5')
  await socket.roundTrip('changed')
})

upgrade.row('after the change polling is refused, and that harms nobody', async (talk) => {
  const session = await talk.openJoined()
  const socket = await talk.probe(session)
  await socket.send('5')
  await socket.roundTrip('changed')
  refusal(await session.poll().answer(), ...badRequest)
  refusal(await session.post('42["echo","by polling"]').answer(), ...badRequest)
  await socket.roundTrip('still here')
})

upgrade.row('after the change another WebSocket comes to nothing, and that harms nobody', async (talk) => {
  const session = await talk.openJoined()
  const socket = await talk.probe(session)
  await socket.send('5')
  await socket.roundTrip('changed')
  await talk.vainUpgrade({ EIO: '4', transport: 'websocket', sid: session.sid })
  await socket.roundTrip('still here')
})

upgrade.row('a GET that is parked at the change is answered', async (talk) => {
  const session = await talk.openJoined()
  const socket = await talk.upgrade({ sid: session.sid })
  const parked = await session.park()
  await socket.send('5')
  const { status, text } = await parked.answer()
  same([status, packetsOf(text).length], [200, 1], 'the GET')
  await socket.roundTrip('changed')
})

upgrade.row('a client that closes the session closes the WebSocket it is probing', async (talk) => {
  const session = await talk.openJoined()
  const socket = await talk.probe(session)
  await session.say('1')
  same(await socket.end(), CLOSED, 'the end of the WebSocket')
  await session.isUnknown()
})

upgrade.row('a server that closes the session closes the WebSocket that is being probed', async (talk) => {
  const session = await talk.openJoined()
  const socket = await talk.upgrade({ sid: session.sid })
  const parked = await session.park()
  await session.say('42["hang up"]')
  same((await parked.answer()).text, '1', 'the parked GET')
  same(await socket.end(), CLOSED, 'the end of the WebSocket')
  await session.isUnknown()
})

upgrade.row(
  'a session that the server has closed is closed over the WebSocket it changes to, behind what was waiting',
  async (talk) => {
    const session = await talk.openJoined()
    const socket = await talk.probe(session)
    await session.say('42["say and hang up"]')
    await session.ask({ method: 'POST', body: '3' }).outcome()
    await socket.send('5')
    same(await socket.next(), '42["last words"]', 'the message that was waiting')
    same(await socket.end(), CLOSED, 'the end of the WebSocket')
    await session.isUnknown('soon')
  },
)

/** Polling goes on, and a new attempt may succeed. */
async function goesOn(talk: Talk, session: PollingSession): Promise<void> {
  await session.roundTrip('by polling')
  const socket = await talk.probe(session)
  await socket.send('5')
  await socket.roundTrip('changed after all')
}

const burst = (count: number): string[] => Array.from({ length: count }, (_, index) => `42["n",${index}]`)
