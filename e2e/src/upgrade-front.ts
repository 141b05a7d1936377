import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'

/** What becomes of a WebSocket: it goes through, is refused with 400, is cut, or opens and carries nothing. */
export type UpgradeFate = 'pass' | 'refuse' | 'cut' | 'swallow'

/** A proxy between networks that carries HTTP as it should, and WebSockets as it likes. */
export class UpgradeFront {
  fate: UpgradeFate = 'refuse'
  /** How many upgrades came in. */
  upgradeCount = 0
  /** What was asked for beside them: the method, and the URL with its query. */
  readonly requests: string[] = []
  readonly #server: Server
  readonly #targetPort: number
  readonly #streams = new Set<Duplex>()

  private constructor(targetPort: number) {
    this.#targetPort = targetPort
    this.#server = createServer((near, answer) => this.#carry(near, answer))
    this.#server.on('upgrade', (near, stream, head) => this.#upgrade(near, stream, head))
    this.#server.on('connection', (stream) => {
      this.#streams.add(stream)
      stream.on('close', () => this.#streams.delete(stream))
    })
  }

  static async start(targetPort: number): Promise<UpgradeFront> {
    const front = new UpgradeFront(targetPort)
    front.#server.listen(0, '127.0.0.1')
    await once(front.#server, 'listening')
    return front
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    this.#server.close()
    for (const stream of this.#streams) stream.destroy()
    await once(this.#server, 'close')
  }

  #carry(near: IncomingMessage, answer: ServerResponse): void {
    const { method, url = '', headers } = near
    this.requests.push(`${method} ${url}`)
    const far = request({ port: this.#targetPort, host: '127.0.0.1', method, path: url, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers)
      response.on('error', () => answer.destroy())
      response.pipe(answer)
    })
    far.on('error', () => answer.destroy())
    answer.on('close', () => {
      if (!answer.writableFinished) far.destroy()
    })
    near.on('error', () => far.destroy())
    near.pipe(far)
  }

  #upgrade({ url, rawHeaders }: IncomingMessage, near: Duplex, head: Buffer): void {
    this.upgradeCount++
    near.on('error', () => {})
    if (this.fate === 'cut') near.destroy()
    else if (this.fate === 'refuse')
      near.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    else {
      const far = connect(this.#targetPort, '127.0.0.1')
      far.on('error', () => near.destroy())
      near.on('close', () => far.destroy())
      far.on('close', () => near.destroy())
      const lines = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1]}\r\n`] : []))
      far.write(`GET ${url} HTTP/1.1\r\n${lines.join('')}\r\n`)
      far.write(head)
      far.pipe(near)
      if (this.fate === 'pass') near.pipe(far)
      else near.resume()
    }
  }
}
