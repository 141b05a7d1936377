import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { setSecurityHeaders } from './security-headers.ts'
import type { StaticFiles } from './static-files.ts'

export interface HttpAppOptions {
  readonly files: StaticFiles
  /** Answers as JSON, by path. */
  readonly documents: Readonly<Record<string, () => object>>
  /** Where a WebSocket is expected. A path that ends in a slash is a prefix. */
  readonly webSocketPaths: readonly string[]
  /** Why a request may not come in, by `Host` alone or altogether; undefined where it may. */
  readonly refusalOf: (request: IncomingMessage, by?: 'host') => string | undefined
}

/** What is served over HTTP beside the HTTP API: the chat, how the server is, and what to do at any other path. */
export function httpApp({ files, documents, webSocketPaths, refusalOf }: HttpAppOptions): RequestListener {
  const expectsWebSocket = (path: string): boolean =>
    webSocketPaths.some((each) => (each.endsWith('/') ? path.startsWith(each) : path === each))

  return (request, response) => {
    setSecurityHeaders(response, isSecure(request))
    const path = pathOf(request.url ?? '/')
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    // Our pages are anybody's who asks for us by our name: where the Origin does not suit, the chat says so itself.
    const refusal = refusalOf(request, isRead && files.has(path) ? 'host' : undefined)
    if (refusal !== undefined) return say(response, 403, refusal)
    if (expectsWebSocket(path)) {
      response.setHeader('Upgrade', 'websocket')
      response.setHeader('Sec-WebSocket-Version', '13')
      return say(response, 426, `this is a WebSocket: open it with ${schemesOf(request)}`)
    }
    if (!isRead) return refuseMethod(request, response)
    const document = Object.hasOwn(documents, path) ? documents[path] : undefined
    if (document !== undefined) return tell(response, document())
    if (files.serve(path, request, response)) return
    say(response, 404, `nothing is here; there are: ${listOf(files, documents)}`)
  }
}

/** The path as it was sent, without its query; of a target in absolute form too (RFC 9112 section 3.2.2). */
function pathOf(target: string): string {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '')
  return path === '' ? '/' : path
}

function listOf(files: StaticFiles, documents: object): string {
  return [...(files.hasIndex ? ['/'] : []), '/api/', ...Object.keys(documents)].join(', ')
}

/** What a bare `http` or `https` address is to begin with instead. */
function schemesOf(request: IncomingMessage): string {
  return isSecure(request) ? 'wss:// in place of https://' : 'ws:// in place of http://'
}

function isSecure({ socket }: IncomingMessage): boolean {
  return (socket as { readonly encrypted?: boolean }).encrypted === true
}

function refuseMethod(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Allow', 'GET, HEAD')
  // what may be left of its body is not read
  response.setHeader('Connection', 'close')
  say(response, 405, `${request.method} means nothing here`)
}

function say(response: ServerResponse, status: number, text: string): void {
  response.setHeader('Cache-Control', 'no-store')
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
}

function tell(response: ServerResponse, document: object): void {
  response.setHeader('Cache-Control', 'no-store')
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(`${JSON.stringify(document)}\n`)
}
