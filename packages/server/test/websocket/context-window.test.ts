import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ContextWindow } from '../../src/websocket/context-window.ts'

describe('ContextWindow', () => {
  it('keeps nothing before something is said', () => {
    const window = new ContextWindow(9)
    expect(window.bytes).toBeUndefined()
    window.push(Buffer.alloc(0))
    expect(window.bytes).toBeUndefined()
  })

  it('has the last bytes of all that was said', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 700 })), (pieces) => {
        const window = new ContextWindow(9)
        for (const piece of pieces) window.push(Buffer.from(piece))
        expect(Buffer.from(window.bytes ?? [])).toEqual(Buffer.concat(pieces).subarray(-512))
      }),
    )
  })
})
