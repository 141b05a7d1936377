import { describe, expect, it } from 'vitest'
import { coalesced } from '../../src/hub/frames.ts'

describe('frames for one write', () => {
  it('are the frame itself where there is one, without a copy', () => {
    const frame = Buffer.from('one')
    expect(coalesced([frame])[0]).toBe(frame)
  })

  it.each([
    ['small ones together', [3, 4, 5], [12]],
    ['large ones as they are', [20_000, 30_000], [20_000, 30_000]],
    ['small ones between large ones together', [20_000, 3, 4, 30_000, 5], [20_000, 7, 30_000, 5]],
    ['what is just small', [16_384, 16_384], [32_768]],
  ])('are %s', (_title, sizes, together) => {
    const frames = sizes.map((size, i) => Buffer.alloc(size, 65 + i))
    const buffers = coalesced(frames.slice())
    expect(buffers.map(({ length }) => length)).toEqual(together)
    expect(Buffer.concat(buffers).equals(Buffer.concat(frames))).toBe(true)
    for (const buffer of buffers) if (sizes.includes(buffer.length)) expect(frames).toContain(buffer)
  })
})
