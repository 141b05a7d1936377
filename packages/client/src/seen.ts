import type { PublicationPacket } from '@partyline/protocol'

/** How many are remembered: what came twice comes soon after the return, and most rooms' own positions tell already. */
const maxRemembered = 4096

/**
 * The publications that were handed out, so that one that was said to several rooms is not handed out again when it comes
 * through another room after a return.
 *
 * Two logs may use the same `seq`, so time, event and sender are compared too. And only a replay repeats anything, and
 * only what came before it began: outside of it nothing is dropped.
 */
export class Seen {
  #generation = 0
  #generations = new Map<string, number>()

  /** A replay begins: what was seen so far may come again. */
  turn(): void {
    this.#generation++
  }

  add(publication: PublicationPacket): void {
    this.#generations.set(keyOf(publication), this.#generation)
    if (this.#generations.size <= maxRemembered) return
    for (const oldest of this.#generations.keys()) {
      this.#generations.delete(oldest)
      return
    }
  }

  /** Whether it was seen, in this generation too or before it. */
  has(publication: PublicationPacket, inThisOneToo: boolean): boolean {
    const generation = this.#generations.get(keyOf(publication))
    return generation !== undefined && (inThisOneToo || generation < this.#generation)
  }
}

function keyOf({ seq, at, from, event }: PublicationPacket): string {
  return `${seq} ${at} ${from?.id ?? ''} ${event}`
}
