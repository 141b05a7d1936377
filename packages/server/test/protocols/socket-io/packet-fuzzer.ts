/** Messages that are nearly packets of Socket.IO. The same seed makes the same ones. */
export class PacketFuzzer {
  #state: number

  constructor(seed: number) {
    this.#state = seed || 1
  }

  message(): string | Buffer {
    const kind = this.#below(20)
    if (kind < 3) return Buffer.from(Array.from({ length: this.#below(9) }, () => this.#below(256)))
    if (kind === 3) return this.#noise(this.#below(40))
    const text = this.#packet()
    return kind < 12 ? text : this.#spoiled(text)
  }

  /** Mulberry32. */
  #below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }

  #one<T>(list: readonly T[]): T {
    return list[this.#below(list.length)] as T
  }

  #packet(): string {
    const type = this.#one(['0', '1', '2', '2', '2', '2', '2', '3', '3', '4', '5', '5', '6'])
    const count = type === '5' || type === '6' ? `${this.#below(4)}-` : ''
    const nsp = this.#one(['', '', '', '/', '/,', '/ops,', '/d1,', '/d2', '/none,', '/ops?x=1,'])
    const id = this.#one(['', '', '0', '7', '007', '9007199254740993', '9'.repeat(99), '9'.repeat(101)])
    return type + count + nsp + id + (type === '1' && this.#below(3) > 0 ? '' : this.#data(type))
  }

  #data(type: string): string {
    if (type === '0' || type === '4') return this.#one(['', '{}', '{"a":1}', '[]', 'null', '"x"'])
    const args = Array.from({ length: this.#below(4) }, () => this.#value(3))
    const name = this.#one(['"x"', '"x"', '7', '"connect"', '"disconnect"', '"__proto__"', '""', 'null'])
    return `[${(type === '3' || type === '6' ? args : [name, ...args]).join(',')}]`
  }

  #value(depth: number): string {
    const place = `{"_placeholder":true,"num":${this.#one(['0', '1', '2', '-1', '"0"', '1e9', 'null'])}}`
    const plain = this.#one(['1', '-0', '1e400', 'null', 'true', '"x"', '"\\u0000\\ud800"', '"é😀"', place, place])
    if (depth === 0) return plain
    return this.#one([
      plain,
      plain,
      `[${this.#value(depth - 1)},${this.#value(depth - 1)}]`,
      `{"a":${this.#value(depth - 1)},"__proto__":${this.#value(depth - 1)},"toJSON":1}`,
      '['.repeat(80) + ']'.repeat(80),
    ])
  }

  /** With a character taken out, doubled or changed. */
  #spoiled(text: string): string {
    const at = this.#below(text.length)
    const change = this.#one(['', text.charAt(at).repeat(2), this.#noise(1)])
    return text.slice(0, at) + change + text.slice(at + 1)
  }

  #noise(length: number): string {
    const characters = '012345678-/,[]{}":\\ \u001e\u0000é\ud800😀eE+.nt'
    return Array.from({ length }, () => characters.charAt(this.#below(characters.length))).join('')
  }
}
