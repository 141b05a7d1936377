import type { HistoryPage, Position } from './line.ts'
import {
  claimed,
  compare,
  currentEra,
  type Entry,
  epochMet,
  type Gap,
  indexOf,
  inserted,
  messageOf,
  type Timeline,
} from './timeline.ts'

/** The part of a gap: it stands behind everything with its seq, volatile messages too. */
const behindAll = Number.MAX_SAFE_INTEGER

/** The event that people's messages are publications of. */
export const messageEvent = 'message'

/**
 * The newest page came: the first one, or one that was asked for because the line was opened anew.
 * Where it does not reach back to what is known, the stretch between is a gap.
 */
export function newestPaged(before: Timeline, page: HistoryPage, isMine: (id: string) => boolean): Timeline {
  const met = epochMet(before, page.epoch)
  const era = met.epochs.indexOf(page.epoch)
  const merged = mergedPage(met, page, era, isMine, true)
  if (before.top === 'unknown') return { ...merged, top: page.more ? 'more' : 'end' }
  const oldest = oldestSeq(page)
  const lastKnown = before.entries.findLast((entry) => entry.kind === 'message')
  if (!lastKnown || oldest === null) return merged
  const from = lastKnown.era === era ? lastKnown.seq : 0
  const reaches = oldest <= from || (!page.more && lastKnown.era === era)
  return reaches ? merged : withGap(merged, { era, from, to: oldest - 1, gone: !page.more })
}

/** What to ask for above what stands here: the page before a seq, or the newest; null where there is no older one. */
export function olderBefore(timeline: Timeline): { before?: number } | null {
  if (timeline.top !== 'more') return null
  const first = timeline.entries.find((entry) => entry.kind === 'message' && entry.part === 0)
  if (!first) return {}
  return first.era === currentEra(timeline) ? { before: first.seq } : null
}

/** A page above everything came. One of another epoch has nothing to do with what stands here: there is no more. */
export function olderPaged(timeline: Timeline, page: HistoryPage, isMine: (id: string) => boolean): Timeline {
  const era = timeline.epochs.indexOf(page.epoch)
  const first = timeline.entries[0]
  if (first && era !== first.era) return { ...timeline, top: 'end' }
  const merged = mergedPage(timeline, page, era, isMine)
  return { ...merged, top: page.more && page.publications.length > 0 ? 'more' : 'end' }
}

/** The server told a gap: the reader stands at `position` now, and what was missed before it does not come. */
export function gapTold(before: Timeline, position: Position): Timeline {
  const timeline = epochMet(before, position.epoch)
  const era = timeline.epochs.indexOf(position.epoch)
  const last = before.entries.findLast(
    (entry) => entry.kind === 'message' && entry.era === era && entry.seq <= position.seq,
  )
  if (before.entries.length === 0) return timeline
  return withGap(timeline, { era, from: last?.seq ?? 0, to: position.seq, gone: false })
}

/** A gap's history is being asked for. */
export function gapLoading(timeline: Timeline, key: string): Timeline {
  return withGapState(timeline, key, 'loading')
}

/** The answer did not come: the offer stands again. */
export function gapOffered(timeline: Timeline, key: string): Timeline {
  return withGapState(timeline, key, 'offered')
}

/** A page that ends where the gap ends came: the gap shrinks, closes, or is known to be gone for good. */
export function gapPaged(
  timeline: Timeline,
  key: string,
  page: HistoryPage,
  isMine: (id: string) => boolean,
): Timeline {
  const gap = findGap(timeline, key)
  if (!gap) return timeline
  const others = timeline.entries.filter((entry) => entry !== gap)
  const era = timeline.epochs.indexOf(page.epoch)
  if (era !== gap.era) return { ...timeline, entries: inserted(others, { ...gap, state: 'gone' }) }
  const merged = mergedPage({ ...timeline, entries: others }, page, era, isMine)
  const oldest = oldestSeq(page)
  if (oldest !== null && gap.from > 0 && oldest <= gap.from) return merged
  const seq = oldest === null ? gap.seq : oldest - 1
  const state = page.more && oldest !== null ? 'offered' : 'gone'
  return { ...merged, entries: inserted(merged.entries, { ...gap, seq, state }) }
}

/** The gap with this key. */
export function findGap(timeline: Timeline, key: string): Gap | undefined {
  return timeline.entries.find((entry): entry is Gap => entry.kind === 'gap' && entry.key === key)
}

function mergedPage(
  timeline: Timeline,
  page: HistoryPage,
  era: number,
  isMine: (id: string) => boolean,
  mayClaim = false,
): Timeline {
  let merged = timeline
  const fresh: Entry[] = []
  for (const publication of page.publications) {
    const { seq } = publication
    if (publication.event !== messageEvent || typeof seq !== 'number') continue
    const place = { era, seq, part: 0 }
    if (indexOf(timeline.entries, place) >= 0) continue
    const mine = publication.from !== null && isMine(publication.from.id)
    const message = messageOf(place, publication.args, publication, mine)
    const taken = mayClaim ? claimed(merged, message) : undefined
    if (taken) merged = taken
    else fresh.push(message)
  }
  if (fresh.length === 0) return merged
  return { ...merged, entries: [...merged.entries, ...fresh].sort(compare) }
}

function withGap(
  timeline: Timeline,
  { era, from, to, gone }: { era: number; from: number; to: number; gone: boolean },
): Timeline {
  const place = { era, seq: to, part: behindAll }
  const gap: Gap = { kind: 'gap', key: `gap:${era}:${from}:${to}`, ...place, from, state: gone ? 'gone' : 'offered' }
  if (findGap(timeline, gap.key)) return timeline
  return { ...timeline, entries: inserted(timeline.entries, gap) }
}

function withGapState(timeline: Timeline, key: string, state: Gap['state']): Timeline {
  const entries = timeline.entries.map((entry) =>
    entry.kind === 'gap' && entry.key === key ? { ...entry, state } : entry,
  )
  return { ...timeline, entries }
}

function oldestSeq(page: HistoryPage): number | null {
  return page.publications[0]?.seq ?? null
}
