import { type ClientRequest, get, type IncomingHttpHeaders } from 'node:http'
import { expect } from 'vitest'

export interface ReadEvent {
  readonly event: string
  // biome-ignore lint/suspicious/noExplicitAny: the JSON of an event, looked at by tests
  readonly data: any
  readonly id: string
}

export interface EventReaderOptions {
  readonly lastEventId?: string
  /** Cuts the line when so many bytes of the body have come. */
  readonly maxBytes?: number
}

/** A reader of server-sent events as a browser reads them (HTML, section 9.2.6), which can be cut at any byte. */
export class EventReader {
  readonly events: ReadEvent[] = []
  /** The stream as it came. */
  text = ''
  status = 0
  headers: IncomingHttpHeaders = {}
  ended = false
  /** What a browser would come back with. */
  lastEventId: string
  retryMs: number | undefined
  readonly #request: ClientRequest
  #bytesLeft: number
  #rest = Buffer.alloc(0)
  #data: string[] = []
  #event = ''
  #id: string

  constructor(url: string, { lastEventId = '', maxBytes = Number.POSITIVE_INFINITY }: EventReaderOptions) {
    this.lastEventId = lastEventId
    this.#id = lastEventId
    this.#bytesLeft = maxBytes
    const headers = {
      Accept: 'text/event-stream',
      ...(lastEventId === '' ? undefined : { 'Last-Event-ID': lastEventId }),
    }
    this.#request = get(url, { headers, agent: false }, (response) => {
      this.status = response.statusCode ?? 0
      this.headers = response.headers
      response.on('data', (chunk: Buffer) => this.#onChunk(chunk)).on('error', () => {})
      response.on('close', () => {
        this.ended = true
      })
    })
    this.#request.on('error', () => {
      this.ended = true
    })
  }

  get names(): string[] {
    return this.events.map(({ event }) => event)
  }

  get payloads(): unknown[] {
    return this.events.map(({ data }) => data.data)
  }

  #onChunk(chunk: Buffer): void {
    const taken = chunk.subarray(0, this.#bytesLeft)
    this.#bytesLeft -= taken.length
    this.text += taken.toString('latin1')
    this.#rest = Buffer.concat([this.#rest, taken])
    for (let end = this.#rest.indexOf(10); end >= 0; end = this.#rest.indexOf(10)) {
      this.#onLine(this.#rest.subarray(0, end).toString())
      this.#rest = this.#rest.subarray(end + 1)
    }
    if (this.#bytesLeft <= 0) this.close()
  }

  #onLine(line: string): void {
    if (line === '') {
      this.#dispatch()
      return
    }
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') this.#event = value
    else if (field === 'data') this.#data.push(value)
    else if (field === 'id') this.#id = value
    else if (field === 'retry') this.retryMs = Number(value)
  }

  #dispatch(): void {
    this.lastEventId = this.#id
    const data = this.#data.join('\n')
    const event = this.#event === '' ? 'message' : this.#event
    this.#data = []
    this.#event = ''
    if (data !== '') this.events.push({ event, data: JSON.parse(data), id: this.lastEventId })
  }

  /** Waits for the first place, which comes when it is in its rooms. */
  async isIn(): Promise<void> {
    await expect.poll(() => this.lastEventId).not.toBe('')
  }

  async until(count: number): Promise<void> {
    await expect.poll(() => this.events.length).toBeGreaterThanOrEqual(count)
  }

  async hasEnded(): Promise<void> {
    await expect.poll(() => this.ended).toBe(true)
  }

  close(): void {
    this.#request.destroy()
  }
}
