import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PerMessageDeflateOptions as TheirOptions, WebSocket, WebSocketServer } from 'ws'
import { runs } from '../../../../test/torture.ts'
import { agreeOnDeflate } from '../../src/websocket/deflate-agreement.ts'
import { type PerMessageDeflateOptions, resolveDeflateOptions } from '../../src/websocket/deflate-options.ts'
import { parseExtensions } from '../../src/websocket/extension-offers.ts'
import { acceptUpgrade } from '../../src/websocket/upgrade.ts'
import { noise, prose } from './deflate-bytes.ts'
import { Random } from './random-stream.ts'

const server = createServer()
let options: PerMessageDeflateOptions = {}
server.on('upgrade', (request, stream, head) => {
  const connection = acceptUpgrade(request, stream, head, { perMessageDeflate: options })
  if (connection !== undefined) connection.onMessage = (data) => connection.send(data)
})
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => new Promise((resolve) => server.close(resolve)))

function connect(theirs: TheirOptions): Promise<WebSocket> {
  const { port } = server.address() as AddressInfo
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: { threshold: 0, ...theirs } })
  return new Promise((resolve, reject) => socket.once('open', () => resolve(socket)).once('error', reject))
}

/** As a text that says what kind it is: long Buffers are slow to compare. */
const shown = (message: string | Buffer): string =>
  typeof message === 'string' ? `text ${message}` : `bytes ${message.toString('latin1')}`

/** What comes back of these messages, all said at once. */
async function echoes(socket: WebSocket, messages: readonly (string | Buffer)[]): Promise<string[]> {
  const heard: string[] = []
  const all = new Promise<void>((resolve, reject) => {
    socket.on('close', (code) => reject(new Error(`closed with ${code}`)))
    socket.on('message', (data: Buffer, isBinary) => {
      heard.push(shown(isBinary ? data : data.toString()))
      if (heard.length === messages.length) resolve()
    })
  })
  for (const message of messages) socket.send(message)
  await all
  return heard
}

async function close(socket: WebSocket): Promise<number> {
  socket.removeAllListeners('close')
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  socket.close(1000)
  return closed
}

const messages: readonly (string | Buffer)[] = [
  '',
  'a',
  prose(100),
  prose(2_000),
  prose(2_000),
  noise(3_000),
  Buffer.from(prose(40_000)),
  prose(40_000),
  Buffer.alloc(0),
  noise(66_000),
  prose(65_536),
]

const bits = [9, 10, 11, 12, 13, 14, 15]
const takeovers = [true, false].flatMap((server) => [true, false].map((client) => ({ server, client })))

describe('ws as our client', () => {
  it.each(bits.flatMap((windowBits) => takeovers.map((takeover) => ({ windowBits, ...takeover }))))(
    'gets its echo with windows of $windowBits bits, server takeover $server, client takeover $client',
    async ({ windowBits, server, client }) => {
      options = { thresholdBytes: 0, serverNoContextTakeover: !server, clientNoContextTakeover: !client }
      const socket = await connect({ serverMaxWindowBits: windowBits, clientMaxWindowBits: windowBits })
      expect(socket.extensions).toContain('permessage-deflate')
      expect(await echoes(socket, messages)).toEqual(messages.map(shown))
      expect(await close(socket)).toBe(1000)
    },
  )

  it('gets its echo where we ask for smaller windows', async () => {
    options = { thresholdBytes: 0, serverMaxWindowBits: 9, clientMaxWindowBits: 9, serverNoContextTakeover: false }
    const socket = await connect({})
    expect(await echoes(socket, messages)).toEqual(messages.map(shown))
    expect(await close(socket)).toBe(1000)
  })

  it('gets its echo of whatever it says', async () => {
    const seed = Number(process.env.PARTYLINE_SEED ?? Math.floor(Math.random() * 2 ** 31))
    for (let run = 0; run < runs(3, 200); run++) {
      const random = new Random(seed + run)
      options = {
        thresholdBytes: random.below(200),
        level: 1 + random.below(9),
        serverNoContextTakeover: random.below(2) === 0,
        clientNoContextTakeover: random.below(2) === 0,
      }
      const said = Array.from({ length: 40 }, () => {
        const length = random.below(3) === 0 ? random.below(80_000) : random.below(500)
        const text = prose(length + 50).slice(random.below(50))
        return random.below(3) === 0 ? noise(length) : random.below(2) === 0 ? text : Buffer.from(text)
      })
      const socket = await connect({ threshold: random.below(300) })
      expect(await echoes(socket, said), `replay with PARTYLINE_SEED=${seed + run}`).toEqual(said.map(shown))
      expect(await close(socket)).toBe(1000)
    }
  })
})

/** What `ws` answers to an offer: the header; undefined where it declines; false where it refuses the handshake. */
async function theirAnswer(offer: string, theirs: TheirOptions): Promise<string | undefined | false> {
  const server = createServer()
  const sockets = new WebSocketServer({ server, perMessageDeflate: theirs })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, {
    perMessageDeflate: false,
    headers: { 'Sec-WebSocket-Extensions': offer },
  })
  socket.on('error', () => {})
  const answer = await new Promise<string | undefined | false>((resolve) => {
    socket.once('upgrade', (response: IncomingMessage) => resolve(response.headers['sec-websocket-extensions']))
    socket.once('unexpected-response', () => resolve(false))
  })
  socket.terminate()
  for (const client of sockets.clients) client.terminate()
  await new Promise((resolve) => sockets.close(resolve))
  await new Promise((resolve) => server.close(resolve))
  return answer
}

function ourAnswer(offer: string, ours: PerMessageDeflateOptions): string | undefined | false {
  const resolved = resolveDeflateOptions(ours)
  const offers = parseExtensions([offer])
  if (offers === undefined || resolved === undefined) return false
  return agreeOnDeflate(offers, resolved)?.header
}

/** The parameters of an answer, in no order. */
const paramsOf = (answer: string | undefined | false): unknown =>
  typeof answer === 'string' ? new Set(answer.split(/; */)) : answer

describe('our answers beside those of ws', () => {
  it.each(
    [
      'permessage-deflate',
      'permessage-deflate; client_max_window_bits',
      'permessage-deflate; client_max_window_bits=9',
      'permessage-deflate; server_max_window_bits=9',
      'permessage-deflate; server_max_window_bits="9"',
      'permessage-deflate; server_no_context_takeover',
      'permessage-deflate; client_no_context_takeover; server_no_context_takeover; server_max_window_bits=14',
      'foo; bar, permessage-deflate',
      'foo',
      'permessage-deflate;;',
      'permessage-deflate; a="',
      '=',
    ]
      .flatMap((offer) => [
        { offer, windowBits: 15, noTakeover: true },
        { offer, windowBits: 15, noTakeover: false },
      ])
      .concat(
        ['', '; server_max_window_bits=10'].map((param) => ({
          offer: `permessage-deflate; client_max_window_bits${param}`,
          windowBits: 10,
          noTakeover: false,
        })),
      ),
  )(
    'are the same to $offer, where we want $windowBits bits and no takeover is $noTakeover',
    async ({ offer, windowBits, noTakeover }) => {
      // Where `ws` is not told what it wants of a takeover it wants nothing.
      const takeover = noTakeover ? { serverNoContextTakeover: true, clientNoContextTakeover: true } : {}
      const theirs = await theirAnswer(offer, {
        ...takeover,
        ...(windowBits < 15 ? { serverMaxWindowBits: windowBits, clientMaxWindowBits: windowBits } : {}),
      })
      const ours = ourAnswer(offer, {
        serverNoContextTakeover: noTakeover,
        clientNoContextTakeover: noTakeover,
        serverMaxWindowBits: windowBits,
        clientMaxWindowBits: windowBits,
      })
      expect(paramsOf(ours)).toEqual(paramsOf(theirs))
    },
  )

  it.each([
    ['promise a window of 256 bytes, which zlib does not keep to', 'permessage-deflate; server_max_window_bits=8'],
  ])('differ where they %s', async (_title, offer) => {
    expect(ourAnswer(offer, {})).toBeUndefined()
    expect(await theirAnswer(offer, {})).toContain('server_max_window_bits=8')
  })

  it.each([
    'permessage-deflate; foo',
    'permessage-deflate; server_max_window_bits',
    'permessage-deflate; server_max_window_bits=7',
    'permessage-deflate; server_no_context_takeover=1',
    'permessage-deflate; server_no_context_takeover; server_no_context_takeover',
  ])('differ where ws refuses the handshake and we decline the offer: %s', async (offer) => {
    expect(ourAnswer(offer, {})).toBeUndefined()
    expect(await theirAnswer(offer, {})).toBe(false)
  })
})
