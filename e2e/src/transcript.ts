/** A place in a room's order. */
export interface Place {
  readonly epoch: string
  readonly seq: number
}

/**
 * What a participant saw, at the moment it saw it. Keys name publications: what was said, and who said it. A place is
 * missing where the room keeps nothing.
 */
export type Line =
  | { readonly kind: 'joined' | 'left'; readonly who: string; readonly room: string }
  | { readonly kind: 'connected' | 'dropped'; readonly who: string }
  | { readonly kind: 'published'; readonly who: string; readonly room: string; readonly key: string }
  | { readonly kind: 'acked'; readonly key: string; readonly place?: Place | undefined }
  /** Definite: it is published nowhere, and will not be. */
  | { readonly kind: 'refused'; readonly key: string }
  /** No answer, or one that leaves it open. */
  | { readonly kind: 'unknown'; readonly key: string }
  | {
      readonly kind: 'received'
      readonly who: string
      readonly room: string
      readonly key: string
      readonly place?: Place | undefined
    }
  /** What was missed up to the place does not come, and it was said. */
  | { readonly kind: 'gap'; readonly who: string; readonly room: string; readonly place: Place }

/** One publication, as its publisher knows it. */
interface Publication {
  readonly key: string
  readonly who: string
  readonly room: string
  readonly at: number
  outcome: 'acked' | 'refused' | 'unknown'
  place: Place | undefined
}

/** One reader's stay in one room. */
interface Stay {
  readonly who: string
  readonly room: string
  readonly joinedAt: number
  hasEnded: boolean
  readonly received: { readonly key: string; readonly at: number; readonly place: Place | undefined }[]
  readonly keys: Set<string>
  readonly gaps: { readonly at: number; readonly place: Place }[]
}

/**
 * Judges what all participants saw, knowing nothing of the system that was between them. Says what is wrong; an empty
 * list where nothing is. A transcript is judged when everybody has come to rest: what has not come by then is lost.
 */
export function faultsOf(lines: readonly Line[]): string[] {
  const publications = publicationsOf(lines)
  const { stays, faults } = staysOf(lines)
  return [
    ...faults,
    ...stays.flatMap((stay) => [
      ...strangers(stay, publications),
      ...repeated(stay),
      ...disordered(stay),
      ...missing(stay, publications),
    ]),
    ...disagreed(stays, publications),
    ...outOfTurn(stays, publications),
    ...halfKnown(stays, publications),
  ]
}

function publicationsOf(lines: readonly Line[]): ReadonlyMap<string, Publication> {
  const publications = new Map<string, Publication>()
  lines.forEach((line, at) => {
    if (line.kind === 'published') {
      const { key, who, room } = line
      publications.set(key, { key, who, room, at, outcome: 'unknown', place: undefined })
    } else if (line.kind === 'acked' || line.kind === 'refused') {
      const publication = publications.get(line.key)
      if (!publication) throw new Error(`${line.key} was answered and never published: the transcript is broken`)
      publication.outcome = line.kind
      if (line.kind === 'acked') publication.place = line.place
    }
  })
  return publications
}

function staysOf(lines: readonly Line[]): { stays: Stay[]; faults: string[] } {
  const stays: Stay[] = []
  const faults: string[] = []
  const open = new Map<string, Stay>()
  lines.forEach((line, at) => {
    if (!('room' in line) || !('who' in line) || line.kind === 'published') return
    const { who, room } = line
    const name = JSON.stringify([who, room])
    const stay = open.get(name)
    if (line.kind === 'joined') {
      const begun: Stay = { who, room, joinedAt: at, hasEnded: false, received: [], keys: new Set(), gaps: [] }
      open.set(name, begun)
      stays.push(begun)
    } else if (!stay) {
      faults.push(`${who} is told of ${room} without being in it${line.kind === 'received' ? `: ${line.key}` : ''}`)
    } else if (line.kind === 'left') {
      stay.hasEnded = true
      open.delete(name)
    } else if (line.kind === 'received') {
      stay.received.push({ key: line.key, at, place: line.place })
      stay.keys.add(line.key)
    } else if (line.kind === 'gap') {
      stay.gaps.push({ at, place: line.place })
    }
  })
  return { stays, faults }
}

/** Nothing is received that nobody published there, or that was refused. */
function strangers({ who, room, received }: Stay, publications: ReadonlyMap<string, Publication>): string[] {
  return received.flatMap(({ key }) => {
    const publication = publications.get(key)
    if (publication?.room !== room) return [`${who} received ${key} in ${room}, where nobody published it`]
    return publication.outcome === 'refused' ? [`${who} received ${key}, which was refused`] : []
  })
}

/** Nothing is received twice. */
function repeated({ who, room, received }: Stay): string[] {
  const seen = new Set<string>()
  return received.flatMap(({ key }) => {
    if (seen.has(key)) return [`${who} received ${key} twice in ${room}`]
    seen.add(key)
    return []
  })
}

/** Places only rise: in an epoch by their seq, and an epoch that is over does not come back. */
function disordered({ who, room, received }: Stay): string[] {
  const faults: string[] = []
  const highest = new Map<string, number>()
  let current: string | undefined
  for (const { key, place } of received) {
    if (!place) continue
    const before = highest.get(place.epoch)
    if (before !== undefined && (place.epoch !== current || place.seq <= before)) {
      faults.push(`${who} received ${key} in ${room} behind what comes after it`)
    }
    highest.set(place.epoch, Math.max(before ?? place.seq, place.seq))
    current = place.epoch
  }
  return faults
}

/** Every acknowledged publication is received by everybody who was there all the while, or a gap covers it. */
function missing(stay: Stay, publications: ReadonlyMap<string, Publication>): string[] {
  return [...publications.values()].flatMap((publication) =>
    publication.outcome === 'acked' && isOwed(stay, publication)
      ? [`${stay.who} never received ${publication.key} in ${stay.room}`]
      : [],
  )
}

/** All who know a publication's place name the same, and no two publications share one. */
function disagreed(stays: readonly Stay[], publications: ReadonlyMap<string, Publication>): string[] {
  const faults: string[] = []
  const placeByKey = new Map<string, string>()
  const keyByPlace = new Map<string, string>()
  const learn = (who: string, room: string, key: string, place: Place | undefined): void => {
    if (!place) return
    const spot = JSON.stringify([room, place.epoch, place.seq])
    const known = placeByKey.get(key)
    const other = keyByPlace.get(spot)
    if (known !== undefined && known !== spot) faults.push(`${who} has ${key} at ${spot}, others at ${known}`)
    if (other !== undefined && other !== key) faults.push(`${who} has ${key} at ${spot}, where others have ${other}`)
    placeByKey.set(key, known ?? spot)
    keyByPlace.set(spot, other ?? key)
  }
  for (const { who, room, key, place } of publications.values()) learn(`the publisher ${who}`, room, key, place)
  for (const { who, room, received } of stays) for (const { key, place } of received) learn(who, room, key, place)
  return faults
}

/** What one publishes in a room stands in the order in which it was published, by the acks and for every reader. */
function outOfTurn(stays: readonly Stay[], publications: ReadonlyMap<string, Publication>): string[] {
  const faults: string[] = []
  const last = new Map<string, Publication>()
  for (const publication of publications.values()) {
    const { who, room, key, place } = publication
    if (!place) continue
    const before = last.get(JSON.stringify([who, room, place.epoch]))
    if (before?.place && place.seq < before.place.seq) faults.push(`${who} published ${before.key} before ${key}`)
    last.set(JSON.stringify([who, room, place.epoch]), publication)
  }
  for (const stay of stays) {
    const latest = new Map<string, Publication>()
    for (const { key } of stay.received) {
      const publication = publications.get(key)
      if (!publication) continue
      const before = latest.get(publication.who)
      if (before && publication.at < before.at) {
        faults.push(`${stay.who} received ${key} of ${publication.who} behind the later ${before.key}`)
      }
      latest.set(publication.who, publication)
    }
  }
  return faults
}

/** What was never answered is received by all who reach beyond it, or by none of them. */
function halfKnown(stays: readonly Stay[], publications: ReadonlyMap<string, Publication>): string[] {
  return [...publications.values()].flatMap((publication) => {
    const { key, outcome } = publication
    if (outcome !== 'unknown') return []
    const witness = stays.find(({ keys }) => keys.has(key))
    const place = witness?.received.find((each) => each.key === key)?.place
    return stays
      .filter((stay) => place && reachesBeyond(stay, place) && isOwed(stay, { ...publication, place }))
      .map((stay) => `${stay.who} did not receive ${key} in ${stay.room}, though ${witness?.who} did`)
  })
}

/** Not received, though it was published while the reader was there, and no gap covers it. Who left is owed what it reached beyond. */
function isOwed(stay: Stay, publication: Publication): boolean {
  if (stay.room !== publication.room || publication.at < stay.joinedAt || stay.keys.has(publication.key)) return false
  if (stay.hasEnded && !(publication.place && reachesBeyond(stay, publication.place))) return false
  return !stay.gaps.some((gap) => covers(gap, publication, stay))
}

function reachesBeyond({ received }: Stay, { epoch, seq }: Place): boolean {
  return received.some(({ place }) => place?.epoch === epoch && place.seq > seq)
}

/** A gap covers what stands behind the last that was received before it, up to its place; of an epoch that is over, all the rest. */
function covers(gap: Stay['gaps'][number], { place, at }: Publication, { received }: Stay): boolean {
  if (!place) return false
  const last = received.findLast((each) => each.at < gap.at && each.place?.epoch === place.epoch)?.place
  if (last && place.seq <= last.seq) return false
  return place.epoch === gap.place.epoch ? place.seq <= gap.place.seq : at < gap.at
}
