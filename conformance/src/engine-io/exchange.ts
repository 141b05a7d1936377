import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Fault } from './fault.ts'

/** A request as a case wants it. */
export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** A list: one write for each, by chunked transfer encoding. */
  readonly body?: string | Buffer | readonly Buffer[]
  /** The body is longer than that: the rest never comes. */
  readonly contentLength?: number
}

/** An answer, whole. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
  readonly text: string
}

/** One request over a connection of its own, and what becomes of it. */
export class Exchange {
  readonly #request: ClientRequest
  readonly #patienceMs: number
  readonly #outcome: Promise<Answer | 'reset'>
  /** Something came back, or the connection has ended. */
  isOver = false
  /** Resolves when the kernel has the head, and what there is of the body. */
  readonly sent: Promise<void>

  constructor(url: URL, ask: Ask, patienceMs: number) {
    this.#patienceMs = patienceMs
    const { method = 'GET', headers = {}, body, contentLength } = ask
    const length = contentLength ?? (typeof body === 'string' || Buffer.isBuffer(body) ? Buffer.byteLength(body) : -1)
    this.#request = request(url, {
      method,
      agent: false,
      // as stock clients do: with "close" a server may reset what it has not read, and its answer with it
      headers: { Connection: 'keep-alive', ...(length >= 0 && { 'Content-Length': length }), ...headers },
    })
    this.#request.setNoDelay(true)
    this.#outcome = this.#listen()
    this.sent = new Promise((resolve) => {
      this.#request.once('close', resolve)
      if (contentLength !== undefined) this.#request.write(body, () => resolve())
      else {
        this.#request.once('finish', resolve)
        if (Array.isArray(body)) void this.#writeOneByOne(body)
        else this.#request.end(body)
      }
    })
  }

  /** The body goes on being written where the server has answered before its end, as a client would that has not noticed. */
  async #writeOneByOne(chunks: readonly Buffer[]): Promise<void> {
    this.#request.flushHeaders()
    for (const chunk of chunks) {
      if (this.#request.destroyed) return
      this.#request.write(chunk)
      await nextTurn()
    }
    this.#request.end()
  }

  #listen(): Promise<Answer | 'reset'> {
    return new Promise((resolve) => {
      const over = (outcome: Answer | 'reset'): void => {
        this.isOver = true
        resolve(outcome)
      }
      this.#request.on('error', () => over('reset'))
      this.#request.on('close', () => over('reset'))
      this.#request.on('response', (response: IncomingMessage) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', () => over('reset'))
        response.on('end', () => {
          const bytes = Buffer.concat(chunks)
          over({ status: response.statusCode ?? 0, headers: response.headers, bytes, text: bytes.toString() })
        })
      })
    })
  }

  /** The answer, or `reset` where the connection ended without one. A {@link Fault} where neither comes. */
  async outcome(): Promise<Answer | 'reset'> {
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, this.#patienceMs, undefined)
    })
    const outcome = await Promise.race([this.#outcome, patience])
    clearTimeout(timer)
    if (outcome === undefined) throw new Fault(`no answer to ${this.#name}`)
    return outcome
  }

  async answer(): Promise<Answer> {
    const outcome = await this.outcome()
    if (outcome === 'reset') throw new Fault(`${this.#name} was reset`)
    return outcome
  }

  /** The client goes away. */
  abort(): void {
    this.#request.destroy()
  }

  get #name(): string {
    return `${this.#request.method} ${this.#request.path.replace(/sid=[^&]+/, 'sid=…')}`
  }
}
