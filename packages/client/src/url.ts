/** Where to connect, and which namespace that is. */
export interface Address {
  url: string
  /** The namespace, which is also the name of the room of what is said to all of it. */
  namespace: string
}

const webSocketScheme: Record<string, string> = { 'http:': 'ws:', 'https:': 'wss:', 'ws:': 'ws:', 'wss:': 'wss:' }

/** `https://host/ops` is `wss://host/partyline/ops`: the path is the namespace, and lies behind the prefix. */
export function resolveAddress(url: string | URL | undefined, prefix: string): Address {
  const page = pageUrl()
  if (url === undefined && page === undefined) {
    throw new TypeError('connect() needs a URL outside a browser, such as connect("http://localhost:8080")')
  }
  // A page's own path says nothing about a namespace: without a URL only its origin counts.
  const resolved = new URL(url ?? '/', page)
  const scheme = webSocketScheme[resolved.protocol]
  if (scheme === undefined) {
    throw new TypeError(`connect() takes http, https, ws and wss URLs, not ${resolved.protocol}`)
  }
  const trimmed = prefix.replace(/^\/+|\/+$/g, '')
  const base = trimmed && `/${trimmed}`
  const path = resolved.pathname.replace(/\/+$/, '')
  // An address copied from elsewhere may have the prefix already.
  const rest = base !== '' && (path === base || path.startsWith(`${base}/`)) ? path.slice(base.length) : path
  return { url: `${scheme}//${resolved.host}${base}${rest || '/'}${resolved.search}`, namespace: decode(rest || '/') }
}

function pageUrl(): string | undefined {
  return typeof location === 'undefined' || location.origin === 'null' ? undefined : location.href
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
