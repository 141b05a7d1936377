import { continuation, ping, text as textFrame } from '../../frame.ts'
import { Section } from '../engine-case.ts'
import { holds, same } from '../fault.ts'
import { packetsOf } from '../polling-session.ts'

/** 1.5 Packet types, as they are received. */
export const packetTypes = new Section('1.5')

packetTypes.rows(
  ['0', '0{"sid":"x"}', '6', '5', '3', '3probe', '6x'],
  (packet) => `the packet ${packet} means nothing in a session by polling`,
  async (talk, packet) => {
    const session = await talk.openJoined()
    await session.say(packet)
    await session.roundTrip('still here')
  },
)

packetTypes.rows(
  ['0', '0{"sid":"x"}', '6', '5', '3', '3probe', '6x'],
  (packet) => `the packet ${packet} means nothing in a session over WebSocket`,
  async (talk, packet) => {
    const socket = await talk.joinedWebSocket()
    await socket.send(packet)
    await socket.roundTrip('still here')
  },
)

packetTypes.rows(
  ['', 'x', '7', '9', ' 4', 'abc', '😀'],
  (packet) => `the text message ${JSON.stringify(packet)} over WebSocket is no packet: it closes`,
  async (talk, packet) => {
    const socket = await talk.joinedWebSocket()
    await socket.send(packet)
    same(await socket.end(), { hasCloseFrame: true, code: undefined, reason: '' }, 'the end')
    await talk.isUnknown(socket.facts.sid)
  },
)

packetTypes.rows(
  ['2', '2probe'],
  (packet) => `${packet} of a client that polls goes in the wrong direction: the session is over`,
  async (talk, packet) => {
    const session = await talk.openJoined()
    const parked = await session.park()
    await session.post(packet).outcome()
    const { status, text } = await parked.answer()
    same([status, text], [200, '1'], 'the parked GET')
    await session.isUnknown()
  },
)

packetTypes.rows(
  ['2', '2probe'],
  (packet) => `${packet} of a client over WebSocket goes in the wrong direction: it closes`,
  async (talk, packet) => {
    const socket = await talk.joinedWebSocket()
    await socket.send(packet)
    same(await socket.end(), { hasCloseFrame: true, code: undefined, reason: '' }, 'the end')
    await talk.isUnknown(socket.facts.sid)
  },
)

packetTypes.row('1 over WebSocket is a goodbye, and answered as one', async (talk) => {
  const socket = await talk.joinedWebSocket()
  await socket.send('1', '42["echo","too late"]')
  same(await socket.nextOrEnd(), undefined, 'the next message')
  same(await socket.end(), { hasCloseFrame: true, code: undefined, reason: '' }, 'the end')
  await talk.isUnknown(socket.facts.sid)
})

/** 1.6 Encoding. */
export const encoding = new Section('1.6')

encoding.row('a payload may have many packets, which are taken in their order', async (talk) => {
  const session = await talk.openJoined()
  const packets = Array.from({ length: 12 }, (_, index) => `42["echo",${index}]`)
  await session.say(...packets)
  const heard = await nextOf(session, 12)
  same(heard, packets, 'the echoes')
})

encoding.row('bytes by polling are base64 with padding, without the packet’s id', async (talk) => {
  const session = await talk.openJoined()
  await session.say('451-["echo",{"_placeholder":true,"num":0}]', 'bAP8Q')
  const heard = await nextOf(session, 2)
  same(heard, ['451-["echo",{"_placeholder":true,"num":0}]', 'bAP8Q'], 'the echo')
})

encoding.row('base64 has the standard alphabet', async (talk) => {
  const session = await talk.openJoined()
  await session.say('451-["echo",{"_placeholder":true,"num":0}]', 'b+/+//g==')
  same((await nextOf(session, 2))[1], 'b+/+//g==', 'the bytes')
})

encoding.row('no bytes at all are bytes too', async (talk) => {
  const session = await talk.openJoined()
  await session.say('451-["echo",{"_placeholder":true,"num":0}]', 'b')
  same((await nextOf(session, 2))[1], 'b', 'the bytes by polling')
  const socket = await talk.joinedWebSocket()
  await socket.send('451-["echo",{"_placeholder":true,"num":0}]', Buffer.alloc(0))
  await socket.next()
  same(await socket.next(), Buffer.alloc(0), 'the bytes over WebSocket')
})

encoding.row('a separator within a text is escaped', async (talk) => {
  const session = await talk.openJoined()
  await session.say('42["echo","a\\u001eb"]')
  same(await session.next(), '42["echo","a\\u001eb"]', 'the echo')
})

encoding.row('text is UTF-8, and Content-Length counts its bytes', async (talk) => {
  const session = await talk.openJoined()
  const packet = '42["echo","ö€😀"]'
  await session.say(packet)
  const { headers, text } = await session.poll().answer()
  same(packetsOf(text).at(-1), packet, 'the echo')
  same(headers['content-length'], String(Buffer.byteLength(text)), 'Content-Length')
})

encoding.row('over WebSocket a packet is a message: text, or bytes without an id', async (talk) => {
  const socket = await talk.joinedWebSocket()
  await socket.send('451-["echo",{"_placeholder":true,"num":0}]', Buffer.from('deadbeef', 'hex'))
  same(await socket.next(), '451-["echo",{"_placeholder":true,"num":0}]', 'the text')
  same(await socket.next(), Buffer.from('deadbeef', 'hex'), 'the bytes')
})

encoding.row('bytes may come as base64 in a text message, too', async (talk) => {
  const socket = await talk.joinedWebSocket()
  await socket.send('451-["echo",{"_placeholder":true,"num":0}]', 'bAP8Q')
  await socket.next()
  same(await socket.next(), Buffer.from('00ff10', 'hex'), 'the bytes')
})

encoding.row('who has asked for b64 gets bytes as base64 over WebSocket', async (talk) => {
  const socket = await talk.joinedWebSocket({ b64: '1' })
  await socket.send('451-["echo",{"_placeholder":true,"num":0}]', 'bAP8Q')
  same(await socket.next(), '451-["echo",{"_placeholder":true,"num":0}]', 'the text')
  same(await socket.next(), 'bAP8Q', 'the bytes')
})

encoding.row('a message may come in fragments, with pings of the WebSocket between them', async (talk) => {
  const socket = await talk.joinedWebSocket()
  const fragments = [...'42["echo","whole"]'].map((character, index, all) =>
    index === 0 ? textFrame(character, { final: false }) : continuation(character, { final: index === all.length - 1 }),
  )
  await socket.client.send([...fragments.slice(0, 5), ping('between'), ...fragments.slice(5)])
  same(await socket.next(), '42["echo","whole"]', 'the echo')
  const pongs = socket.client.received.filter(({ kind }) => kind === 'pong').map(({ payload }) => payload.toString())
  same(pongs, ['between'], 'the pongs')
})

encoding.row('many messages over WebSocket come back in their order', async (talk) => {
  const socket = await talk.joinedWebSocket()
  const packets = Array.from({ length: 100 }, (_, index) => `42["echo",${index}]`)
  await socket.send(...packets)
  for (const packet of packets) same(await socket.next(), packet, 'the echo')
  holds(socket.rest.length === 0, `then comes ${socket.rest}`)
})

/** So many packets, by as many GETs as it takes. */
async function nextOf(session: { next(): Promise<string> }, count: number): Promise<string[]> {
  const packets: string[] = []
  while (packets.length < count) packets.push(await session.next())
  return packets
}
