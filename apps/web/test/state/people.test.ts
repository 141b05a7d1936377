import { describe, expect, it } from 'vitest'
import { listed, moved, nobodyKnown, shownPeople } from '../../src/state/people.ts'
import { ben, cleo, me } from './publications.ts'

const names = ({ users }: { users: readonly { name: string }[] }) => users.map(({ name }) => name).join(' ')

describe('people', () => {
  it('are listed by name, oneself first', () => {
    const people = shownPeople(listed({ users: [cleo, ben, me], count: 3 }), me)
    expect(names(people)).toBe('Ada Ben Cleo')
    expect(people.count).toBe(3)
  })

  it('include oneself before the server has noted it', () => {
    expect(shownPeople(listed({ users: [ben], count: 1 }), me)).toMatchObject({ users: [me, ben], count: 2 })
  })

  it('are nobody while it is not known who is there', () => {
    expect(shownPeople(nobodyKnown, me).users).toEqual([])
  })

  it('come and go once, however often it is told', () => {
    const start = listed({ users: [ben], count: 1 })
    const both = moved(moved(start, { joined: [cleo], left: [] }), { joined: [cleo], left: [] })
    expect([names(both), both.count]).toEqual(['Ben Cleo', 2])
    const one = moved(moved(both, { joined: [], left: [ben] }), { joined: [], left: [ben] })
    expect([names(one), one.count]).toEqual(['Cleo', 1])
  })

  it('are counted where they are too many to be listed', () => {
    const crowd = listed({ users: [ben], count: 5000 })
    expect(moved(crowd, { joined: [cleo], left: [{ id: 'x', name: 'X' }] }).count).toBe(5000)
    expect(moved(crowd, { joined: [], left: [ben] }).count).toBe(4999)
  })
})
