/** Writes DEFLATE by hand, for what no compressor would say (RFC 1951 §3.2). */
export class BlockWriter {
  readonly #bytes: number[] = []
  #byte = 0
  #bitCount = 0

  /** A stored block, at most 65,535 bytes. */
  stored(bytes: Uint8Array): this {
    this.#bits(0, 3)
    this.#align()
    this.#bytes.push(
      bytes.length & 0xff,
      bytes.length >> 8,
      ~bytes.length & 0xff,
      (~bytes.length >> 8) & 0xff,
      ...bytes,
    )
    return this
  }

  /** Starts a block with the fixed codes. */
  fixed(): this {
    return this.#bits(0b010, 3)
  }

  /** A byte below 144: longer codes are not needed here. */
  literal(byte: number): this {
    return this.#code(0x30 + byte, 8)
  }

  /** Three to ten bytes from so far back. */
  match(length: number, distance: number): this {
    this.#code(length - 2, 7)
    if (distance <= 4) return this.#code(distance - 1, 5)
    const extraBits = Math.floor(Math.log2(distance - 1)) - 1
    const offset = distance - 1 - (2 << extraBits)
    this.#code(extraBits * 2 + 2 + (offset >> extraBits), 5)
    return this.#bits(offset & ((1 << extraBits) - 1), extraBits)
  }

  end(): this {
    return this.#code(0, 7)
  }

  /** All of it, and the head of the empty block whose other bytes a message leaves out. */
  message(): Buffer {
    this.#bits(0, 3)
    this.#align()
    return Buffer.from(this.#bytes)
  }

  /** A Huffman code: its most significant bit goes first. */
  #code(code: number, count: number): this {
    for (let bit = count - 1; bit >= 0; bit--) this.#bits((code >> bit) & 1, 1)
    return this
  }

  #bits(value: number, count: number): this {
    for (let bit = 0; bit < count; bit++) {
      this.#byte |= ((value >> bit) & 1) << this.#bitCount++
      if (this.#bitCount === 8) this.#align()
    }
    return this
  }

  #align(): void {
    if (this.#bitCount === 0) return
    this.#bytes.push(this.#byte)
    this.#byte = 0
    this.#bitCount = 0
  }
}
