import { describe, expect, it } from 'vitest'
import { Flush, type Writer } from '../src/flush.ts'

/** A writer that counts, and may do something while it writes. */
function writerThat(onFlush: () => void = () => {}): Writer & { flushes: number } {
  const writer = {
    marked: false,
    flushes: 0,
    flush() {
      writer.flushes++
      onFlush()
    },
  }
  return writer
}

const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('Flush', () => {
  it('writes everybody who was marked once, in the next turn', async () => {
    const flush = new Flush()
    const writers = [writerThat(), writerThat()]
    for (const writer of [...writers, ...writers]) flush.mark(writer)
    expect(writers.map(({ flushes }) => flushes)).toEqual([0, 0])
    await immediate()
    expect(writers.map(({ flushes }) => flushes)).toEqual([1, 1])
    await immediate()
    expect(writers.map(({ flushes }) => flushes)).toEqual([1, 1])
  })

  it('writes somebody again who is marked again later', async () => {
    const flush = new Flush()
    const writer = writerThat()
    flush.mark(writer)
    await immediate()
    flush.mark(writer)
    await immediate()
    expect(writer.flushes).toBe(2)
  })

  it('is forced when 256 reads have passed since it was asked for, and not earlier', () => {
    const flush = new Flush()
    const writer = writerThat()
    flush.mark(writer)
    for (let i = 0; i < 255; i++) flush.onRead()
    expect(writer.flushes).toBe(0)
    flush.onRead()
    expect(writer.flushes).toBe(1)
    expect(flush.maxReadsWaited).toBe(256)
  })

  it('counts reads from when it was asked for', () => {
    const flush = new Flush()
    const writer = writerThat()
    for (let i = 0; i < 1_000; i++) flush.onRead()
    flush.mark(writer)
    for (let i = 0; i < 255; i++) flush.onRead()
    expect(writer.flushes).toBe(0)
  })

  it('waits while it is held, and catches up with the next read or turn', async () => {
    const flush = new Flush()
    const writer = writerThat()
    flush.mark(writer)
    flush.hold()
    flush.hold()
    for (let i = 0; i < 300; i++) flush.onRead()
    flush.release()
    flush.now()
    expect(writer.flushes).toBe(0)
    flush.release()
    flush.onRead()
    expect(writer.flushes).toBe(1)
    flush.mark(writer)
    await immediate()
    expect(writer.flushes).toBe(2)
  })

  it('gives who is marked during the writing the next turn', async () => {
    const flush = new Flush()
    const second = writerThat()
    const first = writerThat(() => flush.mark(second))
    flush.mark(first)
    flush.now()
    expect(second.flushes).toBe(0)
    await immediate()
    expect(second.flushes).toBe(1)
  })

  it('gives who marks itself while it writes the next turn, too', async () => {
    const flush = new Flush()
    let left = 3
    const writer = writerThat(() => {
      if (--left > 0) flush.mark(writer)
    })
    flush.mark(writer)
    flush.now()
    expect(writer.flushes).toBe(1)
    await immediate()
    await immediate()
    expect(writer.flushes).toBe(3)
  })

  it('does not begin anew within itself', () => {
    const flush = new Flush()
    const second = writerThat()
    const first = writerThat(() => flush.now())
    flush.mark(first)
    flush.mark(second)
    flush.now()
    expect([first.flushes, second.flushes]).toEqual([1, 1])
  })

  it('serves 4,000 in one go and the others in the next turns, each once', async () => {
    const flush = new Flush()
    const writers = Array.from({ length: 8_500 }, () => writerThat())
    for (const writer of writers) flush.mark(writer)
    const served = (): number => writers.reduce((sum, { flushes }) => sum + flushes, 0)
    await immediate()
    expect(served()).toBe(4_000)
    await immediate()
    expect(served()).toBe(8_000)
    await immediate()
    expect(served()).toBe(8_500)
    expect(writers.every(({ flushes, marked }) => flushes === 1 && !marked)).toBe(true)
  })

  it('serves one slice a turn, too, when it was forced before', async () => {
    const flush = new Flush()
    const writers = Array.from({ length: 8_500 }, () => writerThat())
    for (const writer of writers) flush.mark(writer)
    const served = (): number => writers.reduce((sum, { flushes }) => sum + flushes, 0)
    for (let i = 0; i < 256; i++) flush.onRead()
    expect(served()).toBe(4_000)
    await immediate()
    expect(served()).toBe(8_000)
    await immediate()
    expect(served()).toBe(8_500)
  })

  it('says when a go is done', () => {
    const flush = new Flush()
    const order: string[] = []
    flush.onDone = () => order.push('done')
    flush.mark(writerThat(() => order.push('written')))
    flush.now()
    expect(order).toEqual(['written', 'done'])
  })
})
