import { describe, expect, it } from 'vitest'
import { helpText } from '../src/help-text.ts'

describe('the help', () => {
  it('names an address for each family of clients', () => {
    for (const text of ['Socket.IO', 'http://localhost:8080', 'ws://localhost:8080', 'http://localhost:8080/api']) {
      expect(helpText).toContain(text)
    }
  })

  it('fits a terminal of 80 columns', () => {
    for (const line of helpText.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
  })
})
