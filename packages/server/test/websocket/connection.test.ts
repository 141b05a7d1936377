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

describe('Connection, closing', () => {
  it.each([
    ['without a code', '8880 <m>', '8800', [1005, '']],
    ['with a code', '8882 <m> 03e8', '880203e8', [1000, '']],
    ['with a code of the application', '8882 <m> 1387', '88021387', [4999, '']],
    ['with a code and a reason', '8885 <m> 03e9 627965', '880203e9', [1001, 'bye']],
  ])('answers a close %s, ends first, and reports it once', async (_, sent, answer, close) => {
    const peer = new TestPeer()
    await peer.send(hex(sent))
    expect(peer.received).toBe(answer)
    expect(peer.ended).toBe(true)
    expect(peer.closes).toEqual([close])
    expect(peer.near.destroyed).toBe(false)
    peer.far.end()
    await settled()
    expect(peer.near.destroyed).toBe(true)
    expect(peer.closes).toEqual([close])
    expect(peer.clock.running).toBe(0)
  })

  it('acts on nothing behind a close', async () => {
    const peer = new TestPeer({ echo: true })
    await peer.send(Buffer.concat([clientFrame(8, hex('03e8')), clientFrame(8), clientFrame(9), clientFrame(1, 'a')]))
    await peer.send(clientFrame(1, 'b'), hex('ffff'))
    expect(peer.received).toBe('880203e8')
    expect(peer.messages).toEqual([])
  })

  it('sends what is pending before it answers a close', async () => {
    const peer = new TestPeer({ echo: true })
    peer.connection.onEnding = () => peer.connection.write([hex('810165')])
    await peer.send(Buffer.concat([clientFrame(1, 'a'), clientFrame(9), clientFrame(8, hex('03e8'))]))
    expect(peer.received).toBe('810165' + '810161' + '8a00' + '880203e8')
  })

  it('lets its owner close in the moment the peer has closed', async () => {
    const peer = new TestPeer()
    peer.connection.onEnding = () => peer.connection.close(4000)
    await peer.send(clientFrame(8, hex('03e8')))
    expect(peer.received).toBe('88020fa0')
    expect(peer.closes).toEqual([[1000, '']])
    expect(peer.ended).toBe(true)
  })

  it('drops the stream when the peer does not let go of it in time', async () => {
    const peer = new TestPeer()
    await peer.send(clientFrame(8, hex('03e8')))
    peer.clock.advance(4_999)
    expect(peer.near.destroyed).toBe(false)
    peer.clock.advance(1)
    expect(peer.near.destroyed).toBe(true)
  })

  it('reads out and drops what comes after the close reply', async () => {
    const peer = new TestPeer()
    await peer.send(clientFrame(8, hex('03e8')))
    for (let i = 0; i < 100; i++) peer.far.write(Buffer.alloc(10_000))
    await settled()
    expect(peer.far.writableLength).toBe(0)
  })

  it('sends what is pending and then its own close, and waits for the answer', async () => {
    const peer = new TestPeer()
    peer.connection.send('last')
    peer.connection.close(4001, 'expired')
    peer.connection.send('too late')
    peer.connection.ping()
    peer.connection.write([hex('810161')])
    await settled()
    expect(peer.received).toBe(`81046c61737488090fa1${Buffer.from('expired').toString('hex')}`)
    expect(peer.ended).toBe(false)
    expect(peer.closes).toEqual([])
    await peer.send(clientFrame(9, 'p'), clientFrame(1, 'a'), clientFrame(8, hex('0fa1')))
    expect(peer.ended).toBe(true)
    expect(peer.closes).toEqual([[4001, '']])
    expect(peer.messages).toEqual([])
  })

  it('closes in the middle of a message without delivering it', async () => {
    const peer = new TestPeer()
    await peer.send(clientFrame(1, 'frag', { fin: false }))
    peer.connection.close()
    await peer.send(clientFrame(0, 'ment'), clientFrame(8, hex('03e8')))
    expect(peer.messages).toEqual([])
    expect(peer.closes).toEqual([[1000, '']])
    expect(peer.clock.running).toBe(1)
  })

  it("keeps the peer's code when both close at the same moment", async () => {
    const peer = new TestPeer()
    peer.far.write(clientFrame(8, hex('0bb8')))
    peer.connection.close(4000)
    await settled()
    expect(peer.received).toBe('88020fa0')
    expect(peer.closes).toEqual([[3000, '']])
  })

  it('terminates with 1006 when its close is not answered', async () => {
    const peer = new TestPeer()
    peer.connection.close(4000)
    await settled()
    peer.clock.advance(5_000)
    await settled()
    expect(peer.near.destroyed).toBe(true)
    expect(peer.closes).toEqual([[1006, '']])
    expect(peer.clock.running).toBe(0)
  })

  it.each([999, 1004, 1005, 1006, 1015, 2999, 5000, Number.NaN])('never sends %d', (code) => {
    const peer = new TestPeer()
    expect(() => peer.connection.close(code)).toThrow(RangeError)
  })

  it('cuts its reason at 123 bytes, on a character', async () => {
    const peer = new TestPeer()
    peer.connection.close(1000, 'ä'.repeat(62))
    await settled()
    expect(peer.received).toBe(`887c03e8${'c3a4'.repeat(61)}`)
  })

  it('terminates without a word', async () => {
    const peer = new TestPeer()
    peer.connection.send('never')
    peer.connection.terminate()
    expect(peer.closes).toEqual([])
    await settled()
    expect(peer.received).toBe('')
    expect(peer.closes).toEqual([[1006, '']])
  })

  it('reports 1006 on a FIN without a close, answers what was asked before, and nothing after', async () => {
    const peer = new TestPeer({ echo: true })
    peer.far.end(clientFrame(1, 'a'))
    await settled()
    expect(peer.received).toBe('810161')
    expect(peer.ended).toBe(true)
    expect(peer.closes).toEqual([[1006, '']])
    expect(peer.events).toEqual(['message', 'ending', 'close'])
    expect(peer.near.destroyed).toBe(true)
    peer.connection.send('after')
    peer.connection.write([hex('810161')])
    await settled()
    expect(peer.received).toBe('810161')
  })

  it('answers a close whose peer has said FIN already', async () => {
    const peer = new TestPeer()
    peer.far.end(clientFrame(8, hex('03e8')))
    await settled()
    expect(peer.received).toBe('880203e8')
    expect(peer.closes).toEqual([[1000, '']])
    expect(peer.near.destroyed).toBe(true)
  })

  it('survives a stream that breaks', async () => {
    const peer = new TestPeer()
    peer.near.destroy(new Error('ECONNRESET'))
    await settled()
    expect(peer.closes).toEqual([[1006, '']])
  })
})

describe('Connection, handlers that throw', () => {
  it('closes with 1011 and the reason its owner gives, and delivers nothing more', async () => {
    const peer = new TestPeer()
    let calls = 0
    peer.connection.onMessage = () => {
      calls++
      throw new Error('handler')
    }
    peer.connection.onError = () => 'log line 7'
    await peer.send(Buffer.concat([clientFrame(1, 'a'), clientFrame(1, 'b')]))
    expect(calls).toBe(1)
    expect(peer.received).toBe(`880c03f3${Buffer.from('log line 7').toString('hex')}`)
    expect(peer.closes).toEqual([[1011, 'log line 7']])
  })

  it.each(['onClose', 'onEnding', 'onWritable'] as const)('reports what %s throws', async (name) => {
    const peer = new TestPeer({ reading: false })
    const error = new Error(name)
    peer.connection[name] = () => {
      throw error
    }
    peer.connection.send(Buffer.alloc(100_000))
    await settled()
    peer.read()
    await settled()
    await peer.send(clientFrame(8))
    expect(peer.errors).toEqual([error])
    expect(peer.ended).toBe(true)
  })
})

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
