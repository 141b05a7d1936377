import { expect, test } from 'vitest'

type Rounds = { rounds: object[] }
interface Floor {
  what: string
  ratio?: number
  floor?: boolean
  goal?: boolean
}
interface FloorsModule {
  checkFloors(results: object[]): Floor[]
}
interface StatisticsModule {
  median(values: number[]): number
  medianRatio(over?: Rounds, under?: Rounds, figureOf?: (round: never) => number): number | undefined
  slope(points: [number, number][]): number
}

const folder = '../lib'
const { checkFloors } = (await import(`${folder}/floors.mjs`)) as FloorsModule
const { median, medianRatio, slope } = (await import(`${folder}/statistics.mjs`)) as StatisticsModule

const arm = (...figures: number[]): Rounds => ({ rounds: figures.map((each) => ({ each })) })

/** The verdict on one of a work's floors. */
function floorOf(id: string, what: string, arms: Record<string, Rounds>): Floor | undefined {
  return checkFloors([{ id, kind: id, title: id, arms }]).find((floor) => floor.what === what)
}

test('a median is the middle, or between the two', () => {
  expect(median([9, 1, 10])).toBe(9)
  expect(median([4, 1, 2, 100])).toBe(3)
})

test('a ratio is taken round by round, so a slow round weighs nothing', () => {
  expect(medianRatio(arm(10, 1000, 12), arm(5, 500, 6))).toBe(2)
  expect(medianRatio(arm(10, 30, 20), arm(1, 10, 5))).toBe(4)
})

test('a ratio needs both arms', () => {
  expect(medianRatio(arm(1), undefined)).toBeUndefined()
  expect(medianRatio(arm(1), arm())).toBeUndefined()
})

test('a ratio can be taken of another figure', () => {
  const over = { rounds: [{ each: 1, high: { p99Ms: 6 } }] }
  const under = { rounds: [{ each: 1, high: { p99Ms: 2 } }] }
  expect(medianRatio(over, under, (round: { high: { p99Ms: number } }) => round.high.p99Ms)).toBe(3)
})

test('a slope leaves out what is there without a connection', () => {
  const points: [number, number][] = [1000, 2000, 4000, 8000].map((clients) => [clients, 50_000_000 + 6_700 * clients])
  expect(slope(points)).toBeCloseTo(6_700)
})

test.each([
  [9, { floor: true, goal: true }],
  [8.9, { floor: true, goal: false }],
  [5.9, { floor: false, goal: false }],
])('ten publications a turn at %f times less than Socket.IO', (ratio, verdict) => {
  const arms = { 'socket.io': arm(ratio), partyline: arm(1) }
  expect(floorOf('broadcast-10', 'socket.io ÷ partyline', arms)).toMatchObject({ ratio, ...verdict })
})

test.each([
  ['broadcast-10', 'uws', 1.5, true],
  ['broadcast-10', 'uws', 1.51, false],
  ['idle', 'ws', 1, true],
  ['idle', 'ws', 1.01, false],
  ['connect', 'ws', 1, true],
  ['connect', 'ws', 1.01, false],
  ['latency', 'socket.io', 0.7, true],
  ['latency', 'socket.io', 0.71, false],
])('%s against %s at %f', (work, peer, ratio, holds) => {
  const arms = { partyline: arm(ratio), [peer]: arm(1) }
  expect(floorOf(work, `partyline ÷ ${peer}`, arms)).toMatchObject({ ratio, floor: holds })
})

test.each([
  [1.1, { floor: true, goal: true }],
  [1.3, { floor: true, goal: false }],
  [1.31, { floor: false, goal: false }],
])('a kept room at %f times of one that is not', (ratio, verdict) => {
  const arms = { 'partyline-kept': arm(ratio), partyline: arm(1) }
  expect(floorOf('broadcast-64', 'partyline-kept ÷ partyline', arms)).toMatchObject(verdict)
})

test('a floor whose peer was not measured neither holds nor is missed', () => {
  const floor = floorOf('broadcast-10', 'partyline ÷ uws', { partyline: arm(1) })
  expect(floor).toMatchObject({ ratio: undefined, floor: undefined })
})

test('a work that was not measured has no floors', () => {
  expect(checkFloors([])).toEqual([])
})

test.each([
  [256, true],
  [257, false],
])('a publication that a flood holds up for %i reads', (reads, holds) => {
  const partyline = { rounds: [{ waits: [{ first: { reads: 3 } }, { first: { reads } }] }] }
  expect(floorOf('flood', 'partyline: most reads', { partyline })).toMatchObject({ ratio: reads, floor: holds })
})
