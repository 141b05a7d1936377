/** The last bytes of all that was said one way: what a message may refer back to where the context is taken over. */
export class ContextWindow {
  readonly #size: number
  #bytes: Buffer | undefined
  #length = 0

  constructor(windowBits: number) {
    this.#size = 1 << windowBits
  }

  /** Lent until the next {@link push}; undefined while nothing was said. */
  get bytes(): Buffer | undefined {
    return this.#bytes?.subarray(0, this.#length)
  }

  push(data: Buffer): void {
    const taken = data.length > this.#size ? data.subarray(data.length - this.#size) : data
    if (taken.length === 0) return
    this.#bytes ??= Buffer.allocUnsafeSlow(this.#size)
    const kept = Math.min(this.#length, this.#size - taken.length)
    this.#bytes.copyWithin(0, this.#length - kept, this.#length)
    taken.copy(this.#bytes, kept)
    this.#length = kept + taken.length
  }
}
