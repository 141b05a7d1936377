import type { Transport } from '../../../src/hub/transport.ts'

/** A connection to one reader: what was written waits until the reader takes it, and may be cut at any byte. */
export class FakeLine implements Transport {
  readonly name = 'websocket'
  /** So many bytes the kernel takes; a reader that stalls leaves room for none. */
  window: number
  /** Called as soon as it has drained; what it calls may write at once. */
  onWritable: () => void = () => {}
  paused = false
  closed: number | undefined
  closings = 0
  writes = 0
  #sent = ''
  #partial = ''

  constructor(window = Number.POSITIVE_INFINITY) {
    this.window = window
  }

  get unsentBytes(): number {
    return Math.max(0, this.#sent.length - this.window)
  }

  get writable(): boolean {
    return this.unsentBytes === 0
  }

  get waiting(): number {
    return this.#sent.length
  }

  write(frames: readonly Buffer[]): void {
    if (this.closed !== undefined) return
    this.writes++
    for (const frame of frames) this.#sent += frame.toString('latin1')
  }

  /** The reader takes bytes; answers the messages that are whole now. */
  read(bytes: number): string[] {
    const before = this.writable
    const text = this.#partial + this.#sent.slice(0, bytes)
    this.#sent = this.#sent.slice(bytes)
    const messages = text.split('\n')
    this.#partial = messages.pop() as string
    if (!before && this.writable) this.onWritable()
    return messages
  }

  /** The window opens or closes. */
  widen(window: number): void {
    const before = this.writable
    this.window = window
    if (!before && this.writable) this.onWritable()
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
  }

  close(code: number): void {
    this.closed ??= code
    this.closings++
  }

  terminate(): void {
    this.closed ??= 1006
  }
}
