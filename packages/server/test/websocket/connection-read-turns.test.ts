import { describe, expect, it, vi } from 'vitest'
import { readTurns } from '../../src/websocket/read-turns.ts'
import { clientFrame, hex } from './client-frame.ts'
import { compressed, deflatePeer, framesOf } from './deflate-peer.ts'
import { settled, TestPeer, turn } from './test-peer.ts'

/** What is done while the time of this turn of the loop is over. */
function late(act: () => void): void {
  readTurns.hasTime()
  const now = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 60_000)
  try {
    act()
  } finally {
    now.mockRestore()
  }
}

describe('Connection, when the time of a turn is over', () => {
  const texts = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}`)
  const framesFor = (count: number): Buffer => Buffer.concat(texts(count).map((text) => clientFrame(1, text)))

  it('works on the first 32 messages of a chunk, and on the rest in order when its turn has come', async () => {
    const peer = new TestPeer()
    late(() => void peer.near.emit('data', framesFor(100)))
    expect(peer.messages).toEqual(texts(32))
    await turn()
    expect(peer.messages).toEqual(texts(100))
    await settled()
    expect(peer.messages).toEqual(texts(100))
  })

  it('lets those who sent little wait for nobody', async () => {
    const [greedy, modest] = [new TestPeer(), new TestPeer()]
    late(() => {
      greedy.near.emit('data', framesFor(100))
      modest.near.emit('data', framesFor(31))
    })
    expect(greedy.messages).toHaveLength(32)
    expect(modest.messages).toHaveLength(31)
    await settled()
    expect(greedy.messages).toHaveLength(100)
  })

  it('takes turns among those who have more, so that the loop goes round in between', async () => {
    const peers = Array.from({ length: 5 }, () => new TestPeer())
    for (const peer of peers) {
      const { messages } = peer
      peer.connection.onMessage = (data) => {
        messages.push(data)
        for (const until = performance.now() + 0.25; performance.now() < until; );
      }
      peer.far.write(framesFor(500)) // 125 ms of work
    }
    const counts: number[][] = []
    while (peers.some(({ messages }) => messages.length < 500)) {
      await turn()
      counts.push(peers.map(({ messages }) => messages.length))
    }
    expect(counts.length).toBeGreaterThan(10)
    // Nobody is two rounds ahead of another one.
    const isFair = (each: readonly number[]): boolean => Math.max(...each) - Math.min(...each) <= 3 * 32
    expect(counts.filter((each) => !isFair(each))).toEqual([])
    for (const { messages } of peers) expect(messages).toEqual(texts(500))
  })

  it('keeps the rest for an owner that pauses, until it wants messages again', async () => {
    const peer = new TestPeer()
    late(() => void peer.near.emit('data', framesFor(100)))
    peer.connection.pause()
    await settled()
    expect(peer.messages).toHaveLength(32)
    peer.connection.resume()
    await settled()
    expect(peer.messages).toEqual(texts(100))
  })

  it('delivers nothing of the rest when its owner closes, and hears the answer behind it', async () => {
    const peer = new TestPeer()
    late(() => void peer.near.emit('data', Buffer.concat([framesFor(100), clientFrame(8, hex('0fa0'))])))
    peer.connection.close(4_000)
    await settled()
    expect(peer.messages).toHaveLength(32)
    expect(peer.closes).toEqual([[4_000, '']])
  })

  it('delivers the rest before the close of a peer that has said FIN', async () => {
    const peer = new TestPeer()
    late(() => void peer.near.emit('data', framesFor(100)))
    peer.far.end()
    await settled()
    expect(peer.messages).toEqual(texts(100))
    expect(peer.closes).toEqual([[1006, '']])
  })

  it('counts what is read again as no sign of life', async () => {
    const peer = new TestPeer()
    late(() => void peer.near.emit('data', framesFor(100)))
    const { chunksRead } = peer.connection
    await settled()
    expect(peer.messages).toHaveLength(100)
    expect(peer.connection.chunksRead).toBe(chunksRead)
    await peer.send(clientFrame(1, 'new'))
    expect(peer.connection.chunksRead).toBe(chunksRead + 1)
  })
})

describe('Connection, when the time of a turn is over for what is compressed', () => {
  /** Each comes to a hundred thousand bytes. */
  const large = (i: number): string => `${i}`.padEnd(100_000)
  const nameOf = (message: string | Buffer): string => String(message).trim()

  it('lets nothing overtake what waits: not plain messages, not the close', async () => {
    const peer = deflatePeer({ echo: true })
    const frames: Buffer[] = []
    const expected: string[] = []
    for (let i = 0; i < 100; i++) {
      frames.push(compressed(large(i)), clientFrame(1, `plain ${i}`))
      expected.push(`${i}`, `plain ${i}`)
    }
    await peer.send(Buffer.concat([...frames, clientFrame(9, 'p'), clientFrame(8, hex('03e8'))]))
    while (peer.closes.length === 0) await settled()
    expect(peer.messages.map(nameOf)).toEqual(expected)
    expect(peer.closes).toEqual([[1000, '']])
    expect(peer.events.slice(-2)).toEqual(['ending', 'close'])
    expect(framesOf(peer).map(([head]) => head & 0x0f)).toEqual([...expected.map(() => 1), 10, 8])
  })

  it('gives others a turn in between', async () => {
    const [greedy, modest] = [deflatePeer(), deflatePeer()]
    greedy.far.write(Buffer.concat(Array.from({ length: 1_000 }, (_, i) => compressed(large(i)))))
    while (greedy.messages.length === 0) await turn()
    modest.far.write(compressed('hello'))
    while (modest.messages.length === 0) await turn()
    expect(greedy.messages.length).toBeLessThan(1_000)
    while (greedy.messages.length < 1_000) await settled()
    expect(greedy.messages.map(nameOf)).toEqual(Array.from({ length: 1_000 }, (_, i) => `${i}`))
  })

  it('reads no more of a peer whose message waits', async () => {
    const peer = waiting(compressed('a'))
    expect(peer.near.isPaused()).toBe(true)
    const bytes = Buffer.concat(Array.from({ length: 50 }, (_, i) => compressed(large(i))))
    for (let i = 0; i < 40; i++) peer.far.write(bytes)
    while (peer.messages.length < 2_001) await settled()
    expect(peer.near.isPaused()).toBe(false)
    expect(peer.far.writableLength).toBe(0)
    expect(peer.clock.running).toBe(0)
  })

  /** A peer that comes when the time is over: of what it sent the first message waits. */
  function waiting(...frames: Buffer[]): TestPeer {
    const peer = deflatePeer()
    late(() => void peer.near.emit('data', Buffer.concat(frames)))
    expect(peer.messages).toEqual([])
    expect(peer.connection.deflate?.isHolding).toBe(true)
    return peer
  }

  it('delivers what waits with the next one, and what stands behind it then', async () => {
    const peer = waiting(compressed('a'), clientFrame(1, 'b'), compressed('c'))
    await settled()
    expect(peer.messages).toEqual(['a', 'b', 'c'])
  })

  it('keeps what waits for an owner that pauses, until it wants messages again', async () => {
    const peer = waiting(compressed('a'), clientFrame(1, 'b'), compressed('c'))
    peer.connection.pause()
    await settled()
    expect(peer.messages).toEqual([])
    peer.connection.resume()
    expect(peer.messages).toEqual([])
    await settled()
    expect(peer.messages).toEqual(['a', 'b', 'c'])
  })

  it('delivers what waits once, however often its owner pauses', async () => {
    const peer = waiting(compressed('a'), clientFrame(1, 'b'))
    for (let i = 0; i < 3; i++) {
      peer.connection.pause()
      peer.connection.resume()
    }
    await settled()
    expect(peer.messages).toEqual(['a', 'b'])
  })

  it('delivers no more than what waited to an owner that pauses then', async () => {
    const peer = waiting(compressed('a'), clientFrame(1, 'b'))
    peer.connection.onMessage = (data) => {
      peer.messages.push(data)
      peer.connection.pause()
    }
    await settled()
    expect(peer.messages).toEqual(['a'])
    peer.connection.resume()
    await settled()
    expect(peer.messages).toEqual(['a', 'b'])
  })

  it('lets go of what waits when its owner closes, and reads on for the answer', async () => {
    const peer = waiting(compressed('a'), clientFrame(1, 'b'), clientFrame(8, hex('0fa0')))
    peer.connection.close(4_000)
    expect(peer.connection.deflate?.isHolding).toBe(false)
    await settled()
    expect(peer.messages).toEqual([])
    expect(peer.closes).toEqual([[4_000, '']])
  })

  it('lets go of what waits when the line breaks', async () => {
    for (const end of [(peer: TestPeer) => peer.connection.terminate(), (peer: TestPeer) => peer.far.destroy()]) {
      const peer = waiting(compressed('a'), clientFrame(1, 'b'))
      peer.connection.pause() // so that nobody takes it meanwhile
      end(peer)
      await settled()
      expect(peer.connection.deflate?.isHolding).toBe(false)
      expect(peer.messages).toEqual([])
      expect(peer.closes).toEqual([[1006, '']])
    }
  })

  it('closes what waited and is broken', async () => {
    const peer = deflatePeer()
    const frames = Array.from({ length: 100 }, (_, i) => compressed(large(i)))
    await peer.send(Buffer.concat([...frames, hex('c184 <m> ffffffff'), clientFrame(1, 'late')]))
    while (peer.closes.length === 0) await settled()
    expect(peer.messages).toHaveLength(100)
    expect(peer.closes.map(([code]) => code)).toEqual([1007])
  })

  it('closes with 1011 where the handler of what waited throws', async () => {
    const peer = deflatePeer()
    peer.connection.onMessage = (data) => {
      peer.messages.push(data)
      if (peer.messages.length === 90) throw new Error('a mistake')
    }
    await peer.send(Buffer.concat(Array.from({ length: 100 }, (_, i) => compressed(large(i)))))
    while (peer.closes.length === 0) await settled()
    expect(peer.closes.map(([code]) => code)).toEqual([1011])
    expect(peer.errors).toHaveLength(1)
    expect(peer.messages).toHaveLength(90)
  })

  it('answers everything before the end of a peer that has said FIN', async () => {
    const peer = deflatePeer({ echo: true })
    const frames = Array.from({ length: 100 }, (_, i) => compressed(large(i)))
    peer.far.end(Buffer.concat(frames))
    while (peer.closes.length === 0) await settled()
    await settled()
    expect(peer.messages).toHaveLength(100)
    expect(framesOf(peer).filter(([head]) => (head & 0x0f) === 1)).toHaveLength(100)
  })
})
