/** Reads a deflate stream bit by bit (RFC 1951), only to see how far back it refers. */
class Bits {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length * 8 - this.#at
  }

  take(count: number): number {
    let value = 0
    for (let i = 0; i < count; i++, this.#at++) {
      value |= (((this.#bytes[this.#at >> 3] ?? 0) >> (this.#at & 7)) & 1) << i
    }
    return value
  }

  skipToByte(): void {
    this.#at = (this.#at + 7) & ~7
  }
}

/** A Huffman code: `length/code` → symbol (section 3.2.2). */
function codeOf(lengths: readonly number[]): Map<string, number> {
  const code = new Map<string, number>()
  let next = 0
  for (let length = 1; length <= 15; length++, next *= 2) {
    for (const [symbol, each] of lengths.entries()) if (each === length) code.set(`${length}/${next++}`, symbol)
  }
  return code
}

function symbolOf(bits: Bits, code: Map<string, number>): number {
  for (let length = 1, value = 0; length <= 15; length++) {
    value = value * 2 + bits.take(1)
    const symbol = code.get(`${length}/${value}`)
    if (symbol !== undefined) return symbol
  }
  throw new Error('no such code')
}

/** Extra bits and base of a length symbol from 257 on, and of a distance symbol (section 3.2.5). */
function lengthOf(bits: Bits, symbol: number): number {
  if (symbol === 285) return 258
  const extra = symbol < 265 ? 0 : (symbol - 261) >> 2
  const base = symbol < 265 ? symbol - 254 : ((4 + ((symbol - 265) & 3)) << extra) + 3
  return base + bits.take(extra)
}

function distanceOf(bits: Bits, symbol: number): number {
  const extra = symbol < 4 ? 0 : (symbol - 2) >> 1
  const base = symbol < 4 ? symbol + 1 : ((2 + (symbol & 1)) << extra) + 1
  return base + bits.take(extra)
}

const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

function dynamicCodes(bits: Bits): [Map<string, number>, Map<string, number>] {
  const literals = bits.take(5) + 257
  const distances = bits.take(5) + 1
  const counts = bits.take(4) + 4
  const codeLengths = Array<number>(19).fill(0)
  for (const place of ORDER.slice(0, counts)) codeLengths[place] = bits.take(3)
  const code = codeOf(codeLengths)
  const lengths: number[] = []
  while (lengths.length < literals + distances) {
    const symbol = symbolOf(bits, code)
    if (symbol < 16) lengths.push(symbol)
    else if (symbol === 16) lengths.push(...Array<number>(bits.take(2) + 3).fill(lengths.at(-1) ?? 0))
    else lengths.push(...Array<number>(symbol === 17 ? bits.take(3) + 3 : bits.take(7) + 11).fill(0))
  }
  return [codeOf(lengths.slice(0, literals)), codeOf(lengths.slice(literals))]
}

const fixedLiterals = codeOf(Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8)))
const fixedDistances = codeOf(Array<number>(30).fill(5))

/** How far a message refers back at most, and how far before its own beginning. */
export function farthestReference(message: Uint8Array): { back: number; before: number } {
  const bits = new Bits(message)
  let size = 0
  let back = 0
  let before = 0
  while (bits.left > 3) {
    bits.take(1)
    const kind = bits.take(2)
    if (kind === 0) {
      bits.skipToByte()
      // Of the last block the length has been cut off.
      if (bits.left < 32) break
      const length = bits.take(16)
      bits.take(16 + 8 * length)
      size += length
      continue
    }
    const [literals, distances] = kind === 1 ? [fixedLiterals, fixedDistances] : dynamicCodes(bits)
    for (let symbol = symbolOf(bits, literals); symbol !== 256; symbol = symbolOf(bits, literals)) {
      if (symbol < 256) size++
      else {
        const length = lengthOf(bits, symbol)
        const distance = distanceOf(bits, symbolOf(bits, distances))
        back = Math.max(back, distance)
        before = Math.max(before, distance - size)
        size += length
      }
    }
  }
  return { back, before }
}
