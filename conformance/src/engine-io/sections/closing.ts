import { Section } from '../engine-case.ts'
import { same } from '../fault.ts'

/** 1.11 Closing. */
export const closing = new Section('1.11')

const CLOSED = { hasCloseFrame: true, code: undefined, reason: '' }

closing.row('a client that polls says goodbye: its parked GET ends with a noop', async (talk) => {
  const session = await talk.openJoined()
  const parked = await session.park()
  await session.say('1')
  const { status, text } = await parked.answer()
  same([status, text], [200, '6'], 'the parked GET')
  await session.isUnknown()
})

closing.row('a client that polls says goodbye without a GET', async (talk) => {
  const session = await talk.openJoined()
  await session.say('1')
  await session.isUnknown()
})

closing.row('what stands behind a goodbye in its payload is nobody’s', async (talk) => {
  const session = await talk.openJoined()
  await session.say('1', '42["echo","too late"]')
  await session.isUnknown()
})

closing.row('a server that closes answers the parked GET with a close packet', async (talk) => {
  const session = await talk.openJoined()
  const parked = await session.park()
  await session.say('42["hang up"]')
  const { status, text } = await parked.answer()
  same([status, text], [200, '1'], 'the parked GET')
  await session.isUnknown()
})

closing.row('a server that closes while no GET is parked tells the next one', async (talk) => {
  const session = await talk.openJoined()
  await session.say('42["hang up"]')
  await session.post('3').outcome()
  const { status, text } = await session.poll().answer()
  same([status, text], [200, '6\x1e1'], 'the next GET')
  await session.isUnknown()
})

closing.row(
  'a server that closes has said what it had to say: one GET has that, the next one the end',
  async (talk) => {
    const session = await talk.openJoined()
    await session.say('42["say and hang up"]')
    await session.post('3').outcome()
    const first = await session.poll().answer()
    same([first.status, first.text], [200, '42["last words"]'], 'the first GET')
    const second = await session.poll().answer()
    same([second.status, second.text], [200, '6\x1e1'], 'the second GET')
    await session.isUnknown()
  },
)

closing.row('a server that closes a WebSocket says what it had to say, and closes without a code', async (talk) => {
  const socket = await talk.joinedWebSocket()
  await socket.send('42["say and hang up"]')
  same(await socket.next(), '42["last words"]', 'the message')
  same(await socket.end(), CLOSED, 'the end')
  same(socket.rest, [], 'what came behind the message')
  await talk.isUnknown(socket.facts.sid)
})

closing.row('a client that closes its WebSocket is gone', async (talk) => {
  const socket = await talk.joinedWebSocket()
  await socket.close()
  await talk.isUnknown(socket.facts.sid)
})

closing.row('a client whose connection drops is gone', async (talk) => {
  const socket = await talk.joinedWebSocket()
  await socket.drop()
  await talk.isUnknown(socket.facts.sid)
})

closing.row('a client that closes its WebSocket after an upgrade is gone', async (talk) => {
  const session = await talk.openJoined()
  const socket = await talk.probe(session)
  await socket.send('5')
  await socket.roundTrip('changed')
  await socket.close()
  await talk.isUnknown(session.sid)
})

closing.row(
  'a server that is closed ends parked GETs with a close packet, and WebSockets with a close frame',
  async (talk) => {
    const [one, two] = [await talk.openJoined(), await talk.openJoined()]
    const socket = await talk.joinedWebSocket()
    const parked = await one.park()
    await two.post('42["stop"]').outcome()
    const { status, text } = await parked.answer()
    same([status, text], [200, '1'], 'the parked GET')
    same((await socket.end()).hasCloseFrame, true, 'a close frame')
  },
  'mortal',
)

/** 1.12 Limits. */
export const limits = new Section('1.12')

limits.row('a WebSocket message as long as maxPayload is taken', async (talk) => {
  const socket = await talk.joinedWebSocket()
  const packet = message(socket.facts.maxPayload)
  await socket.send(packet)
  same(`${await socket.next()}`.length, packet.length, 'the length of the echo')
})

limits.row('a longer one closes with 1009, without a reason', async (talk) => {
  const socket = await talk.joinedWebSocket()
  await socket.send(message(socket.facts.maxPayload + 1))
  same(await socket.end(), { hasCloseFrame: true, code: 1009, reason: '' }, 'the end')
  await talk.isUnknown(socket.facts.sid)
})

limits.row('on a WebSocket that is being probed, too, and polling goes on', async (talk) => {
  const session = await talk.openJoined()
  const socket = await talk.probe(session)
  await socket.send(message(session.facts.maxPayload + 1))
  same(await socket.end(), { hasCloseFrame: true, code: 1009, reason: '' }, 'the end')
  await session.roundTrip('by polling')
})

limits.row('what the server says may be longer', async (talk) => {
  const session = await talk.openJoined()
  const length = 2 * session.facts.maxPayload
  const packet = `42["large","${'x'.repeat(length)}"]`
  await session.say(`42["large",${length},false]`)
  same(await session.next(), packet, 'the packet by polling')
  const socket = await talk.joinedWebSocket()
  await socket.send(`42["large",${length},false]`)
  same(await socket.next(), packet, 'the packet over WebSocket')
})

/** An echo whose packet has so many bytes. */
function message(bytes: number): string {
  return `42["echo","${'x'.repeat(bytes - '42["echo",""]'.length)}"]`
}
