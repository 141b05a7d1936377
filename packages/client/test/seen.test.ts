import type { PublicationPacket } from '@partyline/protocol'
import { describe, expect, it } from 'vitest'
import { Seen } from '../src/seen.ts'

function publication(seq: number, more: Partial<PublicationPacket> = {}): PublicationPacket {
  return { kind: 'publication', room: 'a', event: 'message', seq, from: null, at: 1, args: [], ...more }
}

describe('Seen', () => {
  it('knows a publication again in another room', () => {
    const seen = new Seen()
    seen.add(publication(1))
    expect(seen.has(publication(1, { room: 'b' }), true)).toBe(true)
    expect(seen.has(publication(2), true)).toBe(false)
  })

  it.each([{ at: 2 }, { event: 'other' }, { from: { id: 'ada', name: 'Ada' } }])(
    'knows it from another one by %j',
    (more) => {
      const seen = new Seen()
      seen.add(publication(1))
      expect(seen.has(publication(1, more), true)).toBe(false)
    },
  )

  it('tells what came before a replay from what comes in it', () => {
    const seen = new Seen()
    seen.add(publication(1))
    expect(seen.has(publication(1), false)).toBe(false)
    seen.turn()
    seen.add(publication(2))
    expect(seen.has(publication(1), false)).toBe(true)
    expect(seen.has(publication(2), false)).toBe(false)
    expect(seen.has(publication(2), true)).toBe(true)
  })

  it('forgets the oldest', () => {
    const seen = new Seen()
    for (let seq = 0; seq <= 4096; seq++) seen.add(publication(seq))
    expect(seen.has(publication(0), true)).toBe(false)
    expect(seen.has(publication(1), true)).toBe(true)
    expect(seen.has(publication(4096), true)).toBe(true)
  })
})
