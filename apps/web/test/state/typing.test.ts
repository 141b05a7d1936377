import { describe, expect, it } from 'vitest'
import {
  believeMs,
  expired,
  maySayTyping,
  nextExpiryMs,
  nobodyTyping,
  sayEveryMs,
  stopped,
  typed,
  typingWords,
} from '../../src/state/typing.ts'
import { ben, cleo } from './publications.ts'

const people = [ben, cleo, { id: 'd', name: 'Dora' }, { id: 'e', name: 'Emil' }]

describe('typing', () => {
  it.each([
    [0, ''],
    [1, 'Ben is typing…'],
    [2, 'Ben and Cleo are typing…'],
    [3, 'Ben, Cleo and Dora are typing…'],
    [4, 'Several people are typing…'],
  ])('of %i people is said in words', (count, words) => {
    expect(typingWords(people.slice(0, count).reduce((typing, one) => typed(typing, one, 0), nobodyTyping))).toBe(words)
  })

  it('expires by itself, and lasts when it is said again', () => {
    const typing = typed(typed(nobodyTyping, ben, 0), cleo, 1000)
    expect(nextExpiryMs(typing)).toBe(believeMs)
    expect(typingWords(expired(typing, believeMs))).toBe('Cleo is typing…')
    expect(typingWords(expired(typed(typing, ben, 3000), believeMs))).toBe('Ben and Cleo are typing…')
    expect(expired(typing, believeMs - 1)).toBe(typing)
    expect(nextExpiryMs(nobodyTyping)).toBeNull()
  })

  it('ends with the message, or when one leaves', () => {
    expect(stopped(typed(nobodyTyping, ben, 0), ben.id).size).toBe(0)
    expect(stopped(nobodyTyping, ben.id)).toBe(nobodyTyping)
  })

  it('is said now and then, often enough to be believed throughout', () => {
    expect(maySayTyping(null, 0)).toBe(true)
    expect(maySayTyping(0, sayEveryMs - 1)).toBe(false)
    expect(maySayTyping(0, sayEveryMs)).toBe(true)
    expect(2 * sayEveryMs).toBeLessThan(believeMs)
  })
})
