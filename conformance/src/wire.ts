import { connect, type Socket } from 'node:net'
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'

/**
 * How bytes are handed to the kernel: all pieces in one write, one write for each piece, one write for each byte, or writes of N
 * bytes. Slowly, each of the first N bytes has a gap behind it that is long enough for it to be read alone. Politely, a while of
 * listening follows each N bytes, and nothing follows an answer: who writes on may lose it to the RST that his bytes meet.
 */
export type Writes =
  | 'back-to-back'
  | 'piece-wise'
  | 'octet-wise'
  | { readonly chopBytes: number }
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

/** A TCP connection to the server under test: what was written, what came, and who dropped it. */
export class Wire {
  readonly socket: Socket
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

  private constructor(socket: Socket) {
    this.socket = socket
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

  static connect(host: string, port: number, patienceMs: number): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true, allowHalfOpen: true })
      const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${patienceMs} ms`)), patienceMs)
      socket.once('error', reject)
      socket.once('close', () => clearTimeout(timer))
      socket.once('connect', () => {
        clearTimeout(timer)
        socket.off('error', reject)
        resolve(new Wire(socket))
      })
    })
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
      for (const piece of pieces) await this.#writePiece(piece, writes)
    })
    return this.#written
  }

  async #writePiece(piece: Uint8Array, writes: Exclude<Writes, 'back-to-back'>): Promise<void> {
    const { size, wait } = this.#paceOf(writes, piece.length)
    const bytesBefore = this.#bytesReceived
    const isAnswered = () => typeof writes === 'object' && 'politeBytes' in writes && this.#bytesReceived > bytesBefore
    for (let at = 0; at < piece.length && !this.isOver && !isAnswered(); ) {
      const next = at + size(at)
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
