import { constants, createInflateRaw } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../../test/torture.ts'
import { clientFrame, hex } from './client-frame.ts'
import { deflated, noise, prose } from './deflate-bytes.ts'
import { deflatePeer, framesOf, inFragments, offer, RSV1 } from './deflate-peer.ts'
import { farthestReference } from './farthest-reference.ts'
import { Random, randomChunks } from './random-stream.ts'
import { settled, TestPeer } from './test-peer.ts'

const takeover = { thresholdBytes: 0, serverNoContextTakeover: false, clientNoContextTakeover: false }

/** Messages as a client with one inflater gets them: it keeps its context, or not. */
async function readBy(frames: readonly [number, Buffer][], keepsContext: boolean, windowBits = 15): Promise<string[]> {
  const texts: string[] = []
  let inflater = createInflateRaw({ windowBits })
  for (const [head, payload] of frames) {
    if ((head & 0x40) === 0) texts.push(payload.toString())
    else {
      const parts: Buffer[] = []
      inflater.on('data', (part: Buffer) => parts.push(part))
      inflater.write(Buffer.concat([payload, hex('0000ffff')]))
      await new Promise<void>((resolve) => inflater.flush(constants.Z_SYNC_FLUSH, () => resolve()))
      inflater.removeAllListeners('data')
      texts.push(Buffer.concat(parts).toString())
      if (!keepsContext) inflater = createInflateRaw({ windowBits })
    }
  }
  return texts
}

describe('Connection, compressed messages', () => {
  it.each([
    ['in one frame', [hex('c187 <m> f248cdc9c90700')], ['Hello']],
    ['in two frames', [hex('4183 <m> f248cd'), hex('8084 <m> c9c90700')], ['Hello']],
    ['in empty frames too', [hex('4180 <m>'), hex('0087 <m> f248cdc9c90700'), hex('8080 <m>')], ['Hello']],
    ['that are empty', [hex('c181 <m> 00')], ['']],
    [
      'of a final block, and others behind them',
      [hex('c188 <m> f348cdc9c9070000'), hex('c187 <m> f248cdc9c90700')],
      ['Hello', 'Hello'],
    ],
    [
      'beside such as are not',
      [hex('c187 <m> f248cdc9c90700'), clientFrame(1, 'a'), hex('c181 <m> 00')],
      ['Hello', 'a', ''],
    ],
  ])('takes messages %s, in any chunks', async (_title, frames, expected) => {
    const bytes = Buffer.concat(frames)
    for (const chunks of [frames, [bytes], [...bytes].map((byte) => Buffer.of(byte))]) {
      const peer = deflatePeer()
      await peer.send(...chunks.map((chunk) => Buffer.from(chunk)))
      expect(peer.messages).toEqual(expected)
      expect(peer.closes).toEqual([])
    }
  })

  it('takes binary ones as Buffers of their own', async () => {
    const peer = deflatePeer()
    for (const data of [Buffer.alloc(0), Buffer.from('a'), noise(3_000), Buffer.alloc(300_000)]) {
      await peer.send(clientFrame(2, deflated(data), RSV1))
      const got = peer.messages.pop() as Buffer
      expect(got.equals(data)).toBe(true)
      expect(got.buffer.byteLength).toBeLessThanOrEqual(Math.max(2 * got.length, Buffer.poolSize))
    }
  })

  it('takes any of them, mixed with others, in any frames and any chunks', async () => {
    const seed = Number(process.env.PARTYLINE_SEED ?? Math.floor(Math.random() * 2 ** 31))
    for (let run = 0; run < runs(20, 2_000); run++) {
      const random = new Random(seed + run)
      const expected: string[] = []
      const frames: Buffer[] = []
      for (let i = 0; i < 30; i++) {
        const text = `${i} ${random.once(20) ? prose(random.below(90_000)) : prose(random.below(300))}`
        expected.push(text)
        if (random.once(3)) frames.push(clientFrame(1, text))
        else frames.push(...inFragments(deflated(text, { level: random.below(10) }), 1 + random.below(400)))
        if (random.once(3)) frames.push(clientFrame(9, `${i}`))
      }
      const peer = deflatePeer({ maxControlFramesPerSecond: 1_000 })
      await peer.send(...randomChunks(random, Buffer.concat(frames)))
      while (peer.messages.length < expected.length && peer.closes.length === 0) await settled()
      expect(peer.messages, `replay with PARTYLINE_SEED=${seed + run}`).toEqual(expected)
    }
  })

  it('answers a ping between fragments at once', async () => {
    const peer = deflatePeer()
    await peer.send(hex('4183 <m> f248cd'), clientFrame(9, 'p'))
    expect(peer.received).toBe('8a0170')
    await peer.send(hex('8084 <m> c9c90700'))
    expect(peer.messages).toEqual(['Hello'])
  })

  it.each([
    ['a compressed message that nobody agreed on', [hex('c187 <m> f248cdc9c90700')], 1002, {}],
    ['one that was offered and not wanted', [hex('c187 <m> f248cdc9c90700')], 1002, { offer }],
    ['the bit on a continuation', [hex('4183 <m> f248cd'), hex('c084 <m> c9c90700')], 1002],
    ['the bit on the continuation of a plain message', [hex('0181 <m> 61'), hex('c081 <m> 62')], 1002],
    ['the bit on a ping', [hex('c980 <m>')], 1002],
    ['the bit on a pong', [hex('ca80 <m>')], 1002],
    ['the bit on a close frame', [hex('c882 <m> 03e8')], 1002],
    ['the second bit', [hex('a187 <m> f248cdc9c90700')], 1002],
    ['the second bit beside it', [hex('e187 <m> f248cdc9c90700')], 1002],
    ['the third bit', [hex('d187 <m> f248cdc9c90700')], 1002],
    ['the bit on an unknown opcode', [hex('c380 <m>')], 1002],
    ['a compressed message inside a message', [hex('0181 <m> 61'), hex('c187 <m> f248cdc9c90700')], 1002],
    ['no bytes', [hex('c180 <m>')], 1007],
    ['garbage', [hex('c184 <m> ffffffff')], 1007],
    ['an end inside a block', [hex('c182 <m> f248')], 1007],
    ['a reference to an earlier message', [hex('c187 <m> f248cdc9c90700'), hex('c185 <m> f200110000')], 1007],
    ['text that is not UTF-8', [clientFrame(1, deflated(Buffer.from([0x61, 0x80])), RSV1)], 1007],
    ['text that ends inside a character', [clientFrame(1, deflated(Buffer.from([0xc3])), RSV1)], 1007],
    ['many final blocks', [clientFrame(1, Buffer.alloc(20_000, '0300', 'hex'), RSV1)], 1008],
  ] as const)('closes %s', async (_title, frames, code, options: object = { offer, perMessageDeflate: true }) => {
    const peer = new TestPeer(options)
    await peer.send(...frames.map((frame) => Buffer.from(frame)), clientFrame(1, 'late'))
    expect(peer.closes.map(([each]) => each)).toEqual([code])
    expect(peer.messages).not.toContain('late')
    const [[head, payload] = []] = framesOf(peer).slice(-1)
    expect([head, payload?.readUInt16BE(0)]).toEqual([0x88, code])
  })

  it('closes with 1009 what comes to more than a message may, and not a byte earlier', async () => {
    for (const chop of [1_000_000, 100, 7]) {
      const fits = deflatePeer({ maxPayloadBytes: 20_000 })
      await fits.send(Buffer.concat(inFragments(deflated(Buffer.alloc(20_000, 'x')), chop)))
      expect(fits.messages).toEqual(['x'.repeat(20_000)])
      const passes = deflatePeer({ maxPayloadBytes: 20_000 })
      await passes.send(Buffer.concat(inFragments(deflated(Buffer.alloc(20_001, 'x')), chop)))
      expect(passes.closes.map(([code]) => code)).toEqual([1009])
      expect(passes.messages).toEqual([])
    }
  })

  it('closes with 1009 a bomb in fragments, and sets no more aside than the limit', async () => {
    const bomb = Buffer.concat(inFragments(deflated(Buffer.alloc(10_000_000)), 100))
    expect(bomb.length).toBeLessThan(12_000)
    const peer = deflatePeer({ maxPayloadBytes: 100_000 })
    const before = process.memoryUsage().arrayBuffers
    await peer.send(bomb)
    expect(peer.closes.map(([code]) => code)).toEqual([1009])
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2_000_000)
  })

  it('counts the compressed bytes too', async () => {
    const peer = deflatePeer({ maxPayloadBytes: 1_000 })
    await peer.send(clientFrame(2, deflated(noise(2_000)), RSV1).subarray(0, 8))
    expect(peer.closes.map(([code]) => code)).toEqual([1009])
  })
})

describe('Connection, sending', () => {
  it('compresses from the threshold on', async () => {
    const peer = deflatePeer()
    const texts = [prose(1_023), prose(1_024), prose(70_000)]
    for (const text of texts) peer.connection.send(text)
    peer.connection.send(Buffer.from(prose(5_000)))
    await settled()
    expect(framesOf(peer).map(([head]) => head)).toEqual([0x81, 0xc1, 0x81, 0xc2])
    expect(await readBy(framesOf(peer), false)).toEqual([...texts, prose(5_000)])
  })

  it('does not where it is told not to', async () => {
    const peer = deflatePeer()
    peer.connection.send(prose(5_000), { compress: false })
    peer.connection.send(prose(5_000), { compress: true })
    await settled()
    expect(framesOf(peer).map(([head]) => head)).toEqual([0x81, 0xc1])
  })

  it('does not where nothing was agreed on', async () => {
    const peer = new TestPeer({ perMessageDeflate: true })
    peer.connection.send(prose(5_000), { compress: true })
    await settled()
    expect(framesOf(peer).map(([head]) => head)).toEqual([0x81])
  })

  it('compresses every message by itself', async () => {
    const peer = deflatePeer()
    for (let i = 0; i < 3; i++) peer.connection.send(prose(2_000))
    await settled()
    const frames = framesOf(peer)
    expect(frames.map(([, payload]) => farthestReference(payload).before)).toEqual([0, 0, 0])
    expect(new Set(frames.map(([, payload]) => payload.length)).size).toBe(1)
  })

  it('refers back to earlier messages where that was agreed on, past those that went out plain', async () => {
    const peer = deflatePeer({ perMessageDeflate: takeover })
    const texts = [prose(3_000), prose(3_000), prose(70_000), prose(3_000)]
    for (const text of texts) peer.connection.send(text)
    peer.connection.send(prose(3_000), { compress: false })
    peer.connection.send(noise(3_000))
    peer.connection.send(prose(3_000))
    await settled()
    const frames = framesOf(peer)
    expect(frames.map(([head]) => head)).toEqual([0xc1, 0xc1, 0x81, 0xc1, 0x81, 0x82, 0xc1])
    expect(frames[1]?.[1].length).toBeLessThan(100)
    expect(farthestReference(frames[1]?.[1] as Buffer).before).toBeGreaterThan(0)
    const heard = await readBy(frames, true)
    expect([...heard.slice(0, 5), heard[6]]).toEqual([...texts, prose(3_000), prose(3_000)])
  })

  it('takes references to earlier messages where that was agreed on', async () => {
    const peer = deflatePeer({ perMessageDeflate: takeover })
    await peer.send(hex('c187 <m> f248cdc9c90700'), clientFrame(1, 'plain'), hex('c185 <m> f200110000'))
    expect(peer.messages).toEqual(['Hello', 'plain', 'Hello'])
  })

  it.each([9, 12])('keeps to a window of %d bits over messages', async (bits) => {
    const peer = deflatePeer({
      perMessageDeflate: takeover,
      offer: `permessage-deflate; server_max_window_bits=${bits}`,
    })
    const texts = Array.from({ length: 30 }, (_, i) => `${i} ${prose(100 * i)}`)
    for (const text of texts) peer.connection.send(text)
    await settled()
    for (const [head, payload] of framesOf(peer)) {
      if (head === 0xc1) expect(farthestReference(payload).back).toBeLessThanOrEqual(1 << bits)
    }
    expect(await readBy(framesOf(peer), true, bits)).toEqual(texts)
  })

  it('has nothing to say to pings and to the close that is compressed', async () => {
    const peer = deflatePeer({ perMessageDeflate: { thresholdBytes: 0 } })
    await peer.send(clientFrame(9, 'x'.repeat(125)))
    peer.connection.ping()
    peer.connection.close(1000, 'x'.repeat(123))
    await settled()
    expect(framesOf(peer).map(([head]) => head)).toEqual([0x8a, 0x89, 0x88])
  })
})
