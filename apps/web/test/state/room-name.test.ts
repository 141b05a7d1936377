import { describe, expect, it } from 'vitest'
import { hashOfRoom, roomNameOf, roomOfHash } from '../../src/state/room-name.ts'

describe('the name of a room', () => {
  it.each([
    ['lobby', 'lobby'],
    [' #lobby ', 'lobby'],
    ['demo:games', 'demo:games'],
    ['x'.repeat(256), 'x'.repeat(256)],
    ['ü'.repeat(128), 'ü'.repeat(128)],
  ])('is read from %j', (written, name) => {
    expect(roomNameOf(written)).toBe(name)
  })

  it.each(['', '  ', '#', 'a\u0000b', 'a\nb', 'x'.repeat(257), 'ü'.repeat(129), 'a\ud800'])('is not %j', (written) => {
    expect(roomNameOf(written)).toBeNull()
  })

  it.each(['lobby', 'demo:games', 'demo:a b/c?d#e', 'demo:größe%'])(
    '%s goes into the address and comes back',
    (name) => {
      expect(roomOfHash(hashOfRoom(name))).toBe(name)
    },
  )

  it('is readable in the address', () => {
    expect(hashOfRoom('demo:games')).toBe('#demo:games')
  })

  it('is none where the address is malformed', () => {
    expect(roomOfHash('#%zz')).toBeNull()
    expect(roomOfHash('')).toBeNull()
  })
})
