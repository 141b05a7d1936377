import { describe, expect, it } from 'vitest'
import { olderBefore } from '../../src/state/history.ts'
import {
  acknowledged,
  discarded,
  emptyTimeline,
  epochMet,
  messageOf,
  mostHeld,
  received,
  refused,
  retried,
  sending,
  shownPending,
  type Timeline,
  trimmed,
} from '../../src/state/timeline.ts'
import { ben, me, meta, noonMs, shown } from './publications.ts'

const known = epochMet(emptyTimeline, 'one')
const hear = (timeline: Timeline, text: string, seq: number | undefined, from = ben) =>
  received(timeline, [text], meta(seq, from), from === me)
const say = (timeline: Timeline, key: string, text: string) => sending(timeline, key, text, me, noonMs)

describe('a timeline', () => {
  it('stands in the order of seq, whatever order publications come in', () => {
    const timeline = [5, 2, 9, 7].reduce((before, seq) => hear(before, `m${seq}`, seq), known)
    expect(shown(timeline)).toBe('m2 m5 m7 m9')
  })

  it('shows a publication that comes again once', () => {
    expect(shown(hear(hear(known, 'hi', 3), 'hi', 3))).toBe('hi')
  })

  it('puts volatile messages where they came', () => {
    const timeline = hear(hear(hear(hear(known, 'a', 1), 'b', undefined), 'c', undefined), 'd', 2)
    expect(shown(timeline)).toBe('a b c d')
    expect(new Set(timeline.entries.map(({ key }) => key)).size).toBe(4)
  })

  it('keeps the messages of a former epoch before those of a new one, though their seq is higher', () => {
    const timeline = hear(epochMet(hear(known, 'old', 900), 'two'), 'new', 1)
    expect(shown(timeline)).toBe('old new')
  })

  it('does not begin an era for an epoch that it knows', () => {
    expect(epochMet(known, 'one')).toBe(known)
  })
})

describe('a timeline that has grown for weeks', () => {
  const entries = Array.from({ length: mostHeld + 1 }, (_, index) =>
    messageOf({ era: 0, seq: index + 1, part: 0 }, [`m${index + 1}`], meta(index + 1), false),
  )

  it('lets its older half go, which can be loaded again', () => {
    const timeline: Timeline = { ...known, entries, top: 'end' }
    const left = trimmed(timeline)
    expect(left.entries).toHaveLength(mostHeld / 2)
    expect(left.entries.at(-1)).toBe(entries.at(-1))
    expect(left.top).toBe('more')
    expect(olderBefore(left)).toEqual({ before: mostHeld / 2 + 2 })
  })

  it('says that nothing stands above where that was another epoch', () => {
    expect(trimmed(epochMet({ ...known, entries, top: 'more' }, 'two')).top).toBe('end')
  })

  it('stays as it is as long as it is not too long', () => {
    const timeline: Timeline = { ...known, entries: entries.slice(1) }
    expect(trimmed(timeline)).toBe(timeline)
  })
})

describe('an own message', () => {
  it('is pale at the end until it is confirmed', () => {
    const timeline = hear(say(hear(known, 'first', 1), 'k', 'mine'), 'second', 2)
    expect(shown(timeline)).toBe('first second ~mine:sending')
  })

  it('is shown once when the ack comes before the publication', () => {
    const acked = acknowledged(say(known, 'k', 'hi'), 'k', { epoch: 'one', seq: 4 })
    expect(shown(acked)).toBe('hi')
    expect(shown(hear(acked, 'hi', 4, me))).toBe('hi')
  })

  it('is shown once when the publication comes before the ack', () => {
    const arrived = hear(say(known, 'k', 'hi'), 'hi', 4, me)
    expect(shown(arrived)).toBe('~hi:claimed')
    expect(shownPending(arrived)[0]?.delivery).toBe('sent')
    expect(shown(acknowledged(arrived, 'k', { epoch: 'one', seq: 4 }))).toBe('hi')
  })

  it('is shown once when the publication came under another identity of ours', () => {
    const arrived = hear(say(known, 'k', 'hi'), 'hi', 4, { id: 'guest:former', name: 'Ada' })
    const acked = acknowledged(arrived, 'k', { epoch: 'one', seq: 4 })
    expect(shown(acked)).toBe('hi')
    expect(acked.entries[0]).toMatchObject({ mine: true, key: 'k' })
  })

  it('is shown once when its publication comes twice before the ack', () => {
    const arrived = hear(hear(say(known, 'k', 'hi'), 'hi', 4, me), 'hi', 4, me)
    expect(shown(arrived)).toBe('~hi:claimed')
    expect(shown(acknowledged(arrived, 'k', { epoch: 'one', seq: 4 }))).toBe('hi')
  })

  it('gives a claimed publication back when the ack names another one', () => {
    const arrived = hear(say(known, 'k', 'hi'), 'hi', 4, me)
    expect(shown(acknowledged(arrived, 'k', { epoch: 'one', seq: 6 }))).toBe('hi hi')
  })

  it('gives a claimed publication back when it is refused', () => {
    const arrived = hear(say(known, 'k', 'hi'), 'hi', 4, me)
    expect(shown(refused(arrived, 'k', 'no'))).toBe('hi ~hi:refused')
  })

  it('meets each of two equal texts with its own publication', () => {
    const arrived = hear(hear(say(say(known, 'k', 'hi'), 'l', 'hi'), 'hi', 4, me), 'hi', 5, me)
    expect(shown(arrived)).toBe('~hi:claimed ~hi:claimed')
    const acked = acknowledged(acknowledged(arrived, 'k', { epoch: 'one', seq: 4 }), 'l', { epoch: 'one', seq: 5 })
    expect(shown(acked)).toBe('hi hi')
  })

  it('keeps its key when it is confirmed, and takes its place and time from the server', () => {
    const before = hear(say(known, 'k', 'hi'), 'later', 9)
    const after = hear(acknowledged(before, 'k', { epoch: 'one', seq: 4 }), 'hi', 4, me)
    expect(shown(after)).toBe('hi later')
    expect(after.entries[0]).toMatchObject({ key: 'k', at: noonMs + 4000, delivery: 'sent', mine: true })
  })

  it('keeps its reason when it is refused, loses it when it is tried again, and can be taken back', () => {
    const no = refused(say(known, 'k', 'hi'), 'k', 'Too fast.')
    expect(no.pending[0]).toMatchObject({ delivery: 'refused', reason: 'Too fast.' })
    expect(retried(no, 'k').pending[0]).toMatchObject({ delivery: 'sending', reason: '' })
    expect(shown(discarded(no, 'k'))).toBe('')
  })

  it('is confirmed into a new era when the ack names an epoch that nobody has met', () => {
    const acked = acknowledged(say(hear(known, 'old', 900), 'k', 'hi'), 'k', { epoch: 'two', seq: 1 })
    expect(shown(acked)).toBe('old hi')
  })
})
