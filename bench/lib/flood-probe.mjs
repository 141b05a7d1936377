import { Socket } from 'node:net'
import { Readable } from 'node:stream'

const MESSAGES_BETWEEN = 20_000

/**
 * Counts how many reads of any socket pass between a publication and its writes, from outside of the arm: Node hands
 * every read to `socket.push` and gets every write through `socket.write`. Publications are made inside the handler of
 * a message, which is where an application makes them, and where nothing but reads may be coming for a long time.
 */
export class FloodProbe {
  #reads = 0
  #messages = 0
  #waiting
  #run

  constructor() {
    const probe = this
    Socket.prototype.push = function push(...read) {
      probe.#reads++
      return Readable.prototype.push.apply(this, read)
    }
    const { write } = Socket.prototype
    Socket.prototype.write = function counted(chunk, ...rest) {
      if (probe.#waiting !== undefined) probe.#onWrite(chunk)
      return write.call(this, chunk, ...rest)
    }
  }

  /** Resolves to what each of so many publications waited for: `{reads, ms}` until its first and its last write. */
  run({ publications, clients, nextText, publish }) {
    return new Promise((resolve) => {
      this.#run = { publications, clients, nextText, publish, waits: [], resolve }
    })
  }

  onMessage() {
    if (++this.#messages < MESSAGES_BETWEEN || this.#run === undefined || this.#waiting !== undefined) return
    if (this.#reads === 0) throw new Error('no read was seen: the arm reads past socket.push')
    this.#messages = 0
    const text = this.#run.nextText()
    this.#waiting = { text, writes: 0, reads: this.#reads, sinceMs: performance.now(), first: undefined }
    this.#run.publish(text)
  }

  #onWrite(chunk) {
    if (!chunk.includes(this.#waiting.text)) return
    this.#waiting.first ??= this.#waited()
    if (++this.#waiting.writes === this.#run.clients) this.#onWritten()
  }

  #waited() {
    return { reads: this.#reads - this.#waiting.reads, ms: performance.now() - this.#waiting.sinceMs }
  }

  #onWritten() {
    const { waits, publications, resolve } = this.#run
    waits.push({ first: this.#waiting.first, last: this.#waited() })
    this.#waiting = undefined
    if (waits.length < publications) return
    this.#run = undefined
    resolve(waits)
  }
}
