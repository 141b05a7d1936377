import { describe, expect, it } from 'vitest'
import { clientFrame, hex } from './client-frame.ts'
import { settled, TestPeer } from './test-peer.ts'

const bytewise = (bytes: Buffer): Buffer[] => [...bytes].map((byte) => Buffer.from([byte]))

describe('Connection', () => {
  it('delivers text as a string and binary as a Buffer, and sends both back', async () => {
    const peer = new TestPeer({ echo: true })
    await peer.send(clientFrame(1, 'Hello'), clientFrame(2, hex('00ff')))
    expect(peer.messages).toEqual(['Hello', hex('00ff')])
    expect(peer.received).toBe('810548656c6c6f' + '820200ff')
  })

  it('answers all messages of one turn with one write', async () => {
    const peer = new TestPeer({ echo: true })
    await peer.send(Buffer.concat(Array.from({ length: 50 }, (_, i) => clientFrame(1, `message ${i}`))))
    expect(peer.messages).toHaveLength(50)
    expect(peer.writes).toBe(1)
  })

  it('counts chunks, whatever is in them', async () => {
    const peer = new TestPeer()
    await peer.send(...bytewise(clientFrame(10)))
    expect(peer.connection.chunksRead).toBe(6)
  })

  it('writes frames as they are, in one write, at once', async () => {
    const peer = new TestPeer()
    peer.connection.write([hex('8101 61'), hex('8101 62')])
    expect(peer.writes).toBe(1)
    await settled()
    expect(peer.received).toBe('810161810162')
  })

  it('writes small and large frames in their order', async () => {
    const peer = new TestPeer()
    const frames = [3, 5, 70_000, 2, 10_000, 9_000, 1, 1].map((size, i) => Buffer.alloc(size, i))
    peer.connection.write(frames)
    await settled()
    expect(peer.received).toBe(Buffer.concat(frames).toString('hex'))
  })

  it('sends the shared ping with what else is said in the turn', async () => {
    const peer = new TestPeer()
    peer.connection.ping()
    peer.connection.send('a')
    await settled()
    expect(peer.received).toBe('8900' + '810161')
    expect(peer.writes).toBe(1)
  })

  it('tells what is unsent, when it has drained, and that bytes have left', async () => {
    const peer = new TestPeer({ reading: false })
    let drained = 0
    peer.connection.onWritable = () => drained++
    peer.connection.send(Buffer.alloc(100_000))
    expect(peer.connection.unsentBytes).toBe(100_010)
    await settled()
    expect(peer.connection.writable).toBe(false)
    peer.connection.send(Buffer.alloc(100_000))
    await settled()
    const mark = peer.connection.outgoingMark
    expect(peer.connection.unsentBytes).toBeGreaterThan(100_000)
    peer.read()
    await settled()
    expect(drained).toBe(1)
    expect(peer.connection.writable).toBe(true)
    expect(peer.connection.unsentBytes).toBe(0)
    expect(peer.connection.outgoingMark).not.toBe(mark)
  })

  it('runs no timer while nothing is unfinished', async () => {
    const peer = new TestPeer({ echo: true })
    expect(peer.clock.running).toBe(0)
    await peer.send(clientFrame(1, 'a'), clientFrame(9, 'b'))
    expect(peer.clock.running).toBe(0)
    await peer.send(...bytewise(clientFrame(1, 'a')))
    expect(peer.clock.running).toBe(0)
  })
})

describe('Connection, pausing', () => {
  it('delivers nothing of the chunk at hand while it is paused, and all of it later', async () => {
    const peer = new TestPeer()
    const { connection } = peer
    connection.onMessage = (data) => {
      peer.messages.push(data)
      connection.pause()
    }
    await peer.send(Buffer.concat(['a', 'b', 'c'].map((text) => clientFrame(1, text))))
    expect(peer.messages).toEqual(['a'])
    connection.resume()
    await settled()
    expect(peer.messages).toEqual(['a', 'b'])
    connection.resume()
    await settled()
    expect(peer.messages).toEqual(['a', 'b', 'c'])
    expect(connection.chunksRead).toBe(1)
  })

  it('holds back what comes while it is paused, up to what the streams hold', async () => {
    const peer = new TestPeer()
    peer.connection.pause()
    const frame = clientFrame(2, Buffer.alloc(10_000))
    for (let i = 0; i < 100; i++) peer.far.write(frame)
    await settled()
    expect(peer.messages).toHaveLength(0)
    expect(peer.near.readableLength).toBeLessThan(40_000)
    expect(peer.far.writableLength).toBeGreaterThan(900_000)
    peer.connection.resume()
    await settled()
    expect(peer.messages).toHaveLength(100)
  })

  it('goes on when it is resumed within the same message', async () => {
    const peer = new TestPeer()
    peer.connection.onMessage = (data) => {
      peer.messages.push(data)
      peer.connection.pause()
      peer.connection.resume()
    }
    await peer.send(Buffer.concat([clientFrame(1, 'a'), clientFrame(1, 'b')]))
    expect(peer.messages).toEqual(['a', 'b'])
  })

  it('reads on to finish a closing handshake', async () => {
    const peer = new TestPeer()
    peer.connection.pause()
    peer.connection.close(4000, 'bye')
    await peer.send(clientFrame(1, 'late'), clientFrame(8, hex('0fa0')))
    expect(peer.messages).toEqual([])
    expect(peer.closes).toEqual([[4000, '']])
  })
})

describe('Connection, control frames', () => {
  it('answers every ping, in order, in one write', async () => {
    const peer = new TestPeer()
    await peer.send(Buffer.concat(Array.from({ length: 10 }, (_, i) => clientFrame(9, `payload-${i}`))))
    const pongs = Array.from({ length: 10 }, (_, i) => `8a09${Buffer.from(`payload-${i}`).toString('hex')}`)
    expect(peer.received).toBe(pongs.join(''))
    expect(peer.writes).toBe(1)
  })

  it('answers a ping between fragments before the message is complete', async () => {
    const peer = new TestPeer({ echo: true })
    await peer.send(Buffer.concat([clientFrame(1, 'frag', { fin: false }), clientFrame(9, 'p')]))
    expect(peer.received).toBe('8a0170')
    await peer.send(clientFrame(0, 'ment'))
    expect(peer.messages).toEqual(['fragment'])
  })

  it('ignores pongs nobody asked for', async () => {
    const peer = new TestPeer()
    await peer.send(clientFrame(10), clientFrame(10, 'unsolicited'))
    expect(peer.received).toBe('')
    expect(peer.closes).toEqual([])
  })

  it('answers the pings of a peer that does not read up to a limit, and then only the last', async () => {
    const peer = new TestPeer({ reading: false })
    peer.connection.send(Buffer.alloc(100_000))
    await settled()
    for (let i = 0; i < 1_000; i++) {
      if (i % 100 === 0) peer.clock.advance(1_000)
      await peer.send(clientFrame(9, `${i}`.padStart(125)))
    }
    expect(peer.connection.unsentBytes).toBeLessThanOrEqual(100_010 + 16_384)
    peer.read()
    await settled()
    const pongs = peer.received.slice(200_020).match(/8a7d[0-9a-f]{250}/g) ?? []
    const answered = pongs.map((pong) => Number(Buffer.from(pong, 'hex').toString('latin1', 2)))
    const limit = Math.floor(16_384 / 127)
    expect(answered).toEqual([...Array.from({ length: limit }, (_, i) => i), 999])
  })
})
