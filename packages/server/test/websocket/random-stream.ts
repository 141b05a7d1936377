import { clientFrame } from './client-frame.ts'

/** Random numbers that come again with the same seed (mulberry32). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A whole number below `bound`. */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound
  }

  /** True once in `n` times. */
  once(n: number): boolean {
    return this.below(n) === 0
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T
  }
}

const CHARACTERS = [
  'a',
  'b',
  ' ',
  '"',
  '\0',
  '\x7f',
  'ä',
  '\u07ff',
  '\u0800',
  '€',
  '\ud7ff',
  '\uffff',
  '😀',
  '\u{10ffff}',
]
const SIZES = [0, 1, 2, 3, 7, 124, 125, 126, 127, 128, 300]
const LARGE_SIZES = [1_000, 65_535, 65_536, 70_000, 70_001]
const CODES = [1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999, 0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535]

/** What one client sends: a valid conversation, or one that was damaged. */
export function randomStream(random: Random): Buffer {
  const frames: Buffer[] = []
  for (let messages = random.below(5); messages > 0; messages--) frames.push(...randomMessage(random))
  if (random.once(3)) frames.push(randomClose(random))
  if (random.once(4)) frames.push(...randomMessage(random))
  if (random.once(8)) shuffleTwo(random, frames)
  let bytes: Buffer = Buffer.concat(frames)
  if (random.once(2)) for (let times = 1 + random.below(2); times > 0; times--) bytes = damaged(random, bytes)
  return bytes
}

/** The bytes in chunks: whole, one by one, or cut anywhere. Copies, because they are unmasked where they lie. */
export function randomChunks(random: Random, bytes: Buffer): Buffer[] {
  const most = random.pick([bytes.length, 1, 3, 20, 200, 70_000])
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.length > 5_000 ? Math.max(500, most) : 1 + random.below(most)
    chunks.push(Buffer.from(bytes.subarray(at, at + size)))
    at += size
  }
  return chunks
}

function randomMessage(random: Random): Buffer[] {
  const text = random.once(2)
  const payload = text ? randomText(random) : randomBytes(random)
  const frames: Buffer[] = []
  let at = 0
  let opcode = text ? 1 : 2
  for (let left = random.once(2) ? random.below(5) : 0; left > 0; left--) {
    const end = Math.min(payload.length, at + random.below(payload.length + 1))
    frames.push(randomFrame(random, opcode, payload.subarray(at, end), false))
    if (random.once(3)) frames.push(randomControl(random))
    at = end
    opcode = 0
  }
  frames.push(randomFrame(random, opcode, payload.subarray(at), true))
  if (random.once(3)) frames.push(randomControl(random))
  return frames
}

function randomText(random: Random): Buffer {
  const length = random.once(40) ? random.pick(LARGE_SIZES) : random.pick(SIZES)
  const ascii = random.once(2)
  let text = ''
  for (let i = 0; i < Math.min(length, 300); i++) text += ascii ? CHARACTERS[random.below(6)] : random.pick(CHARACTERS)
  const bytes = Buffer.from(length > 300 ? text.repeat(Math.ceil(length / 300)).slice(0, length) : text)
  if (bytes.length > 0 && random.once(8)) bytes[random.below(bytes.length)] = random.below(256)
  return bytes
}

function randomBytes(random: Random): Buffer {
  const bytes = Buffer.alloc(random.once(40) ? random.pick(LARGE_SIZES) : random.pick(SIZES))
  for (let i = 0; i < bytes.length; i += 1 + (i >> 4)) bytes[i] = random.below(256)
  return bytes
}

function randomControl(random: Random): Buffer {
  return randomFrame(random, random.pick([9, 10]), randomBytes(random).subarray(0, 125), true)
}

function randomClose(random: Random): Buffer {
  if (random.once(4)) return randomFrame(random, 8, Buffer.alloc(random.below(2)), true)
  const payload = Buffer.concat([Buffer.alloc(2), randomText(random).subarray(0, random.pick([0, 5, 122, 123]))])
  payload.writeUInt16BE(random.pick(CODES))
  return randomFrame(random, 8, payload, true)
}

function randomFrame(random: Random, opcode: number, payload: Buffer, fin: boolean): Buffer {
  const mask = Buffer.from([random.below(256), random.below(256), random.below(256), random.below(256)])
  if (random.once(10)) mask.fill(0)
  return clientFrame(opcode, payload, { fin, mask, ...(random.once(200) ? { form: 64 as const } : {}) })
}

function shuffleTwo(random: Random, frames: Buffer[]): void {
  if (frames.length < 2) return
  const [a, b] = [random.below(frames.length), random.below(frames.length)]
  ;[frames[a], frames[b]] = [frames[b] as Buffer, frames[a] as Buffer]
}

function damaged(random: Random, bytes: Buffer): Buffer {
  // Headers are where it hurts, and the first is always near the beginning.
  const at = random.below(random.once(2) ? Math.min(bytes.length + 1, 16) : bytes.length + 1)
  switch (random.below(5)) {
    case 0: {
      const flipped = Buffer.from(bytes)
      if (at < bytes.length) flipped[at] = (flipped[at] as number) ^ (1 << random.below(8))
      return flipped
    }
    case 1:
      return bytes.subarray(0, at)
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(4))])
    case 3:
      return Buffer.concat([bytes.subarray(0, at), randomBytes(random).subarray(0, 20), bytes.subarray(at)])
    default: {
      const replaced = Buffer.from(bytes)
      if (at < bytes.length) replaced[at] = random.below(256)
      return replaced
    }
  }
}
