import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import { type Dialed, dial } from './dial.ts'
import type { Random } from './random.ts'
import type { Subject } from './subject.ts'

/**
 * How bytes are handed to the kernel: all pieces in one write, one write for each piece, one write for each byte, or writes of N
 * bytes, or of a random number, heedless of where pieces end. Slowly, each of the first N bytes has a gap behind it that is long enough for it to be read alone. Politely, a while of
 * listening follows each N bytes, and nothing follows an answer: who writes on may lose it to the RST that his bytes meet.
 */
export type Writes =
  | 'back-to-back'
  | 'piece-wise'
  | 'octet-wise'
  | { readonly chopBytes: number }
  | { readonly chops: Random }
  | { readonly slowBytes: number }
  | { readonly politeBytes: number }

const gapMs = 3
const listeningMs = 300
/** A server that neither reads nor drops for so long is given up. */
const stallPatienceMs = 30_000

interface Pace {
  size(at: number): number
  wait(at: number): Promise<unknown>
}

/** A connection to the server under test: what was written, what came, and who dropped it. */
export class Wire {
  readonly socket: Duplex
  readonly #tcp: Socket | undefined
  /** Who ended the connection first: the server by FIN or RST, or the client whose patience was over. */
  droppedBy: 'server' | 'client' | undefined
  /** RST came, and no FIN before it. */
  isReset = false
  #onData: (bytes: Buffer) => void = () => {}
  #onEnd: () => void = () => {}
  #pending: Buffer[] = []
  #bytesReceived = 0
  #written: Promise<void> = Promise.resolve()
  readonly #waiting = new Set<() => void>()

  private constructor({ stream: socket, tcp }: Dialed) {
    this.socket = socket
    this.#tcp = tcp
    socket.on('data', (bytes: Buffer) => {
      this.#bytesReceived += bytes.length
      this.#onData(bytes)
      this.notify()
    })
    socket.on('end', () => {
      this.droppedBy ??= 'server'
      this.#onEnd()
      this.notify()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (!this.isOver && error.code === 'ECONNRESET') this.isReset = true
    })
    socket.on('close', () => {
      if (!this.isOver) this.#onEnd()
      this.droppedBy ??= 'server'
      this.notify()
    })
    this.#onData = (bytes) => this.#pending.push(bytes)
  }

  static async connect(subject: Subject, patienceMs: number): Promise<Wire> {
    return new Wire(await dial(subject, patienceMs))
  }

  /** Nothing more will come. */
  get isOver(): boolean {
    return this.droppedBy !== undefined
  }

  /** Hands over what came already and what will come. The listener may be changed, as the upgrade does. */
  listen(onData: (bytes: Buffer) => void, onEnd: () => void = () => {}): void {
    this.#onData = onData
    this.#onEnd = onEnd
    const pending = this.#pending
    this.#pending = []
    for (const bytes of pending) onData(bytes)
    if (this.isOver) onEnd()
  }

  /** Writes the pieces behind what is being written; returns when all is in the kernel's hands, or the connection is over. */
  write(pieces: readonly Uint8Array[], writes: Writes = 'back-to-back'): Promise<void> {
    this.#written = this.#written.then(async () => {
      if (writes === 'back-to-back') return this.#hand(Buffer.concat(pieces))
      if (typeof writes === 'object' && 'chops' in writes) return this.#writePiece(Buffer.concat(pieces), writes)
      for (const piece of pieces) await this.#writePiece(piece, writes)
    })
    return this.#written
  }

  async #writePiece(piece: Uint8Array, writes: Exclude<Writes, 'back-to-back'>): Promise<void> {
    const { size, wait } = this.#paceOf(writes, piece.length)
    const bytesBefore = this.#bytesReceived
    const isAnswered = () => typeof writes === 'object' && 'politeBytes' in writes && this.#bytesReceived > bytesBefore
    for (let at = 0; at < piece.length && !this.isOver && !isAnswered(); ) {
      const next = Math.min(at + size(at), piece.length)
      await this.#hand(piece.subarray(at, next))
      await wait(at)
      at = next
    }
  }

  /** How many bytes go together from an offset on, and what is waited for behind them. */
  #paceOf(writes: Exclude<Writes, 'back-to-back'>, length: number): Pace {
    const turn = () => nextTurn()
    if (writes === 'piece-wise') return { size: () => length, wait: turn }
    if (writes === 'octet-wise') return { size: () => 1, wait: turn }
    if ('chopBytes' in writes) return { size: () => writes.chopBytes, wait: turn }
    // Of all orders of magnitude: single bytes and what fills a buffer.
    if ('chops' in writes) return { size: () => 1 + writes.chops.below(2 ** writes.chops.below(17)), wait: turn }
    if ('slowBytes' in writes) {
      const { slowBytes } = writes
      return { size: (at) => (at < slowBytes ? 1 : length), wait: (at) => (at < slowBytes ? delay(gapMs) : turn()) }
    }
    const bytesBefore = this.#bytesReceived
    const listen = () => this.waitFor(() => this.isOver || this.#bytesReceived > bytesBefore, listeningMs)
    return { size: () => writes.politeBytes, wait: listen }
  }

  async #hand(bytes: Uint8Array): Promise<void> {
    if (this.isOver || !this.socket.writable || this.socket.write(bytes)) return
    const isHanded = () => this.isOver || !this.socket.writable || this.socket.writableLength === 0
    if (!(await this.waitFor(isHanded, stallPatienceMs))) await this.drop(0)
  }

  /** True as soon as the fact holds, false when it did not within the time. Facts are looked at when something came or drained. */
  waitFor(fact: () => boolean, ms: number): Promise<boolean> {
    if (fact()) return Promise.resolve(true)
    return new Promise((resolve) => {
      const end = (held: boolean) => {
        this.#waiting.delete(check)
        this.socket.off('drain', check)
        clearTimeout(timer)
        resolve(held)
      }
      const check = () => {
        if (fact()) end(true)
      }
      const timer = setTimeout(() => end(fact()), ms)
      this.#waiting.add(check)
      this.socket.on('drain', check)
    })
  }

  /** Something changed that a waiter may wait for. */
  notify(): void {
    for (const check of [...this.#waiting]) check()
  }

  /** RST, where there is TCP. */
  reset(): void {
    if (this.#tcp) this.#tcp.resetAndDestroy()
    this.socket.destroy()
  }

  /** Ends our side, waits for the server's, and drops what is left. Returns when the socket is gone. */
  async drop(patienceMs: number): Promise<void> {
    if (!this.isOver) await this.waitFor(() => this.isOver, patienceMs)
    this.droppedBy ??= 'client'
    if (this.socket.closed) return
    const gone = new Promise<void>((resolve) => this.socket.once('close', () => resolve()))
    this.socket.destroy()
    await gone
  }
}
