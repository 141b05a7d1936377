import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket as Stream } from 'node:net'

/** How a line ends: with a reset, or with a FIN that looks like a goodbye but leaves a frame unfinished. */
export type CutKind = 'reset' | 'end'

/** One line through the proxy: the stream of who came, and ours to the server. */
interface Line {
  readonly near: Stream
  readonly far: Stream
}

/**
 * A TCP proxy on loopback whose lines can be cut (at once, or after so many bytes, in the middle of whatever is said
 * then), refused, and held: what a browser's own "offline" switch does not do to WebSockets.
 */
export class TcpProxy {
  /** How many lines were cut. */
  cutCount = 0
  /** How many came and were refused. */
  refusedCount = 0
  readonly #server: Server
  readonly #lines = new Set<Line>()
  #targetPort: number
  #isRefusing = false
  #isHolding = false
  /** The cut that waits for its byte. */
  #armed: { bytesLeft: number; readonly kind: CutKind } | undefined

  private constructor(targetPort: number) {
    this.#targetPort = targetPort
    this.#server = createServer({ noDelay: true }, (near) => this.#accept(near))
  }

  static async start(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get lineCount(): number {
    return this.#lines.size
  }

  get isArmed(): boolean {
    return this.#armed !== undefined
  }

  /** Lines that come from now on lead to another port: a server that was started anew. */
  leadTo(targetPort: number): void {
    this.#targetPort = targetPort
  }

  /** Cuts every line. */
  cut(kind: CutKind = 'reset'): void {
    for (const line of this.#lines) this.#cutLine(line, kind)
  }

  /** Cuts every line, and resets every new one, until `restore()`. */
  refuse(): void {
    this.#isRefusing = true
    this.cut()
  }

  /** What is said stays unsaid, in both directions, on lines that look alive, until `restore()`. */
  hold(): void {
    this.#isHolding = true
    for (const { near, far } of this.#lines) for (const stream of [near, far]) stream.pause()
  }

  /** Takes lines again, and lets go what was held. */
  restore(): void {
    this.#isRefusing = false
    this.#isHolding = false
    for (const { near, far } of this.#lines) for (const stream of [near, far]) stream.resume()
  }

  /** Cuts the line that carries the byte so far from now, in either direction; half of what was being said arrives. */
  cutAfter(bytes: number, kind: CutKind): void {
    this.#armed = { bytesLeft: bytes, kind }
  }

  /** Takes a cut back that has not come. */
  disarm(): void {
    this.#armed = undefined
  }

  async close(): Promise<void> {
    this.refuse()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #accept(near: Stream): void {
    near.on('error', () => {})
    if (this.#isRefusing) {
      this.refusedCount++
      near.resetAndDestroy()
      return
    }
    const far = connect({ port: this.#targetPort, host: '127.0.0.1', noDelay: true })
    far.on('error', () => {})
    const line = { near, far }
    this.#lines.add(line)
    this.#carry(line, near, far)
    this.#carry(line, far, near)
  }

  #carry(line: Line, from: Stream, to: Stream): void {
    from.on('data', (chunk) => {
      const armed = this.#armed
      if (armed !== undefined && chunk.length > armed.bytesLeft) {
        this.#armed = undefined
        to.write(chunk.subarray(0, armed.bytesLeft), () => this.#cutLine(line, armed.kind))
        from.pause()
        return
      }
      if (armed !== undefined) armed.bytesLeft -= chunk.length
      if (to.write(chunk)) return
      from.pause()
      to.once('drain', () => {
        if (!this.#isHolding) from.resume()
      })
    })
    from.on('end', () => to.end())
    from.on('close', () => {
      this.#lines.delete(line)
      to.destroy()
    })
    if (this.#isHolding) from.pause()
  }

  #cutLine(line: Line, kind: CutKind): void {
    if (!this.#lines.delete(line)) return
    this.cutCount++
    for (const stream of [line.near, line.far]) {
      if (kind === 'reset') stream.resetAndDestroy()
      else stream.destroySoon()
    }
  }
}
