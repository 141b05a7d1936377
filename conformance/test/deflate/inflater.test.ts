import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { runs } from '../../../test/torture.ts'
import { BlockWriter } from '../../src/deflate/block-writer.ts'
import { Deflater } from '../../src/deflate/deflater.ts'
import { Inflater, tail } from '../../src/deflate/inflater.ts'
import { Random } from '../../src/random.ts'

const seed = Number(process.env.PARTYLINE_SEED ?? 1)

/** Runs of letters, copies of what was there, and noise. */
function mixedBytes(random: Random, count: number): Buffer {
  const bytes = random.bytes(count)
  for (let at = 0; at < count; ) {
    const length = Math.min(1 + random.below(400), count - at)
    const kind = random.below(3)
    if (kind === 0) bytes.fill(random.below(256), at, at + length)
    if (kind === 1 && at > 0) bytes.copy(bytes, at, random.below(at), at + length)
    at += length
  }
  return bytes
}

const hex = (digits: string) => Buffer.from(digits.replaceAll(' ', ''), 'hex')
const inflated = (message: Uint8Array, windowBits = 15) => new Inflater(windowBits, false).inflate(message)

describe('the inflater', () => {
  const strategies = [constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED, constants.Z_HUFFMAN_ONLY, constants.Z_RLE]
  test.each(strategies)(`reads what zlib writes with strategy %i, from seed ${seed}`, (strategy) => {
    const random = new Random(seed + strategy)
    for (let run = 0; run < runs(60, 3000); run++) {
      const payload = mixedBytes(random, random.below(2 ** random.below(18)))
      const windowBits = 9 + random.below(7)
      const options = { strategy, windowBits, level: random.below(10), memLevel: 1 + random.below(9) }
      const message = deflateRawSync(payload, { ...options, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
      expect(inflated(message, windowBits).equals(payload), `run ${run}`).toBe(true)
      const final = Buffer.concat([deflateRawSync(payload, options), Buffer.of(0)])
      expect(inflated(final, windowBits).equals(payload), `final block, run ${run}`).toBe(true)
    }
  })

  test(`reads messages that refer to earlier ones, from seed ${seed}`, () => {
    const random = new Random(seed)
    for (let windowBits = 9; windowBits <= 15; windowBits++) {
      const deflater = new Deflater(windowBits, true)
      const inflater = new Inflater(windowBits, true)
      for (let run = 0; run < runs(20, 500); run++) {
        const payload = mixedBytes(random, random.below(6000))
        expect(inflater.inflate(deflater.compress(payload)).equals(payload), `${windowBits} bits, run ${run}`).toBe(
          true,
        )
      }
    }
  })

  test('reads what is written by hand, as zlib does', () => {
    const written = new BlockWriter().stored(Buffer.from('abcdef')).fixed().literal(0x67)
    for (const [length, distance] of [3, 4, 10].flatMap((length) => [1, 2, 4, 5, 6, 7].map((back) => [length, back])))
      written.match(length as number, distance as number)
    const message = written.end().message()
    const { finishFlush } = { finishFlush: constants.Z_SYNC_FLUSH }
    expect(inflated(message)).toEqual(inflateRawSync(Buffer.concat([message, tail]), { finishFlush }))
  })

  test.each([
    ['f2 48 cd c9 c9 07 00', 'Hello'],
    ['00 05 00 fa ff 48 65 6c 6c 6f 00', 'Hello'],
    ['f3 48 cd c9 c9 07 00 00', 'Hello'],
    ['f2 48 05 00 00 00 ff ff ca c9 c9 07 00', 'Hello'],
    ['00', ''],
  ])('reads the example %s of RFC 7692', (message, text) => {
    expect(inflated(hex(message)).toString()).toBe(text)
  })

  test('lets a match reach to the end of the window, and no further', () => {
    for (let windowBits = 8; windowBits <= 15; windowBits++) {
      const windowBytes = 2 ** windowBits
      const reaching = (distance: number) =>
        new BlockWriter()
          .stored(Buffer.alloc(windowBytes + 9, 'x'))
          .fixed()
          .match(3, distance)
          .end()
          .message()
      expect(inflated(reaching(windowBytes), windowBits)).toHaveLength(windowBytes + 12)
      if (windowBits === 15) continue
      expect(() => inflated(reaching(windowBytes + 1), windowBits)).toThrow(`in a window of ${windowBytes}`)
    }
  })

  test('lets no match reach into an earlier message without takeover', () => {
    const inflater = new Inflater(15, false)
    inflater.inflate(hex('f2 48 cd c9 c9 07 00'))
    expect(() => inflater.inflate(hex('f2 00 11 00 00'))).toThrow('only 1 may be referred to')
  })

  test.each([
    ['', 'head of a block'],
    ['f2 48', 'head of a block'],
    ['ff ff ff ff', 'reserved type 3'],
    ['00 05 00 fa fe 48 65 6c 6c 6f 00', 'do not match'],
    ['00 06 00 f9 ff 48', 'inside a stored block'],
    ['00 05 00 fa ff 48', 'ends inside a block'],
    ['f2 48 cd c9 c9 07', 'head of a block'],
  ])('refuses %s', (message, fault) => {
    expect(() => inflated(hex(message))).toThrow(fault)
  })

  test(`never takes broken bytes for whole ones where zlib does not, from seed ${seed}`, () => {
    const random = new Random(seed)
    let refused = 0
    for (let run = 0; run < runs(2000, 100_000); run++) {
      const message = Buffer.from(new Deflater(15, false).compress(mixedBytes(random, 1 + random.below(300))))
      const at = random.below(message.length)
      message[at] = (message[at] as number) ^ (1 << random.below(8))
      let ours: Buffer
      try {
        ours = inflated(message)
      } catch {
        refused++
        continue
      }
      const theirs = inflateRawSync(Buffer.concat([message, tail]), { finishFlush: constants.Z_SYNC_FLUSH })
      expect(ours.subarray(0, theirs.length).equals(theirs), `run ${run}: ${message.toString('hex')}`).toBe(true)
    }
    expect(refused).toBeGreaterThan(0)
  })
})
