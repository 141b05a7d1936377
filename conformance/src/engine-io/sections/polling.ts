import { gunzipSync, inflateSync } from 'node:zlib'
import { Section } from '../engine-case.ts'
import type { Answer } from '../exchange.ts'
import { holds, same } from '../fault.ts'
import type { Place } from '../places.ts'
import { type PollingSession, packetsOf } from '../polling-session.ts'
import type { Talk } from '../talk.ts'

/** 1.7 Requests of polling. */
export const polling = new Section('1.7')

polling.row('a GET is parked until there is something to say', async (talk) => {
  const session = await talk.openJoined()
  const parked = await session.park()
  holds(!parked.isOver, 'the GET is answered before')
  await session.say('42["echo","now"]')
  const { status, text } = await parked.answer()
  same([status, packetsOf(text).filter((packet) => packet !== '2')], [200, ['42["echo","now"]']], 'the answer')
})

polling.row('what has been said while no GET was there is in the next one, all of it', async (talk) => {
  const session = await talk.openJoined()
  await session.say('42["burst",10]')
  await session.say('3')
  same(await session.hear(), burst(10), 'the packets of one GET')
})

polling.row('a payload has 16 packets at most: Python’s clients take no more', async (talk) => {
  const session = await talk.openJoined()
  await session.say('42["burst",50]')
  const heard: string[][] = []
  while (heard.flat().length < 50) heard.push(await session.hear())
  same(heard.flat(), burst(50), 'the packets')
  const longest = Math.max(...heard.map(({ length }) => length))
  holds(longest <= 16, `a payload has ${longest} packets`)
})

polling.row('attachments follow their packet, also where a payload ends between them', async (talk) => {
  const session = await talk.openJoined()
  const packet = '451-["echo",{"_placeholder":true,"num":0}]'
  await session.say('42["burst",15]', packet, 'bAP8Q', '42["echo","behind"]')
  await session.say('3')
  const heard: string[] = []
  while (heard.length < 18) heard.push(await session.next())
  same(heard, [...burst(15), packet, 'bAP8Q', '42["echo","behind"]'], 'the packets')
})

polling.row('no answer to a GET is empty', async (talk) => {
  const session = await talk.openJoined()
  for (let i = 0; i < 8; i++) {
    await session.say(`42["echo",${i}]`)
    const { text } = await session.poll().answer()
    holds(
      text.length > 0 && packetsOf(text).every((packet) => packet.length > 0),
      `an answer is ${JSON.stringify(text)}`,
    )
  }
})

polling.row('the headers of a GET’s answer', async (talk) => {
  const session = await talk.openJoined()
  await session.say('42["echo","x"]')
  const { status, headers, bytes } = await session.poll().answer()
  same(status, 200, 'the status')
  same(headers['content-type'], 'text/plain; charset=UTF-8', 'Content-Type')
  same(headers['content-length'], String(bytes.length), 'Content-Length')
  same(headers['cache-control'], 'no-store', 'Cache-Control')
  same(headers['content-encoding'], undefined, 'Content-Encoding')
  same(headers['x-xss-protection'], undefined, 'X-XSS-Protection')
})

polling.row('the headers of a POST’s answer', async (talk) => {
  const session = await talk.openJoined()
  const { status, headers, text } = await session.post('3').answer()
  same([status, text], [200, 'ok'], 'the answer')
  same(headers['content-type'], 'text/html', 'Content-Type')
  same(headers['content-length'], '2', 'Content-Length')
  same(headers['cache-control'], 'no-store', 'Cache-Control')
})

polling.rows(
  [
    'Mozilla/4.0 (compatible ;MSIE 8.0; Windows NT 6.1; Trident/4.0)',
    'Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko',
  ],
  (userAgent) => `an old Internet Explorer is told not to guess (${userAgent.slice(0, 25)}…)`,
  async (talk, userAgent) => {
    const { headers } = await talk.handshake({}, { 'User-Agent': userAgent })
    same(headers['x-xss-protection'], '0', 'X-XSS-Protection')
  },
)

polling.rows(
  ['text/plain;charset=UTF-8', 'text/plain', 'text/html', 'application/x-www-form-urlencoded', ''],
  (type) => `a POST as ${type || 'nothing'} is taken`,
  async (talk, type) => {
    const session = await talk.openJoined()
    const headers: Record<string, string> = type === '' ? {} : { 'Content-Type': type }
    const post = session.ask({ method: 'POST', body: '42["echo","ö"]', headers })
    same((await post.answer()).text, 'ok', 'the answer')
    same(await session.next(), '42["echo","ö"]', 'the echo')
  },
)

polling.row('a POST may come in chunks that split characters', async (talk) => {
  const session = await talk.openJoined()
  const packet = '42["echo","ö€😀"]'
  const bytes = Array.from(Buffer.from(packet), (byte) => Buffer.from([byte]))
  const { status, text } = await session.post(bytes).answer()
  same([status, text], [200, 'ok'], 'the answer')
  same(await session.next(), packet, 'the echo')
})

polling.row('a POST is answered when its packets have been taken, with several of them too', async (talk) => {
  const session = await talk.openJoined()
  await session.park()
  await session.say('42["echo",1]', '3', '42["echo",2]', '6', '42["echo",3]')
  const heard = [await session.next(), await session.next(), await session.next()]
  same(heard, ['42["echo",1]', '42["echo",2]', '42["echo",3]'], 'the echoes')
})

polling.row('POST after POST and GET after GET keep order', async (talk) => {
  const session = await talk.openJoined()
  for (let i = 0; i < 25; i++) await session.say(`42["echo",${i}]`)
  for (let i = 0; i < 25; i++) same(await session.next(), `42["echo",${i}]`, 'the echo')
})

const decoders = { gzip: gunzipSync, deflate: inflateSync }

polling.rows(
  [
    ['gzip', 'gzip'],
    ['deflate', 'deflate'],
    ['gzip, deflate', 'gzip'],
    ['deflate, gzip', 'deflate'],
    ['gzip;q=0.2, deflate;q=0.8', 'deflate'],
    ['GZIP', 'gzip'],
    ['br, gzip;q=0', undefined],
    ['br', undefined],
    ['identity', undefined],
    [undefined, undefined],
  ] as const,
  ([accepts, encoded]) => `for Accept-Encoding: ${accepts} a large answer is ${encoded ?? 'as it is'}`,
  async (talk, [accepts, encoded]) => {
    await sees(talk, 2_000, accepts, encoded)
  },
)

polling.row('a small answer is not compressed', async (talk) => {
  await sees(talk, 1_024 - FRAME_BYTES - 1, 'gzip', undefined)
  await sees(talk, 1_024 - FRAME_BYTES, 'gzip', 'gzip')
})

polling.row('what the application does not want compressed is not', async (talk) => {
  await sees(talk, 2_000, 'gzip', undefined, false)
})

const configured = (title: string, at: Place, bytes: number, encoded: 'gzip' | undefined): void =>
  polling.row(title, (talk) => sees(talk, bytes, 'gzip', encoded), at)
configured('nothing is compressed where that is switched off', 'uncompressed', 5_000, undefined)
configured('what is longer than the threshold is compressed', 'threshold', 200, 'gzip')
configured('what is shorter than the threshold is not', 'threshold', 50, undefined)

const FRAME_BYTES = '42["large",""]'.length

/** Lets the server send a long string, and sees how it comes. */
async function sees(
  talk: Talk,
  length: number,
  accepts: string | undefined,
  encoded: 'gzip' | 'deflate' | undefined,
  compress = true,
): Promise<void> {
  const session = await talk.openJoined()
  await session.say(`42["large",${length},${compress}]`)
  const { headers, bytes } = await largeAnswer(session, accepts)
  same(headers['content-encoding'], encoded, 'Content-Encoding')
  const text = encoded === undefined ? bytes : decoders[encoded](bytes)
  same(packetsOf(text.toString()).at(-1), `42["large","${'x'.repeat(length)}"]`, 'the packet')
}

async function largeAnswer(session: PollingSession, accepts: string | undefined): Promise<Answer> {
  for (;;) {
    const answer = await session.poll(accepts === undefined ? {} : { 'Accept-Encoding': accepts }).answer()
    if (answer.text !== '2') return answer
  }
}

const burst = (count: number): string[] => Array.from({ length: count }, (_, index) => `42["n",${index}]`)
