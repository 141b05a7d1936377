import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'

/** A request that a test writes the body of. */
export class FakeRequest extends PassThrough {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>

  constructor(method: string, headers: Readonly<Record<string, string>> = {}) {
    super()
    this.method = method
    this.headers = headers
    this.on('error', () => {})
  }

  get asked(): IncomingMessage {
    return this as unknown as IncomingMessage
  }
}

/** An answer, as far as it was given. */
export class FakeResponse extends EventEmitter {
  status: number | undefined
  body: string | undefined
  headersSent = false
  destroyed = false
  readonly headers: Record<string, unknown> = {}

  get given(): ServerResponse {
    return this as unknown as ServerResponse
  }

  setHeader(name: string, value: unknown): this {
    this.headers[name.toLowerCase()] = value
    return this
  }

  appendHeader(name: string, value: unknown): this {
    const before = (this.headers[name.toLowerCase()] ?? []) as unknown[]
    return this.setHeader(name, before.concat(value))
  }

  writeHead(status: number, headers: Readonly<Record<string, unknown>> = {}): this {
    if (this.headersSent) throw new Error('the head is sent already')
    this.headersSent = true
    this.status = status
    for (const [name, value] of Object.entries(headers)) this.setHeader(name, value)
    return this
  }

  flushHeaders(): void {}

  end(body: Buffer | string = ''): this {
    if (this.body !== undefined) return this
    this.body = `${body}`
    this.emit('finish')
    this.emit('close')
    return this
  }

  /** The peer goes away. */
  lose(): void {
    this.destroyed = true
    this.emit('close')
  }

  /** Status and body; undefined while there is no answer. */
  get answer(): [status: number | undefined, body: string | undefined] | undefined {
    return this.body === undefined ? undefined : [this.status, this.body]
  }
}
