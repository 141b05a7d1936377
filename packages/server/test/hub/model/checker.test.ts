import { describe, expect, it } from 'vitest'
import { check } from './checker.ts'
import type { Allowances, Line, Told } from './lines.ts'

const reader = 'r'
const epoch = 'e'

const told = (key: string, seq: number, rooms: readonly string[] = ['a'], except: readonly string[] = []): Told => {
  return { key, rooms, except, log: 'memory', epoch, seq }
}

const delivered = (...args: Parameters<typeof told>): Line => ({ kind: 'delivered', entry: told(...args) })
const received = (key: string, room = 'a'): Line => ({ kind: 'received', reader, room, key })
const gap = (seq: number, room = 'a'): Line => ({ kind: 'gap', reader, room, position: { epoch, seq } })
const said = (id: string): Line => ({ kind: 'said', reader, id })
const heard = (id: string, recovered?: boolean): Line => ({
  kind: 'heard',
  reader,
  id,
  ...(recovered !== undefined && { recovered }),
})
const joined = (room = 'a'): Line => ({ kind: 'joined', reader, room })
const left = (room = 'a'): Line => ({ kind: 'left', reader, room })
const connected: Line = { kind: 'connected', reader }
const dropped: Line = { kind: 'dropped', reader }

const judge = (lines: readonly Line[], may: Allowances = { again: false }) =>
  check([connected, ...lines], new Map([[reader, may]]))

describe('the checker', () => {
  it.each<[string, Line[]]>([
    ['every entry in its order', [joined(), delivered('p1', 1), delivered('p2', 2), received('p1'), received('p2')]],
    ['nothing before a join or after a leave', [delivered('p1', 1), joined(), left(), delivered('p2', 2)]],
    ['an entry after a leave that was on its way', [joined(), delivered('p1', 1), left(), received('p1')]],
    ['a gap instead of an entry', [joined(), delivered('p1', 1), gap(1)]],
    ['an entry after a return', [joined(), dropped, delivered('p1', 1), connected, received('p1')]],
    ['a leave whose line drops', [joined(), delivered('p1', 1), left(), dropped, connected]],
    [
      'what was said, in its place',
      [joined(), delivered('p1', 1), said('s1'), delivered('p2', 2), received('p1'), heard('s1'), received('p2')],
    ],
    ['recovered where there was no gap', [joined(), delivered('p1', 1), said('s1'), received('p1'), heard('s1', true)]],
    ['volatile words that are missing', [{ kind: 'said', reader, id: 'v', volatile: true }, said('s1'), heard('s1')]],
    ['an excluded entry that does not come', [joined(), joined('x'), delivered('p1', 1, ['a'], ['x'])]],
  ])('accepts %s', (_title, lines) => {
    expect(() => judge(lines)).not.toThrow()
  })

  it.each<[string, Line[], string]>([
    ['a missing entry', [joined(), delivered('p1', 1)], 'never got p1'],
    ['a missing entry after a return', [joined(), dropped, delivered('p1', 1), connected], 'never got p1'],
    [
      'an entry that comes twice',
      [joined(), delivered('p1', 1), received('p1'), dropped, connected, received('p1')],
      'got p1 twice',
    ],
    [
      'entries out of order',
      [joined(), delivered('p1', 1), delivered('p2', 2), received('p2'), received('p1')],
      'out of the order',
    ],
    ['an entry that was never delivered', [joined(), received('p9')], 'never delivered'],
    ['an entry of another room', [joined(), delivered('p1', 1, ['b']), received('p1', 'b')], 'was not to get'],
    ['an entry through a room that it is not in', [joined(), delivered('p1', 1), received('p1', 'b')], 'through b'],
    [
      'an entry through a room that the reader is not in',
      [joined(), delivered('p1', 1, ['b', 'a']), received('p1', 'b')],
      'where it is not due',
    ],
    [
      'an excluded entry',
      [joined(), joined('x'), delivered('p1', 1, ['a'], ['x']), received('p1')],
      'though it was in x',
    ],
    [
      'a gap in one room for an entry of two',
      [joined(), joined('b'), delivered('p1', 1, ['a', 'b']), gap(1)],
      'never got p1',
    ],
    ['a gap that ends before the entry', [joined(), delivered('p1', 1), delivered('p2', 2), gap(1)], 'never got p2'],
    [
      'an entry after the gap that took it away',
      [joined(), delivered('p1', 1), gap(1), received('p1')],
      'after the gap',
    ],
    [
      'an answer before an entry',
      [joined(), delivered('p1', 1), said('s1'), heard('s1'), received('p1')],
      'heard s1 before p1',
    ],
    [
      'an entry before an answer',
      [joined(), said('s1'), delivered('p1', 1), received('p1'), heard('s1')],
      'got p1 before s1',
    ],
    ['answers out of order', [said('s1'), said('s2'), heard('s2'), heard('s1')], 'heard s2 where s1 was due'],
    ['an answer that is missing', [said('s1')], 'never heard s1'],
    [
      'recovered in spite of a gap',
      [joined(), delivered('p1', 1), said('s1'), gap(1), heard('s1', true)],
      'says recovered true',
    ],
    ['not recovered without a gap', [said('s1'), heard('s1', false)], 'says recovered false'],
    ['a seq that was given twice', [delivered('p1', 1), delivered('p2', 1)], 'delivered out of order'],
    ['a key that was delivered twice', [delivered('p1', 1), delivered('p1', 2)], 'delivered twice'],
    ['an acknowledgement of nothing', [{ kind: 'acked', key: 'p1', seq: 1 }], 'was acknowledged at 1'],
  ])('catches %s', (_title, lines, message) => {
    expect(() => judge(lines)).toThrow(message)
  })

  it('lets a publication to several rooms come again after a return, to those who may', () => {
    const lines = [
      joined(),
      joined('b'),
      delivered('p1', 1, ['a', 'b']),
      received('p1'),
      dropped,
      connected,
      received('p1', 'b'),
    ]
    expect(() => judge(lines, { again: true })).not.toThrow()
    expect(() => judge(lines, { again: false })).toThrow('got p1 twice')
    const single = [joined(), delivered('p1', 1), received('p1'), dropped, connected, received('p1')]
    expect(() => judge(single, { again: true })).toThrow('got p1 twice')
  })
})
