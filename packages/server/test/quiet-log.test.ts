import { expect, it } from 'vitest'
import { QuietLog } from '../src/quiet-log.ts'
import { StillClock } from './suites/still-clock.ts'

it('tells one line in ten seconds, and how many went before it', () => {
  const clock = new StillClock()
  const told: [string, number][] = []
  const log = new QuietLog(clock, (text, untold) => told.push([text, untold]))
  for (const text of ['a', 'b', 'c', 'd']) log.tell(text)
  clock.pass(9_999)
  log.tell('e')
  clock.pass(1)
  log.tell('f')
  log.tell('g')
  clock.pass(10_000)
  log.tell('h')
  expect(told).toEqual([
    ['a', 0],
    ['f', 4],
    ['h', 1],
  ])
})
