/**
 * The heights of a long column of rows, and the sums over them: a Fenwick tree, so that a row that is added, or turns out
 * to be higher than was thought, costs log n and not n.
 */
export class Heights {
  #heights: number[] = []
  /** From 1; each holds the sum of as many heights before it as its lowest bit says. */
  #sums: number[] = [0]

  get length(): number {
    return this.#heights.length
  }

  get total(): number {
    return this.offsetOf(this.length)
  }

  at(index: number): number {
    return this.#heights[index] ?? 0
  }

  push(height: number): void {
    this.#heights.push(height)
    const at = this.#heights.length
    let sum = height
    for (let part = 1; part < lowestBit(at); part *= 2) sum += this.#sums[at - part] ?? 0
    this.#sums.push(sum)
  }

  truncate(length: number): void {
    this.#heights.length = length
    this.#sums.length = length + 1
  }

  set(index: number, height: number): void {
    const change = height - this.at(index)
    this.#heights[index] = height
    for (let at = index + 1; at < this.#sums.length; at += lowestBit(at))
      this.#sums[at] = (this.#sums[at] ?? 0) + change
  }

  /** Where the row begins: the sum of all heights before it. */
  offsetOf(index: number): number {
    let sum = 0
    for (let at = Math.min(index, this.length); at > 0; at -= lowestBit(at)) sum += this.#sums[at] ?? 0
    return sum
  }

  /** The row at an offset: the last one that begins at or above it, 0 for what is above all. */
  indexAt(offset: number): number {
    let index = 0
    let left = offset
    for (let step = 2 ** Math.floor(Math.log2(this.length || 1)); step > 0; step = step >> 1) {
      const sum = this.#sums[index + step]
      if (sum === undefined || sum > left) continue
      index += step
      left -= sum
    }
    return Math.min(index, Math.max(0, this.length - 1))
  }
}

function lowestBit(value: number): number {
  return value & -value
}
