import { FAST_BITS, fixedDistanceCode, fixedLiteralCode, HuffmanCode, InflateFault } from './huffman.ts'

/** RFC 7692 §7.2.1: what a sender cuts off from the end of every message. */
export const tail = Buffer.from('0000ffff', 'hex')

const fastMask = (1 << FAST_BITS) - 1
const endOfBlock = 256
const tooLongBytes = 512 * 1_048_576

/** RFC 1951 §3.2.5: the shortest length of each code from 257 on, and the bits that are added to it; the same for distances. */
const lengthBits = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5]
const lengthBases = [...running(lengthBits, 3), 258]
const distanceBits = Array.from({ length: 30 }, (_, code) => Math.max(0, (code >> 1) - 1))
const distanceBases = running(distanceBits, 1)
const lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

function running(bits: readonly number[], start: number): number[] {
  let next = start
  return bits.map((count) => {
    const base = next
    next += 1 << count
    return base
  })
}

/**
 * Reads the server's compressed messages with the window and the takeover that were agreed, not more: a match that reaches further
 * back is a fault, which zlib would not notice as long as it still has the bytes. What a message is made of is checked to its last
 * bit. It is our own also because a second opinion about a server on zlib should not come from zlib.
 */
export class Inflater {
  readonly #windowBytes: number
  readonly #keepsContext: boolean
  #history: Buffer = Buffer.alloc(0)

  constructor(windowBits: number, keepsContext: boolean) {
    this.#windowBytes = 1 << windowBits
    this.#keepsContext = keepsContext
  }

  /** The message behind these bytes, which have no tail. Throws an `InflateFault`. */
  inflate(compressed: Uint8Array): Buffer {
    const inflation = new Inflation(Buffer.concat([compressed, tail]), this.#history, this.#windowBytes)
    const output = inflation.run()
    if (this.#keepsContext) this.#history = Buffer.from(output.subarray(-this.#windowBytes))
    return output.subarray(inflation.historyBytes)
  }
}

/** One message being inflated. */
class Inflation {
  readonly historyBytes: number
  readonly #input: Buffer
  readonly #windowBytes: number
  #at = 0
  #bits = 0
  #bitCount = 0
  #output: Buffer
  #size: number

  constructor(input: Buffer, history: Buffer, windowBytes: number) {
    this.#input = input
    this.#windowBytes = windowBytes
    this.historyBytes = history.length
    this.#output = Buffer.allocUnsafe(history.length + Math.max(1024, input.length * 6))
    this.#size = history.copy(this.#output)
  }

  /** History and message. The last block has to be the empty one that the tail belongs to (RFC 7692 §7.2.2). */
  run(): Buffer {
    let isTail = false
    while (this.#at < this.#input.length || this.#bitCount >= 8) isTail = this.#block()
    if (!isTail) throw new InflateFault('the message ends inside a block')
    return this.#output.subarray(0, this.#size)
  }

  /** True when the block was the one of the tail. */
  #block(): boolean {
    const isFinal = this.#take(1) === 1
    const type = this.#take(2)
    if (type === 3) throw new InflateFault('a block has the reserved type 3')
    let isTail = false
    if (type === 0) isTail = this.#stored() && this.#at === this.#input.length
    else if (type === 1) this.#compressed(fixedLiteralCode, fixedDistanceCode)
    else this.#compressed(...this.#dynamicCodes())
    // Behind a final block the next one starts with a byte (RFC 7692 §7.2.3.4).
    if (isFinal) this.#align()
    return isTail
  }

  /** RFC 1951 §3.2.4. True when it was empty. */
  #stored(): boolean {
    this.#align()
    if (this.#at + 4 > this.#input.length) throw new InflateFault('the message ends inside the head of a block')
    const length = this.#input.readUInt16LE(this.#at)
    if ((length ^ 0xffff) !== this.#input.readUInt16LE(this.#at + 2))
      throw new InflateFault('the lengths of a stored block do not match')
    this.#at += 4
    if (this.#at + length > this.#input.length) throw new InflateFault('the message ends inside a stored block')
    this.#reserve(length)
    this.#input.copy(this.#output, this.#size, this.#at, this.#at + length)
    this.#at += length
    this.#size += length
    return length === 0
  }

  /** RFC 1951 §3.2.7. */
  #dynamicCodes(): [HuffmanCode, HuffmanCode] {
    const literals = this.#take(5) + 257
    const distances = this.#take(5) + 1
    const count = this.#take(4) + 4
    if (literals > 286 || distances > 30) throw new InflateFault('a block has too many codes')
    const ordered = new Uint8Array(19)
    for (let index = 0; index < count; index++) ordered[lengthOrder[index] as number] = this.#take(3)
    const lengths = this.#codeLengths(new HuffmanCode(ordered, 'length'), literals + distances)
    if (lengths[endOfBlock] === 0) throw new InflateFault('a block has no code for its end')
    return [
      new HuffmanCode(lengths.subarray(0, literals), 'literal', true),
      new HuffmanCode(lengths.subarray(literals), 'distance', true),
    ]
  }

  #codeLengths(code: HuffmanCode, count: number): Uint8Array {
    const lengths = new Uint8Array(count)
    for (let at = 0; at < count; ) {
      const symbol = this.#symbol(code)
      if (symbol < 16) {
        lengths[at++] = symbol
        continue
      }
      if (symbol === 16 && at === 0) throw new InflateFault('a block repeats a code length before the first')
      const repeated = symbol === 16 ? (lengths[at - 1] as number) : 0
      const times = symbol === 16 ? 3 + this.#take(2) : symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7)
      if (at + times > count) throw new InflateFault('a block has too many code lengths')
      lengths.fill(repeated, at, at + times)
      at += times
    }
    return lengths
  }

  /** RFC 1951 §3.2.5. */
  #compressed(literalCode: HuffmanCode, distanceCode: HuffmanCode): void {
    for (;;) {
      const symbol = this.#symbol(literalCode)
      if (symbol < endOfBlock) {
        if (this.#size === this.#output.length) this.#reserve(1)
        this.#output[this.#size++] = symbol
        continue
      }
      if (symbol === endOfBlock) return
      const base = lengthBases[symbol - 257]
      if (base === undefined) throw new InflateFault(`a block uses the reserved length code ${symbol}`)
      const length = base + this.#take(lengthBits[symbol - 257] ?? 0)
      const distanceSymbol = this.#symbol(distanceCode)
      const distanceBase = distanceBases[distanceSymbol]
      if (distanceBase === undefined)
        throw new InflateFault(`a block uses the reserved distance code ${distanceSymbol}`)
      this.#match(length, distanceBase + this.#take(distanceBits[distanceSymbol] as number))
    }
  }

  #match(length: number, distance: number): void {
    if (distance > this.#windowBytes)
      throw new InflateFault(`a match reaches back ${distance} bytes, in a window of ${this.#windowBytes}`)
    if (distance > this.#size)
      throw new InflateFault(`a match reaches back ${distance} bytes, where only ${this.#size} may be referred to`)
    this.#reserve(length)
    const output = this.#output
    let size = this.#size
    if (distance === 1) output.fill(output[size - 1] as number, size, size + length)
    else if (distance >= length && length > 32) output.copyWithin(size, size - distance, size - distance + length)
    else for (const end = size + length; size < end; size++) output[size] = output[size - distance] as number
    this.#size += length
  }

  #reserve(more: number): void {
    const needed = this.#size + more
    if (needed <= this.#output.length) return
    if (needed > tooLongBytes) throw new InflateFault(`the message is longer than ${tooLongBytes} bytes`)
    const larger = Buffer.allocUnsafe(needed * 2)
    this.#output.copy(larger, 0, 0, this.#size)
    this.#output = larger
  }

  #fill(): void {
    while (this.#bitCount <= 23 && this.#at < this.#input.length) {
      this.#bits |= (this.#input[this.#at++] as number) << this.#bitCount
      this.#bitCount += 8
    }
  }

  #take(count: number): number {
    if (count === 0) return 0
    if (this.#bitCount < count) this.#fill()
    if (this.#bitCount < count) throw new InflateFault('the message ends inside a block')
    const value = this.#bits & ((1 << count) - 1)
    this.#bits >>>= count
    this.#bitCount -= count
    return value
  }

  #symbol(code: HuffmanCode): number {
    if (this.#bitCount < 15) this.#fill()
    const entry = (code.fast[this.#bits & fastMask] as number) || code.slow(this.#bits, this.#bitCount)
    const length = entry & 15
    if (length === 0 || length > this.#bitCount) {
      const isCut = this.#bitCount < 15 && this.#at === this.#input.length
      throw new InflateFault(isCut ? 'the message ends inside a block' : 'a block uses a code that is none')
    }
    this.#bits >>>= length
    this.#bitCount -= length
    return entry >>> 4
  }

  /** Drops what is left of a byte, and gives back the whole ones. */
  #align(): void {
    this.#at -= this.#bitCount >> 3
    this.#bits = 0
    this.#bitCount = 0
  }
}
