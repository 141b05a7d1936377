import { describe, expect, it } from 'vitest'
import { textLog } from '../src/log.ts'
import { paintFor } from '../src/paint.ts'

function textLogOf(isTTY: boolean, environment = {}) {
  const lines: string[] = []
  return { log: textLog((line) => lines.push(line), paintFor({ isTTY }, environment)), lines }
}

describe('the log for people', () => {
  it.each([
    ['a line end', 'a\nb\r\nc', 'a\\u000ab\\u000d\\u000ac'],
    ['an escape of a terminal', '\u001b[31mred\u001b[0m', 'red'],
    ['half an escape', 'a\u001bb\u009b', 'a\\u001bb\\u009b'],
    ['a change of direction', 'a\u202eb', 'a\\u202eb'],
    ['a separator of lines', 'a\u2028b', 'a\\u2028b'],
  ])('X5: writes one plain line for %s', (_, text, shown) => {
    const { log, lines } = textLogOf(false)
    log.warn({}, text)
    expect(lines).toEqual([`warning ${shown}\n`])
  })

  it('X5: cuts what is long', () => {
    const { log, lines } = textLogOf(false)
    log.warn({}, 'x'.repeat(1_000_000))
    expect(lines.join('').length).toBeLessThan(1_100)
  })

  it('names the reason of an error without its stack', () => {
    const { log, lines } = textLogOf(false)
    log.error({ error: 'Error: no such file\n    at open (file.js:1:1)' }, 'a1b2: a message failed')
    expect(lines).toEqual(['error a1b2: a message failed: Error: no such file\n'])
  })

  it.each([
    [true, {}, true],
    [true, { NO_COLOR: '' }, true],
    [true, { NO_COLOR: '1' }, false],
    [true, { TERM: 'dumb' }, false],
    [false, {}, false],
  ])('on a terminal (%s) with %j has colours: %s', (isTTY, environment, hasColours) => {
    const { log, lines } = textLogOf(isTTY, environment)
    log.warn({}, 'hot')
    expect(lines.join('').includes('\u001b')).toBe(hasColours)
  })
})
