import type { Room } from '../../../src/broker.ts'
import { Random } from './random.ts'
import { rooms, type Setting, World } from './world.ts'

const kinds = {
  publish: 22,
  publishMany: 12,
  throw: 4,
  join: 12,
  joinSince: 5,
  leave: 5,
  pull: 6,
  expel: 3,
  say: 8,
  sayVolatile: 4,
  read: 14,
  stall: 5,
  widen: 6,
  drop: 6,
  connect: 8,
  flush: 16,
  work: 26,
  crash: 1,
} as const

type Kind = keyof typeof kinds

const bag: Kind[] = (Object.keys(kinds) as Kind[]).flatMap((kind) => Array(Math.ceil(kinds[kind] * 5)).fill(kind))

/** One step. The numbers are read as the step needs them, so that a schedule without some of its steps is one too. */
export type Step = readonly [kind: Kind, a: number, b: number, c: number]

export interface Schedule {
  readonly setting: Setting
  readonly steps: readonly Step[]
}

/** The schedule of a seed. */
export function scheduleOf(seed: number): Schedule {
  const random = new Random(seed)
  const maxBufferedBytes = random.pick([1, 250, 800, 1_000_000])
  const setting: Setting = {
    maxBufferedBytes,
    hardMaxBufferedBytes: random.chance(0.15) ? maxBufferedBytes + 3_000 : 1e9,
    keep: random.pick([3, 1_000, 1_000]),
    page: random.pick([1, 2, 3, 500]),
    memoryFirst: random.chance(0.5),
  }
  const steps: Step[] = []
  for (let left = 20 + random.below(100); left > 0; left--) {
    steps.push([random.pick(bag), random.below(1 << 16), random.below(1 << 16), random.below(1 << 16)])
  }
  return { setting, steps }
}

/** Plays a schedule, lets everything come to rest, and judges the transcript. Throws what is wrong. */
export async function play({ setting, steps }: Schedule): Promise<World> {
  const world = new World(setting)
  await world.start()
  for (const step of steps) await playStep(world, step)
  await world.settle()
  world.check()
  return world
}

/** A few rooms of one log, in either order: schedules need collisions more than variety. */
function someRooms(a: number, atLeast: Room): Room[] {
  const log = a % 2 === 0 ? rooms.slice(0, 4) : rooms.slice(4)
  const chosen = log.filter((_, i) => (a >> (i + 2)) & 1)
  if (chosen.length === 0) return [atLeast]
  return (a >> 8) % 2 === 0 ? chosen : chosen.reverse()
}

const someExcept = (c: number): Room[] => (c % 3 === 0 ? [rooms[(c >> 4) % rooms.length] as Room] : [])

async function playStep(world: World, [kind, a, b, c]: Step): Promise<void> {
  const party = world.parties[a % world.parties.length] as World['parties'][number]
  const room = rooms[b % rooms.length] as Room
  switch (kind) {
    case 'publish':
      return world.publish([room], [], c % 120)
    case 'publishMany':
      return world.publish(someRooms(b, room), someExcept(c), c % 120)
    case 'throw':
      return world.throw(someRooms(b, room), someExcept(c))
    case 'join':
      return world.join(party, room, false)
    case 'joinSince':
      return world.join(party, room, true)
    case 'leave':
      return world.leave(party, room)
    case 'pull':
      return world.pull(party, room)
    case 'expel':
      if (!party.reader.isStrict) world.expel(party, room)
      return
    case 'say':
      return world.say(party)
    case 'sayVolatile':
      return world.sayVolatile(party)
    case 'read':
      return world.read(party, b % 400)
    case 'stall':
      return party.line?.widen(b % 60)
    case 'widen':
      return party.line?.widen(b % 2 === 0 ? 2_000 : Number.POSITIVE_INFINITY)
    case 'drop':
      return world.drop(party, b % 600)
    case 'connect':
      return world.connect(party, b % 3 === 0 ? c % 100 : undefined)
    case 'flush':
      return world.flush()
    case 'work':
      return world.work((count) => b % Math.max(1, count))
    case 'crash':
      return world.crash()
  }
}

/** A schedule that fails like this one, with as few steps as leaving out can reach. */
export async function shrink(schedule: Schedule): Promise<Schedule> {
  let { steps } = schedule
  for (let size = steps.length >> 1; size > 0; size = size === 1 ? 0 : size >> 1) {
    for (let from = 0; from < steps.length; ) {
      const fewer = steps.filter((_, i) => i < from || i >= from + size)
      if (await fails({ ...schedule, steps: fewer })) steps = fewer
      else from += size
    }
  }
  return { ...schedule, steps }
}

const fails = (schedule: Schedule): Promise<boolean> =>
  play(schedule).then(
    () => false,
    () => true,
  )

/** Plays the schedules of these seeds; a failing one is told with its seed and its fewest steps. */
export async function playAll(firstSeed: number, count: number): Promise<void> {
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const schedule = scheduleOf(seed)
    try {
      await play(schedule)
    } catch (error) {
      const fewest = await shrink(schedule)
      const cause = await play(fewest).catch((reason: unknown) => reason)
      const steps = fewest.steps.map((step) => `  ${JSON.stringify(step)}`).join('\n')
      const message = `PARTYLINE_SEED=${seed}: ${(error as Error).message}\n${JSON.stringify(fewest.setting)}\n${steps}`
      throw new Error(message, { cause })
    }
    if (seed % 64 === 0) await new Promise(setImmediate) // lets the immediates of the flushes pass
  }
}
