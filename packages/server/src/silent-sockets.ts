import type { Socket } from 'node:net'

const FIRST_SWEEP = 1_000

/**
 * Connections on which nothing has been asked yet: browsers open some in reserve. Node takes them for busy, and a server
 * that closes would wait for them.
 */
export class SilentSockets {
  readonly #all = new Set<Socket>()
  #sweepAt = FIRST_SWEEP

  get size(): number {
    return this.#all.size
  }

  add(socket: Socket): void {
    this.#all.add(socket)
    if (this.#all.size >= this.#sweepAt) this.#sweep()
  }

  /** Something was asked on it. */
  delete(socket: Socket): void {
    this.#all.delete(socket)
  }

  end(): void {
    for (const socket of this.#all) socket.destroy()
    this.#all.clear()
  }

  /** Those that went without a word stand here still: nobody listens to each of them for that. */
  #sweep(): void {
    for (const socket of this.#all) if (socket.destroyed) this.#all.delete(socket)
    this.#sweepAt = Math.max(FIRST_SWEEP, 2 * this.#all.size)
  }
}
