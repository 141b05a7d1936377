import { Fault, tell } from '../engine-io/fault.ts'
import type { Packet } from './line.ts'

/** One step of a conversation. */
export type Step =
  /** The client says packets, in one payload where it polls. */
  | { readonly kind: 'say'; readonly packets: readonly string[] }
  /** The server says these, in this order and nothing between. */
  | { readonly kind: 'hear'; readonly packets: readonly string[] }
  /** The server closes the session, and says nothing before. */
  | { readonly kind: 'closes' }
  /** The server goes on, and has said nothing else: an event comes back. In no namespace: one that there is none of is refused. */
  | { readonly kind: 'lives'; readonly namespace: string }
  /** What the application has seen of the client with this key. */
  | { readonly kind: 'reason' | 'errors' | 'notes' | 'connections'; readonly key: string; readonly value: unknown }

/**
 * A conversation as it is written down, a line a step:
 *
 *     → 40 ␞ 42["a"]       the client says these packets
 *     ← 40{"sid":"$a"}     the server says this one
 *     ← <dead beef>        bytes
 *     closes               the server closes the session
 *     lives                it does not, nor has it said anything; `lives /ops`, `lives outside`: shown elsewhere than in `/`
 *     reason $key "…"      why the client with that key was disconnected, as the application was told
 *     errors $key ["…"]    the errors that its socket has told
 *     notes $key ["…"]     what it has said by the event `note`
 *     connections $key 1   how often the application was told of it
 *
 * `$name` is whatever stood there at first, and the same from then on.
 */
export function parseScript(text: string): readonly Step[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(parseStep)
}

function parseStep(line: string): Step {
  const [word = '', ...rest] = line.split(' ')
  const more = rest.join(' ')
  switch (word) {
    case '→':
      return { kind: 'say', packets: more.split(' ␞ ') }
    case '←':
      return { kind: 'hear', packets: more.split(' ␞ ') }
    case 'closes':
      return { kind: 'closes' }
    case 'lives':
      return { kind: 'lives', namespace: more === '' ? '/' : more }
    case 'reason':
    case 'errors':
    case 'notes':
    case 'connections': {
      const [key = '', ...value] = rest
      return { kind: word, key, value: JSON.parse(value.join(' ')) }
    }
    default:
      throw new Error(`no step: ${line}`)
  }
}

const VARIABLE = /\$(\w+)/g
/** Ids are what servers make them; nothing in them has to be escaped in JSON. */
const ID = '[A-Za-z0-9_.~-]+'

/** What `$name` stands for. */
export class Variables {
  readonly #values = new Map<string, string>()
  readonly #fresh: () => string

  constructor(fresh: () => string) {
    this.#fresh = fresh
  }

  /** A packet to say: what has no value yet gets one that nobody else has. */
  packet(text: string): Packet {
    const hex = /^<([0-9a-f ]*)>$/.exec(text)?.[1]
    if (hex !== undefined) return Buffer.from(hex.replaceAll(' ', ''), 'hex')
    return text.replace(VARIABLE, (_, name: string) => {
      const value = this.#values.get(name) ?? this.#fresh()
      this.#values.set(name, value)
      return value
    })
  }

  /** The value of a name, with or without its `$`. */
  value(name: string): string {
    return this.packet(`$${name.replace('$', '')}`) as string
  }

  /** Throws a fault where this is not the packet that is written there. */
  match(packet: Packet, wanted: string): void {
    const fault = new Fault(`${tell(packet)}, not ${wanted.slice(0, 200)}`)
    if (!wanted.includes('$')) {
      if (!isSame(packet, this.packet(wanted))) throw fault
      return
    }
    const unknown: string[] = []
    const pattern = wanted.split(VARIABLE).map((part, index) => {
      if (index % 2 === 0) return part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
      const value = this.#values.get(part)
      if (value !== undefined) return value
      unknown.push(part)
      return `(${ID})`
    })
    const match = typeof packet === 'string' ? new RegExp(`^${pattern.join('')}$`, 's').exec(packet) : null
    if (match === null) throw fault
    for (const [index, name] of unknown.entries()) this.#values.set(name, match[index + 1] as string)
  }
}

const isSame = (a: Packet, b: Packet): boolean => (typeof a === 'string' ? a === b : Buffer.isBuffer(b) && a.equals(b))
