import { beforeAll, expect, test } from 'vitest'

interface Workload {
  id: string
  kind: string
  arms: string[]
}
interface MeasureModule {
  measure(workload: object, arm: string, options: object, reference?: object): Promise<Record<string, unknown>>
}
interface WorkloadsModule {
  chooseWorkloads(options: { only?: string[]; arms?: string[] }): Workload[]
}
interface OptionsModule {
  parseOptions(argv: string[]): { rounds: number; measureMs: number; only?: string[] }
}

const folder = '../lib'
const { measure } = (await import(`${folder}/measure.mjs`)) as MeasureModule
const { chooseWorkloads } = (await import(`${folder}/workloads.mjs`)) as WorkloadsModule
const { parseOptions } = (await import(`${folder}/options.mjs`)) as OptionsModule
const { compileLoad } = (await import(`${folder}/load-process.mjs`)) as { compileLoad(): void }

beforeAll(compileLoad)

const options = {
  warmUpMs: 20,
  measureMs: 20,
  brief: { warmUpMs: 10, measureMs: 10 },
  paceMs: 20,
  warmUpConnects: 20,
  connects: 40,
  idleClients: [10, 20, 30, 40],
  floodPublications: 2,
}

/** A work as it is, with fewer clients and turns that follow each other faster. */
const smaller = (id: string): Workload => ({
  ...(chooseWorkloads({ only: [id] })[0] as Workload),
  ...{ clients: 5, everyMs: 2 },
})

test.each(['broadcast-10', 'broadcast-16KB-1', 'echo-16'])('%s is measured by what was delivered', async (id) => {
  const { count, each, cpuUs } = await measure(smaller(id), 'bare', options)
  expect(count).toBeGreaterThan(0)
  expect(each).toBe((cpuUs as number) / (count as number))
})

test('connecting is measured over those who come after the warm-up', async () => {
  const { count, each } = await measure(smaller('connect'), 'bare', options)
  expect(count).toBe(40)
  expect(each).toBeGreaterThan(0)
})

test('idle memory is looked at for every count of clients', async () => {
  const { points } = await measure(smaller('idle'), 'bare', options)
  expect((points as [number, number][]).map(([clients]) => clients)).toEqual([10, 20, 30, 40])
  for (const [, rssBytes] of points as [number, number][]) expect(rssBytes).toBeGreaterThan(1_000_000)
})

test('latency is measured at shares of what the arm holds, and at half of what Socket.IO holds', async () => {
  const round = await measure(smaller('latency'), 'bare', options, { capacity: 400 })
  const { capacity, each, atHalf, atHigh, atSame } = round as Record<string, { perSecond: number; p99Ms: number }>
  expect(atHalf?.perSecond).toBe(Number(capacity) * 0.5)
  expect(atHigh?.perSecond).toBe(Number(capacity) * 0.8)
  expect(atSame?.perSecond).toBe(200)
  expect(each).toBe(atHalf?.p99Ms)
})

test('a flood says what every publication waited for', async () => {
  const { waits } = await measure(smaller('flood'), 'bare', options)
  expect(waits).toHaveLength(2)
})

test('--only takes families and single works', () => {
  const ids = (...only: string[]) => chooseWorkloads({ only }).map(({ id }) => id)
  expect(ids('echo')).toEqual(['echo-1', 'echo-16'])
  expect(ids('broadcast-10', 'idle')).toEqual(['broadcast-10', 'idle'])
  expect(() => ids('echo-2')).toThrow('--only echo-2: there are broadcast, echo, connect, idle, latency, flood')
})

test('--arms leaves the works in which one of them takes part', () => {
  const chosen = chooseWorkloads({ arms: ['partyline-kept', 'ws'] })
  expect(chosen.find(({ id }) => id === 'broadcast-1')?.arms).toEqual(['partyline-kept', 'ws'])
  expect(chosen.find(({ id }) => id === 'echo-1')?.arms).toEqual(['ws'])
  expect(() => chooseWorkloads({ arms: ['nginx'] })).toThrow('--arms nginx: there are ws,')
})

test('--quick is fewer and shorter rounds, and --rounds has the last word', () => {
  const full = parseOptions([])
  const quick = parseOptions(['--quick'])
  expect(quick.rounds).toBeLessThan(full.rounds)
  expect(quick.measureMs).toBeLessThan(full.measureMs)
  expect(parseOptions(['--quick', '--rounds', '3']).rounds).toBe(3)
  expect(() => parseOptions(['--rounds', 'many'])).toThrow('a whole number')
})
