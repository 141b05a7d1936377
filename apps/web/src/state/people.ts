import type { PresenceChange, PresenceList, Sender } from './line.ts'

/** Who is in a room. `count` may be more than are listed: large rooms are listed in part. */
export interface People {
  readonly users: readonly Sender[]
  readonly count: number
  readonly isKnown: boolean
}

export const nobodyKnown: People = { users: [], count: 0, isKnown: false }

/** The whole list came. */
export function listed({ users, count }: PresenceList): People {
  return { users: sorted(users), count: Math.max(count, users.length), isKnown: true }
}

/** Some came, some went. Told again is told once. */
export function moved(people: People, { joined, left }: PresenceChange): People {
  const users = new Map(people.users.map((user) => [user.id, user]))
  let { count } = people
  for (const { id } of left) if (users.delete(id) || count > users.size) count -= 1
  for (const user of joined) {
    if (!users.has(user.id)) count += 1
    users.set(user.id, user)
  }
  return { ...people, users: sorted([...users.values()]), count: Math.max(count, users.size) }
}

/** As it is shown: oneself first, though the server may not have noted it yet. */
export function shownPeople(people: People, me: Sender | null): People {
  if (!people.isKnown || !me) return people
  const others = people.users.filter(({ id }) => id !== me.id)
  const isListed = others.length < people.users.length
  return { ...people, users: [me, ...others], count: isListed ? people.count : people.count + 1 }
}

function sorted(users: readonly Sender[]): readonly Sender[] {
  return [...users].sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1))
}
