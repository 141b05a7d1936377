import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'

/** Where a standalone server is found. */
export interface Urls {
  /** The page to open; undefined where the chat was not built. */
  readonly chat: string | undefined
  readonly webSocket: string
  /** What Socket.IO's clients are given. */
  readonly socketIo: string
  /** What talks with the server alone. */
  readonly echo: string
  readonly http: string
  /** Its base as others in the network see it, where it listens for them. */
  readonly network: readonly string[]
}

export function urlsOf(host: string, port: number, hasChat: boolean, isSecure: boolean): Urls {
  const isAny = host === '0.0.0.0' || host === '::'
  const [http, ws] = isSecure ? ['https', 'wss'] : ['http', 'ws']
  const authority = `${isAny ? 'localhost' : inUrl(host)}:${port}`
  return {
    chat: hasChat ? `${http}://${authority}` : undefined,
    webSocket: `${ws}://${authority}`,
    socketIo: `${http}://${authority}`,
    echo: `${ws}://${authority}/echo`,
    http: `${http}://${authority}/api`,
    network: isAny ? addresses().map((address) => `${http}://${address}:${port}`) : [],
  }
}

const inUrl = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host)

/** This machine's IPv4 addresses in its networks. */
export function addresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address)
}
