import type { Keep, Sender } from './broker.ts'
import { type Rate, type ResolvedRate, resolveRate } from './guard/rate.ts'
import type { Maybe } from './maybe.ts'

/** Who may do something in a room: everybody, nobody, or whom a function lets. */
export type Right = boolean | ((user: Sender, room: string) => Maybe<boolean>)

/** What a room keeps, and what clients may do in it. Server code may always do everything. */
export interface RoomRule {
  /** How many publications are kept and for how long; `false`: none. Default 1,000 and two minutes. */
  readonly keep?: Keep
  /**
   * How far back a reader may recover: `own`, what it was a member for; `kept`, all that is kept. Default `kept` where
   * everybody may read the history anyway, else `own`.
   */
  readonly recover?: 'own' | 'kept'
  readonly subscribe?: Right
  readonly publish?: Right
  readonly history?: Right
  readonly presence?: Right
  /** How often one client may publish here: `"10 per minute"`. Default: as often as it likes. */
  readonly rate?: Rate
}

/** Rules by the name of the room, or by a pattern in which `*` stands for any text: `{"chat:*": {…}}`. */
export type RoomRules = Readonly<Record<string, RoomRule>>

/** A right a client can ask for. */
export type Action = 'subscribe' | 'publish' | 'history' | 'presence'

/** A rule with nothing left open. */
export type ResolvedRule = Required<Omit<RoomRule, 'rate'>> & { readonly rate: ResolvedRate | undefined }

/** What holds for a room without a rule: kept for a drop of the line, and closed to clients. */
const unruled: ResolvedRule = {
  keep: { entries: 1_000, ageMs: 120_000 },
  recover: 'own',
  subscribe: false,
  publish: false,
  history: false,
  presence: false,
  rate: undefined,
}

interface Pattern {
  readonly test: (room: string) => boolean
  readonly length: number
  readonly rule: ResolvedRule
}

/** The rules of one namespace. An exact name goes before a pattern, a longer pattern before a shorter one. */
export class Rules {
  readonly #exact = new Map<string, ResolvedRule>()
  readonly #patterns: Pattern[] = []
  /** False where no room's presence may be asked for: then nobody need look. */
  readonly hasPresence: boolean

  constructor(rules: RoomRules) {
    this.hasPresence = Object.values(rules).some(({ presence = false }) => presence !== false)
    for (const [name, rule] of Object.entries(rules)) {
      const resolved = resolve(name, rule)
      if (name.includes('*')) this.#patterns.push({ test: matcher(name), length: name.length, rule: resolved })
      else this.#exact.set(name, resolved)
    }
    this.#patterns.sort((a, b) => b.length - a.length)
  }

  /** The rule of a room. */
  of(room: string): ResolvedRule {
    const exact = this.#exact.get(room)
    if (exact !== undefined || this.#patterns.length === 0) return exact ?? unruled
    return this.#patterns.find(({ test }) => test(room))?.rule ?? unruled
  }
}

/** True where the rule lets some client do something: else the room does not exist for them. */
export const isOpen = (rule: ResolvedRule): boolean =>
  rule.subscribe !== false || rule.publish !== false || rule.history !== false || rule.presence !== false

function resolve(name: string, rule: RoomRule): ResolvedRule {
  if (rule.keep && !(rule.keep.entries >= 0 && rule.keep.ageMs >= 0)) {
    throw new TypeError(`rooms["${name}"].keep must be false or {entries, ageMs} with numbers from 0`)
  }
  const rate = rule.rate === undefined ? undefined : resolveRate(rule.rate, `rooms["${name}"].rate`)
  return { ...unruled, recover: rule.history === true ? 'kept' : 'own', ...rule, rate }
}

/** Whether a name fits a pattern, without a regular expression: the parts between the stars in their order. */
function matcher(pattern: string): (room: string) => boolean {
  const parts = pattern.split('*')
  const first = parts[0] as string
  const last = parts.at(-1) as string
  const middle = parts.slice(1, -1)
  return (room) => {
    if (room.length < first.length + last.length || !room.startsWith(first) || !room.endsWith(last)) return false
    let at = first.length
    for (const part of middle) {
      const found = room.indexOf(part, at)
      if (found < 0) return false
      at = found + part.length
    }
    return at <= room.length - last.length
  }
}
