import { Section } from '../engine-case.ts'
import { holds, same } from '../fault.ts'
import { packetsOf } from '../polling-session.ts'
import { openFactsOf } from '../talk.ts'
import { refusal } from './refusal.ts'

/** 1.4 Handshake. */
export const handshake = new Section('1.4')

const KEYS = ['sid', 'upgrades', 'pingInterval', 'pingTimeout', 'maxPayload']

handshake.row('by polling the open packet is the whole answer, with all its headers', async (talk) => {
  const { status, headers, text, bytes } = await talk.handshake({ t: 'k3x9a1zq' })
  same(status, 200, 'the status')
  same(headers['content-type'], 'text/plain; charset=UTF-8', 'Content-Type')
  same(headers['content-length'], String(bytes.length), 'Content-Length')
  same(headers['cache-control'], 'no-store', 'Cache-Control')
  same(headers['set-cookie'], undefined, 'Set-Cookie')
  holds(
    /^0\{"sid":"[^"]+","upgrades":\["websocket"\],"pingInterval":\d+,"pingTimeout":\d+,"maxPayload":\d+\}$/.test(text),
    `the open packet is ${text}`,
  )
})

handshake.row('over WebSocket the open packet is the first message, as text', async (talk) => {
  const socket = await talk.upgrade()
  const open = await socket.next()
  holds(typeof open === 'string' && open.startsWith('0{'), `the first message is ${open}`)
  const facts = JSON.parse((open as string).slice(1))
  same(Object.keys(facts), KEYS, 'the keys')
  same(facts.upgrades, [], 'upgrades')
  for (const key of KEYS.slice(2)) holds(Number.isInteger(facts[key]) && facts[key] > 0, `${key} is ${facts[key]}`)
})

handshake.row(
  'the times are those of the server',
  async (talk) => {
    const { pingInterval, pingTimeout } = (await talk.open()).facts
    same([pingInterval, pingTimeout], [300, 200], 'by polling')
    const { facts } = await talk.openWebSocket()
    same([facts.pingInterval, facts.pingTimeout], [300, 200], 'over WebSocket')
  },
  'brisk',
)

handshake.row('of sub-protocols that are offered the first is chosen', async (talk) => {
  const socket = await talk.openWebSocket({}, { protocols: ['one', 'two'] })
  same(socket.header('sec-websocket-protocol'), ['one'], 'the sub-protocol')
  const plain = await talk.openWebSocket()
  same(plain.header('sec-websocket-protocol'), [], 'the sub-protocol where none is offered')
})

handshake.row('compression of WebSocket messages is not agreed to', async (talk) => {
  const socket = await talk.openWebSocket({}, { extensions: ['permessage-deflate; client_max_window_bits'] })
  same(socket.header('sec-websocket-extensions'), [], 'the extensions')
})

handshake.row('what is written behind the head of an upgrade is read', async (talk) => {
  const socket = await talk.openWebSocket({}, { behindHead: ['40'] })
  await socket.send('42["echo","in"]') // an offence, where the packet before it was lost
  const heard = [await socket.next(), await socket.next()]
  same([`${heard[0]}`.slice(0, 3), heard[1]], ['40{', '42["echo","in"]'], 'the messages')
})

handshake.row('nothing is said before the client has entered a namespace', async (talk) => {
  const session = await talk.open()
  await session.park()
  await session.say('40')
  const packets = await session.hear()
  same([packets.length, packets[0]?.startsWith('40{"sid":')], [1, true], `the first packets, ${packets}`)
})

handshake.row(
  'an initial packet stands behind the open packet',
  async (talk) => {
    const { text } = await talk.handshake()
    const [open, ...more] = packetsOf(text)
    holds(open?.startsWith('0{') === true, `the first packet is ${open}`)
    same(more, ['4welcome'], 'the packets behind it')
    const socket = await talk.openWebSocket()
    same(await socket.next(), '4welcome', 'the second message over WebSocket')
  },
  'named',
)

handshake.row(
  'no upgrades are offered where they are not allowed',
  async (talk) => {
    same((await talk.open()).facts.upgrades, [], 'upgrades')
    await talk.openWebSocket()
  },
  'no upgrades',
)

handshake.row(
  'a server of polling only has no WebSockets',
  async (talk) => {
    same((await talk.open()).facts.upgrades, [], 'upgrades')
    refusal(await talk.get({ EIO: '4', transport: 'websocket' }), 400, 0, 'Transport unknown')
  },
  'polling only',
)

handshake.row(
  'a server of WebSocket only has no polling',
  async (talk) => {
    refusal(await talk.handshake(), 400, 0, 'Transport unknown')
    await (await talk.joinedWebSocket()).roundTrip('here')
  },
  'websocket only',
)

handshake.row('many may shake hands at once', async (talk) => {
  const answers = await Promise.all(Array.from({ length: 40 }, () => talk.handshake()))
  same(new Set(answers.map((answer) => openFactsOf(answer).sid)).size, 40, 'sessions')
})
