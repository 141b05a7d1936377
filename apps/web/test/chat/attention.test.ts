import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { faviconOf, titleOf } from '../../src/chat/attention.ts'

describe('the tab', () => {
  it('carries the unread count in its title', () => {
    expect(titleOf('lobby', 0)).toBe('#lobby · Partyline')
    expect(titleOf('lobby', 12)).toBe('(12) #lobby · Partyline')
  })

  it.each([0, 1, 9, 10, 5000])('has a favicon for %i unread messages', (unread) => {
    expect(existsSync(new URL(`../../public/favicon/${faviconOf(unread)}`, import.meta.url))).toBe(true)
  })
})
