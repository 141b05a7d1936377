import { describe, expect, it } from 'vitest'
import { clientFrame, hex } from './client-frame.ts'
import { settled, TestPeer } from './test-peer.ts'

const bytewise = (bytes: Buffer): Buffer[] => [...bytes].map((byte) => Buffer.from([byte]))

describe('attack F1: a peer that stalls', () => {
  it.each([
    ['inside a header', '81'],
    ['inside a frame', '8185 <m> 4865'],
    ['inside a fragmented message', '0181 <m> 48'],
    ['inside a control frame', '8985 <m> 4865'],
  ])('is closed with 1013 after 30 s %s', async (_, sent) => {
    const peer = new TestPeer()
    await peer.send(hex(sent))
    peer.clock.advance(29_999)
    expect(peer.closes).toEqual([])
    peer.clock.advance(1)
    await settled()
    expect(peer.closes).toEqual([[1013, 'message not finished in time']])
    expect(peer.received).toMatch(/^88..03f5/)
    expect(peer.ended).toBe(true)
  })

  it('is not a slow one: every byte of the message gives it more time', async () => {
    const peer = new TestPeer()
    const [first, ...rest] = bytewise(clientFrame(1, 'slow'))
    await peer.send(first as Buffer)
    for (const byte of rest) {
      peer.clock.advance(29_000)
      await peer.send(byte)
    }
    expect(peer.messages).toEqual(['slow'])
    expect(peer.clock.running).toBe(0)
  })

  it('gains nothing by pings in between', async () => {
    const peer = new TestPeer()
    await peer.send(hex('0181 <m> 48'))
    for (let i = 0; i < 3; i++) {
      peer.clock.advance(10_000)
      await peer.send(...bytewise(clientFrame(9)))
    }
    expect(peer.closes).toEqual([[1013, 'message not finished in time']])
  })

  it('is told apart from a process that stood still', async () => {
    const peer = new TestPeer()
    await peer.send(hex('0181 <m> 48'))
    peer.clock.stall(60_000)
    expect(peer.closes).toEqual([])
    await peer.send(clientFrame(0, 'i'))
    expect(peer.messages).toEqual(['Hi'])
  })

  it('is told apart from an owner that does not read', async () => {
    const peer = new TestPeer()
    await peer.send(hex('0181 <m> 48'))
    peer.connection.pause()
    peer.clock.advance(120_000)
    expect(peer.closes).toEqual([])
    peer.connection.resume()
    peer.clock.advance(29_999)
    expect(peer.closes).toEqual([])
    peer.clock.advance(30_000)
    expect(peer.closes).toHaveLength(1)
  })
})

describe('attack F3: control frames without end', () => {
  it('answers 100 pings of a second and closes the flood with 1008', async () => {
    const peer = new TestPeer()
    const flood = Buffer.concat(Array.from({ length: 100_000 }, () => clientFrame(9)))
    await peer.send(flood)
    expect(peer.received).toMatch(/^(8a00){100}88..03f0/)
    expect(peer.closes).toEqual([[1008, 'too many control frames']])
    expect(peer.writes).toBeLessThanOrEqual(2)
  })

  it('counts pongs too, and each second anew', async () => {
    const peer = new TestPeer()
    const pongs = Buffer.concat(Array.from({ length: 100 }, () => clientFrame(10)))
    for (let second = 0; second < 5; second++) {
      await peer.send(pongs)
      peer.clock.advance(1_000)
    }
    expect(peer.closes).toEqual([])
    await peer.send(pongs, clientFrame(10))
    expect(peer.closes).toEqual([[1008, 'too many control frames']])
  })

  it('answers one of a thousand close frames', async () => {
    const peer = new TestPeer()
    await peer.send(Buffer.concat(Array.from({ length: 1_000 }, () => clientFrame(8, hex('03e8')))))
    expect(peer.received).toBe('880203e8')
    expect(peer.closes).toEqual([[1000, '']])
  })
})

describe('attack F7: a closing handshake against a zero window', () => {
  it.each([
    ['ours', async (peer: TestPeer) => peer.connection.close()],
    ["the peer's", (peer: TestPeer) => peer.send(clientFrame(8))],
    ['a broken rule', (peer: TestPeer) => peer.send(hex('ff'))],
  ])('ends after closeTimeoutMs: %s', async (_, close) => {
    const peer = new TestPeer({ reading: false })
    peer.connection.send(Buffer.alloc(500_000))
    await settled()
    await close(peer)
    peer.clock.advance(4_999)
    expect(peer.near.destroyed).toBe(false)
    peer.clock.advance(1)
    await settled()
    expect(peer.near.destroyed).toBe(true)
    expect(peer.closes).toHaveLength(1)
    expect(peer.clock.running).toBe(0)
  })
})
