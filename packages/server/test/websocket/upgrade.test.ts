import { createServer, type Server } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { Connection } from '../../src/websocket/connection.ts'
import { acceptUpgrade, refuseUpgrade, type UpgradeOptions } from '../../src/websocket/upgrade.ts'
import { clientFrame, hex } from './client-frame.ts'
import { type DuplexEnd, duplexPair } from './duplex-pair.ts'
import { settled, turn } from './test-peer.ts'

const HEAD =
  'GET /chat HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n'

const ACCEPTED =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n'

/** Node's HTTP server without a port: a peer's bytes go in, and what it is answered comes out. */
class HttpPeer {
  readonly connections: Connection[] = []
  readonly far: DuplexEnd
  readonly near: DuplexEnd
  ended = false
  readonly #received: Buffer[] = []

  constructor(options: UpgradeOptions = {}, server: Server = createServer({ maxHeaderSize: 16_384 })) {
    if (server.listenerCount('upgrade') === 0) {
      server.on('upgrade', (request, stream, head) => {
        const connection = acceptUpgrade(request, stream, head, options)
        if (connection === undefined) return
        connection.onMessage = (data) => connection.send(data)
        this.connections.push(connection)
      })
    }
    ;[this.far, this.near] = duplexPair()
    this.far.on('data', (chunk: Buffer) => this.#received.push(chunk))
    this.far.on('end', () => {
      this.ended = true
    })
    server.emit('connection', this.near)
  }

  get received(): string {
    return Buffer.concat(this.#received).toString('latin1')
  }

  async send(...chunks: (string | Buffer)[]): Promise<void> {
    for (const chunk of chunks) {
      this.far.write(chunk)
      await turn()
    }
    await settled()
  }
}

describe('acceptUpgrade', () => {
  it('answers an offer to compress where it is told to, and then does so', async () => {
    const offer = `${HEAD}Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n`
    const [deflating, other] = [new HttpPeer({ perMessageDeflate: { threshold: 0 } }), new HttpPeer()]
    for (const peer of [deflating, other]) await peer.send(offer)
    expect(deflating.received).toContain(
      '\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n',
    )
    expect(other.received).toBe(ACCEPTED)
    for (const peer of [deflating, other]) await peer.send(clientFrame(1, 'x'.repeat(30)))
    expect(deflating.received.split('\r\n\r\n')[1]?.charCodeAt(0)).toBe(0xc1)
    expect(other.received.endsWith(`\x81\x1e${'x'.repeat(30)}`)).toBe(true)
  })

  it('refuses extensions that are none with 400 where it compresses', async () => {
    const peer = new HttpPeer({ perMessageDeflate: true })
    await peer.send(`${HEAD}Sec-WebSocket-Extensions: permessage-deflate;;\r\n\r\n`)
    expect(peer.received).toMatch(/^HTTP\/1\.1 400 /)
    expect(peer.ended).toBe(true)
  })

  it('answers 101 and nothing else, then speaks frames', async () => {
    const peer = new HttpPeer()
    await peer.send(`${HEAD}\r\n`)
    expect(peer.received).toBe(ACCEPTED)
    await peer.send(clientFrame(1, 'Hello'))
    expect(peer.received).toBe(`${ACCEPTED}\x81\x05Hello`)
  })

  it('reads frames in the same segment as the head', async () => {
    const peer = new HttpPeer()
    await peer.send(Buffer.concat([Buffer.from(`${HEAD}\r\n`), clientFrame(1, 'a'), clientFrame(1, 'b')]))
    expect(peer.received).toBe(`${ACCEPTED}\x81\x01a\x81\x01b`)
    expect(peer.connections[0]?.chunksRead).toBe(1)
  })

  it('reads a head that comes byte by byte, and a frame cut behind it', async () => {
    const peer = new HttpPeer()
    const bytes = Buffer.concat([Buffer.from(`${HEAD}\r\n`), clientFrame(1, 'a')])
    await peer.send(...[...bytes].map((byte) => Buffer.from([byte])))
    expect(peer.received).toBe(`${ACCEPTED}\x81\x01a`)
  })

  it('agrees on a sub-protocol that was offered and is spoken', async () => {
    const peer = new HttpPeer({ protocols: ['chat', 'other'] })
    await peer.send(`${HEAD}Sec-WebSocket-Protocol: unknown, other\r\nSec-WebSocket-Protocol: chat\r\n\r\n`)
    expect(peer.received).toContain('\r\nSec-WebSocket-Protocol: chat\r\n')
    expect(peer.connections[0]?.protocol).toBe('chat')
  })

  it('says nothing of sub-protocols where none fits', async () => {
    const peer = new HttpPeer({ protocols: ['chat'] })
    await peer.send(`${HEAD}Sec-WebSocket-Protocol: unknown\r\n\r\n`)
    expect(peer.received).toBe(ACCEPTED)
    expect(peer.connections[0]?.protocol).toBe('')
  })

  it('applies its limits', async () => {
    const peer = new HttpPeer({ maxPayloadBytes: 4 })
    await peer.send(`${HEAD}\r\n`, clientFrame(1, 'aaaa'), clientFrame(1, 'aaaaa'))
    expect(peer.received).toContain('\x81\x04aaaa\x88')
    expect(peer.received).toContain('\x03\xf1message too big')
  })

  it('returns undefined when the peer is gone', async () => {
    const server = createServer()
    const results: unknown[] = []
    server.on('upgrade', (request, stream, head) => {
      stream.destroy()
      results.push(acceptUpgrade(request, stream, head))
    })
    const peer = new HttpPeer({}, server)
    await peer.send(`${HEAD}\r\n`)
    expect(results).toEqual([undefined])
    expect(peer.received).toBe('')
  })
})

describe('refuseUpgrade', () => {
  it('writes a whole HTTP error, and ends the stream', async () => {
    const peer = new HttpPeer()
    await peer.send(`${HEAD.replace('13', '8')}\r\n`)
    const [head, body] = peer.received.split('\r\n\r\n') as [string, string]
    expect(head).toMatch(/^HTTP\/1\.1 426 Upgrade Required\r\n/)
    expect(head).toContain('\r\nConnection: close\r\n')
    expect(head).toContain('\r\nSec-WebSocket-Version: 13')
    expect(head).toContain(`\r\nContent-Length: ${body.length}\r\n`)
    expect(peer.ended).toBe(true)
    peer.far.end()
    await settled()
    expect(peer.near.destroyed).toBe(true)
  })

  it('drops frames that come meanwhile', async () => {
    const peer = new HttpPeer()
    await peer.send(Buffer.concat([Buffer.from(`${HEAD.replace('GET', 'POST')}\r\n`), clientFrame(1, 'a')]))
    await peer.send(clientFrame(9), Buffer.alloc(100_000))
    expect(peer.received).toMatch(/^HTTP\/1\.1 405 /)
    expect(peer.received).not.toContain('\x8a')
    expect(peer.far.writableLength).toBe(0)
  })

  it('survives a peer that is gone, before and after', async () => {
    for (const cutAt of ['before', 'after']) {
      const [far, near] = duplexPair()
      if (cutAt === 'before') near.destroy()
      refuseUpgrade(near, 503)
      near.destroy(new Error('ECONNRESET'))
      await settled()
      expect(near.destroyed && far.destroyed).toBe(true)
    }
  })

  it('takes more headers, but none that would break out of their line', () => {
    const [, near] = duplexPair()
    expect(() => refuseUpgrade(near, 429, 'later\n', { 'Retry-After': '3\r\nX-Injected: 1' })).toThrow()
  })
})

describe('heads that no client may send', () => {
  it.each([
    ['a body behind an upgrade', `${HEAD}Content-Length: 6\r\n\r\n`, 400],
    ['a body in chunks behind an upgrade', `${HEAD}Transfer-Encoding: chunked\r\n\r\n6\r\n`, 400],
    ['HTTP/1.0', `${HEAD.replace('HTTP/1.1', 'HTTP/1.0')}\r\n`, 400],
    ['two keys', `${HEAD}Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`, 400],
    ['two Hosts', `${HEAD}Host: other\r\n\r\n`, 400],
    ['no Host', `${HEAD.replace('Host: localhost\r\n', '')}\r\n`, 400],
    ['a folded header', `${HEAD}X-Folded: a\r\n b\r\n\r\n`, 400],
    ['a bare LF', `${HEAD.replaceAll('\r\n', '\n')}\n`, 400],
    ['a space before the colon', `${HEAD}X-Space : a\r\n\r\n`, 400],
    ['a header without a colon', `${HEAD}nonsense\r\n\r\n`, 400],
    ['a NUL in a value', `${HEAD}X-Nul: a\0b\r\n\r\n`, 400],
    ['a NUL in the URL', `${HEAD.replace('/chat', '/\0')}\r\n`, 400],
    ['more than 100 headers', `${HEAD}${'X: y\r\n'.repeat(2_001)}\r\n`, 431],
    ['a head of more than 16 KB', `${HEAD}X: ${'y'.repeat(16_384)}\r\n\r\n`, 431],
    ['another upgrade', `${HEAD.replace('Upgrade: websocket', 'Upgrade: foo')}\r\n`, 426],
  ])('%s: nothing behind it becomes a frame', async (_, head, status) => {
    const peer = new HttpPeer()
    await peer.send(Buffer.concat([Buffer.from(head, 'latin1'), hex('8180 <m>')]))
    expect(peer.received).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(peer.received).not.toContain('\x81')
    expect(peer.connections).toEqual([])
    expect(peer.ended || peer.far.destroyed).toBe(true)
  })
})
