import { expect, test } from 'vitest'

type Rounds = { rounds: { eachUs: number }[] }
interface FloorsModule {
  checkFloors(results: object[]): { over: string; under: string; ratio: number; floor?: boolean; goal?: boolean }[]
}
interface StatisticsModule {
  median(values: number[]): number
  medianRatio(over?: Rounds, under?: Rounds): number | undefined
}

const folder = '../lib'
const { checkFloors } = (await import(`${folder}/floors.mjs`)) as FloorsModule
const { median, medianRatio } = (await import(`${folder}/statistics.mjs`)) as StatisticsModule

const arm = (...figures: number[]): Rounds => ({ rounds: figures.map((eachUs) => ({ eachUs })) })

test('a median is the middle, or between the two', () => {
  expect(median([9, 1, 10])).toBe(9)
  expect(median([4, 1, 2, 100])).toBe(3)
})

test('a ratio is taken round by round, so a slow round weighs nothing', () => {
  expect(medianRatio(arm(10, 1000, 12), arm(5, 500, 6))).toBe(2)
  expect(medianRatio(arm(10, 30, 20), arm(1, 10, 5))).toBe(4)
  expect(medianRatio(arm(1), undefined)).toBeUndefined()
})

test.each([
  [9, { floor: true, goal: true }],
  [8.9, { floor: true, goal: false }],
  [5.9, { floor: false, goal: false }],
])('ten publications a turn at %f times less than Socket.IO', (ratio, verdict) => {
  const arms = { 'socket.io': arm(ratio), partyline: arm(1) }
  const floors = checkFloors([{ id: 'broadcast-10', title: 'broadcast', arms }])
  expect(floors).toHaveLength(1)
  expect(floors[0]).toMatchObject({ over: 'socket.io', under: 'partyline', ...verdict })
})

test.each([
  [1.1, { floor: true, goal: true }],
  [1.3, { floor: true, goal: false }],
  [1.31, { floor: false, goal: false }],
])('a kept room at %f times of one that is not', (ratio, verdict) => {
  const arms = { 'partyline-kept': arm(ratio), partyline: arm(1) }
  expect(checkFloors([{ id: 'broadcast-64', title: 'broadcast', arms }])[0]).toMatchObject(verdict)
})
