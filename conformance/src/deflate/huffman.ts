/** What is wrong with compressed data. */
export class InflateFault extends Error {}

/** Codes up to this length are looked up in one step. */
export const FAST_BITS = 10
const MAX_BITS = 15

/**
 * The canonical code of RFC 1951 §3.2.2, for reading. `fast` holds at each value of the next bits `symbol << 4 | length`, or 0
 * where the code is longer than `FAST_BITS`: then `slow` walks it bit by bit.
 */
export class HuffmanCode {
  readonly fast = new Uint16Array(1 << FAST_BITS)
  readonly #counts = new Uint16Array(MAX_BITS + 1)
  readonly #symbols: Uint16Array

  /** `isPartial`: a code of one single symbol may leave bit patterns unused, as a distance code does (§3.2.7). */
  constructor(lengths: Uint8Array, name: string, isPartial = false) {
    this.#symbols = new Uint16Array(lengths.length)
    for (const length of lengths) this.#counts[length] = (this.#counts[length] as number) + 1
    const used = lengths.length - (this.#counts[0] as number)
    this.#counts[0] = 0
    const free = this.#freePatterns()
    if (free < 0) throw new InflateFault(`the ${name} code has more symbols than patterns`)
    const isSingle = used === 0 || (used === 1 && this.#counts[1] === 1)
    if (free > 0 && !(isPartial && isSingle)) throw new InflateFault(`the ${name} code leaves patterns unused`)
    this.#fill(lengths)
  }

  /** Of the patterns of 15 bits, how many no symbol has; below 0 when there are too few. */
  #freePatterns(): number {
    let free = 1
    for (let length = 1; length <= MAX_BITS; length++) {
      free = free * 2 - (this.#counts[length] as number)
      if (free < 0) return free
    }
    return free
  }

  #fill(lengths: Uint8Array): void {
    const codes = new Uint16Array(MAX_BITS + 2)
    const places = new Uint16Array(MAX_BITS + 2)
    for (let length = 1; length <= MAX_BITS; length++) {
      const count = this.#counts[length] as number
      codes[length + 1] = ((codes[length] as number) + count) << 1
      places[length + 1] = (places[length] as number) + count
    }
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      const length = lengths[symbol] as number
      if (length === 0) continue
      this.#symbols[places[length] as number] = symbol
      places[length] = (places[length] as number) + 1
      const code = codes[length] as number
      codes[length] = code + 1
      if (length > FAST_BITS) continue
      // Codes are packed starting with their most significant bit, everything else with its least (§3.1.1).
      for (let at = reversed(code, length); at < this.fast.length; at += 1 << length)
        this.fast[at] = (symbol << 4) | length
    }
  }

  /** The code at the low end of these bits as `symbol << 4 | length`, or 0 when it is none of at most `count` bits. */
  slow(bits: number, count: number): number {
    let code = 0
    let first = 0
    let place = 0
    for (let length = 1; length <= Math.min(MAX_BITS, count); length++) {
      code |= (bits >>> (length - 1)) & 1
      const here = this.#counts[length] as number
      if (code - first < here) return ((this.#symbols[place + code - first] as number) << 4) | length
      place += here
      first = (first + here) << 1
      code <<= 1
    }
    return 0
  }
}

function reversed(code: number, length: number): number {
  let result = 0
  for (let bit = 0; bit < length; bit++) result |= ((code >>> bit) & 1) << (length - 1 - bit)
  return result
}

/** The fixed codes of RFC 1951 §3.2.6. */
export const fixedLiteralCode = new HuffmanCode(
  Uint8Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8)),
  'fixed literal',
)
export const fixedDistanceCode = new HuffmanCode(new Uint8Array(32).fill(5), 'fixed distance')
