import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { startStandalone } from 'partyline'
import { describe, expect, it, onTestFinished } from 'vitest'
import WebSocket from 'ws'
import { certificateFolder, makePem } from '../../packages/partyline/test/certificates.ts'
import { runs } from '../../test/torture.ts'
import { Peer, upgradeHead } from '../src/peer.ts'
import { mark } from '../src/under-attack.ts'
import { until } from '../src/until.ts'

const pem = await makePem()

/** Short, where a test waits for it. */
const soon = { handshakeTimeoutMs: 300 }

/** Between two bytes of a hello, which has some hundred: all of it takes longer than that. */
const DRIP_MS = 3

/** Between an echo and the next that is asked for: within what a client may say in a second. */
const PACE_MS = 20

/** A well-behaved client over TLS that asks for an echo again and again. */
async function healthyClient(port: number) {
  const socket = new WebSocket(`wss://127.0.0.1:${port}/echo`, { ca: pem.cert })
  let timer: NodeJS.Timeout | undefined
  onTestFinished(() => {
    clearTimeout(timer)
    socket.terminate()
  })
  let echoes = 0
  let isOver = false
  const ask = (): void => void (socket.readyState === WebSocket.OPEN && socket.send(`healthy ${echoes}`))
  socket.on('close', () => {
    isOver = true
  })
  socket.on('message', (data) => {
    if (String(data) === `Echo: healthy ${echoes}`) echoes++
    timer = setTimeout(ask, PACE_MS)
  })
  await once(socket, 'open')
  ask()
  return {
    /** Waits for an echo that was asked for from now on. */
    async echo(): Promise<void> {
      const enough = echoes + 2
      await until(() => echoes >= enough || isOver, 'the healthy client gets its echo')
      expect(isOver).toBe(false)
    },
  }
}

/** Attacks a server that speaks TLS; a healthy client gets its echo throughout, and the log has nothing to say. */
async function underTls(attack: (port: number) => Promise<void>, tlsTimes: Partial<typeof soon> = {}): Promise<void> {
  const log: string[] = []
  const note = (_fields: object, text: string): void => void log.push(text)
  const { certFile, keyFile } = certificateFolder(pem)
  const server = await startStandalone({
    port: 0,
    host: '127.0.0.1',
    tls: { certFile, keyFile },
    tlsTimes,
    logger: { warn: note, error: note },
  })
  onTestFinished(() => server.close())
  const port = Number(new URL(server.urls.http).port)
  const healthy = await healthyClient(port)
  await attack(port)
  await healthy.echo()
  expect(server.clientCount).toBe(1)
  expect(log).toEqual([])
}

async function attacker(port: number): Promise<Peer> {
  const peer = await Peer.tcp(port)
  onTestFinished(() => peer.drop())
  return peer
}

/** What a client says first. */
async function clientHello(): Promise<Buffer> {
  const server = createServer()
  onTestFinished(() => void server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connectTls({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' })
  client.on('error', () => {})
  const [stream] = await once(server, 'connection')
  const [hello] = await once(stream, 'data')
  client.destroy()
  return hello
}

/** A record of TLS (RFC 8446 section 5.1), whatever is in it and whatever length it claims. */
function record(type: number, body: Buffer, claims = body.length): Buffer {
  const head = Buffer.from([type, 3, 3, 0, 0])
  head.writeUInt16BE(claims, 3)
  return Buffer.concat([head, body])
}

describe('H9: TLS', () => {
  it.each([
    ['a request', `GET /${mark} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
    ['an upgrade', upgradeHead()],
    ['a request for a proxy', `CONNECT ${mark}:443 HTTP/1.1\r\n\r\n`],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('answers %s in plain HTTP with no HTTP, and lets go', async (_name, head) => {
    await underTls(async (port) => {
      const peer = await attacker(port)
      peer.send(head)
      await peer.over()
      expect(peer.status).toBeUndefined()
    })
  })

  it.each([
    ['zeros', Buffer.alloc(65_536)],
    ['a record that is no type', record(0x99, randomBytes(100))],
    ['a record of 65,535 bytes', record(22, randomBytes(1_000), 65_535)],
    ['data before the handshake', record(23, randomBytes(1_000))],
    ['a handshake that is no hello', record(22, Buffer.from([0xfe, 0, 0, 4, 1, 2, 3, 4]))],
    ['a hello of nothing', record(22, Buffer.from([1, 0, 0, 0]))],
    ['a hello of noise', record(22, Buffer.concat([Buffer.from([1, 0, 0x3f, 0]), randomBytes(0x3f00)]))],
    ['an alert', record(21, Buffer.from([2, 40]))],
    ['a hello of SSL 2.0', Buffer.from([0x80, 0x2e, 1, 0, 2, 0, 0x15, 0, 0, 0, 0x10, ...randomBytes(37)])],
    ['another protocol', Buffer.from(`SSH-2.0-${mark}\r\n`)],
  ])('lets go of who sends %s', async (_name, bytes) => {
    await underTls(async (port) => {
      const peer = await attacker(port)
      peer.send(bytes)
      await peer.over()
    }, soon)
  })

  it('lets go of noise, of a torn hello and of a hello with one byte that is wrong', async () => {
    const hello = await clientHello()
    await underTls(async (port) => {
      const peers: Peer[] = []
      for (let count = 0; count < runs(20, 1_000); count++) {
        const torn = Buffer.from(hello)
        const at = Math.floor(Math.random() * torn.length)
        torn[at] = (torn[at] as number) ^ (1 + Math.floor(Math.random() * 255))
        for (const bytes of [randomBytes(1 + Math.floor(Math.random() * 2_000)), torn]) {
          const peer = await attacker(port)
          peer.send(bytes)
          peers.push(peer)
        }
      }
      for (const peer of peers) await peer.over()
    }, soon)
  })

  it('lets go of half a hello, and of silence, when the time for a handshake is over', async () => {
    const hello = await clientHello()
    await underTls(async (port) => {
      const peers = await Promise.all(Array.from({ length: runs(50, 1_000) }, () => attacker(port)))
      for (const [index, peer] of peers.entries())
        peer.send(hello.subarray(0, Math.floor((hello.length * index) / peers.length)))
      for (const peer of peers) {
        await peer.over()
        expect(peer.status).toBeUndefined()
      }
    }, soon)
  })

  it('counts the time from the connection on, whoever keeps a byte coming', async () => {
    const hello = await clientHello()
    await underTls(async (port) => {
      const peer = await attacker(port)
      let sent = 0
      for (; sent < hello.length && !peer.isOver; sent++) {
        peer.send(hello.subarray(sent, sent + 1))
        await delay(DRIP_MS)
      }
      await peer.over()
      expect(sent).toBeLessThan(hello.length)
    }, soon)
  })

  it('lives through peers that go in the middle of the handshake', async () => {
    const hello = await clientHello()
    await underTls(async (port) => {
      for (let length = 0; length <= hello.length; length += runs(100, 7)) {
        const [resetting, ending] = [await attacker(port), await attacker(port)]
        resetting.send(hello.subarray(0, length))
        await resetting.drop()
        ending.socket.end(hello.subarray(0, length))
        await ending.over()
      }
    })
  })

  it('shakes hands once: a second handshake inside the connection is refused', async () => {
    await underTls(async (port) => {
      const socket = connectTls({ port, host: '127.0.0.1', ca: pem.cert, maxVersion: 'TLSv1.2' })
      onTestFinished(() => void socket.destroy())
      await once(socket, 'secureConnect')
      const refused = await new Promise<Error | null>((resolve) => {
        socket.on('error', resolve)
        socket.renegotiate({ rejectUnauthorized: false }, resolve)
      })
      expect(refused?.message).toMatch(/no.renegotiation/i)
      await until(() => socket.destroyed, 'the connection is over')
    })
  })

  it('is not stopped by many that shake hands and leave', async () => {
    await underTls(async (port) => {
      const shake = async (): Promise<void> => {
        const socket = connectTls({ port, host: '127.0.0.1', ca: pem.cert })
        await once(socket, 'secureConnect')
        socket.destroy()
      }
      for (let count = 0; count < runs(10, 200); count++) await Promise.all(Array.from({ length: 10 }, shake))
    })
  })
})
