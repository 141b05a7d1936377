import { isIP } from 'node:net'
import { isPrivateIPv4 } from './address.ts'

/** Socket.IO's `cors.origin`: who may come from another site. */
export type AllowedOrigins = boolean | string | RegExp | readonly (string | RegExp)[]

export interface OriginOptions {
  /** Origins that are allowed beside the server's own; `*` or `true` for all. A host may begin with `*.`. */
  readonly origin?: AllowedOrigins
  /** Take the host from `X-Forwarded-Host`: only behind a proxy that sets it. */
  readonly trustProxy: boolean
  /** Whether a page that was opened from a file may come (its origin is `null`). */
  readonly allowNull: boolean
}

type HeaderLookup = (name: string) => string | undefined

/** A host and a port, as `Origin` and `Host` are compared. */
interface Authority {
  readonly host: string
  readonly port: string
}

const PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443', 'ws:': '80', 'wss:': '443' }

/** Pages that a server serves. An extension of the browser may bear any host's name. */
const PAGES: ReadonlySet<string> = new Set(['http:', 'https:'])

/**
 * Whether a request may come from where its page was loaded. Without an `Origin` it is no page's. Allowed are the
 * configured origins, the server's own host and port, every loopback origin when `Host` is loopback, and any port of the
 * same host when `Host` is a private address (development servers).
 */
export function isOriginAllowed(header: HeaderLookup, options: OriginOptions, secure: boolean): boolean {
  const origin = header('origin')
  if (origin === undefined) return true
  if (options.origin !== undefined && isListed(origin, options.origin)) return true
  if (origin === 'null') return options.allowNull
  const from = parseOrigin(origin)
  const host = hostOf(header, options.trustProxy)
  // Where TLS ends in front of us we cannot know how the page was loaded: then its own scheme says which port is meant.
  const own = from && host !== undefined ? parseAuthority(host, secure ? 'https:' : from.scheme) : undefined
  if (from === undefined || own === undefined || !PAGES.has(from.scheme)) return false
  if (from.host === own.host && from.port === own.port) return !secure || from.scheme === 'https:'
  if (isLoopback(own.host)) return isLoopback(from.host)
  return from.host === own.host && isPrivate(own.host)
}

/** The host a request was sent to: behind a proxy that says so, what that one was asked for. */
export function hostOf(header: HeaderLookup, trustProxy: boolean): string | undefined {
  return (trustProxy ? lastOf(header('x-forwarded-host')) : undefined) ?? header('host')
}

/** Whether `Host` names this server: a loopback name, an IP address where these are trusted, or a configured name. Stops DNS rebinding. */
export function isHostAllowed(host: string | undefined, names: readonly string[], addresses: boolean): boolean {
  const own = host === undefined ? undefined : parseAuthority(host, 'http:')
  if (own === undefined) return false
  if (isLoopback(own.host) || names.some((name) => name.toLowerCase() === own.host)) return true
  return addresses && isIP(own.host.replace(/^\[|\]$/g, '')) > 0
}

function isListed(origin: string, allowed: AllowedOrigins): boolean {
  if (typeof allowed === 'boolean') return allowed
  if (allowed instanceof RegExp)
    return new RegExp(`^(?:${allowed.source})$`, allowed.flags.replace(/[gy]/g, '')).test(origin)
  if (typeof allowed !== 'string') return allowed.some((each) => isListed(origin, each))
  if (allowed === '*') return true
  const [from, listed] = [parseOrigin(origin), parseOrigin(allowed.replace('://*.', '://'))]
  if (from === undefined || listed === undefined) return false
  if (from.scheme !== listed.scheme || from.port !== listed.port) return false
  return allowed.includes('://*.') ? from.host.endsWith(`.${listed.host}`) : from.host === listed.host
}

/** An origin is scheme, host and port and nothing else (RFC 6454 section 7); one dot at the end makes another host. */
function parseOrigin(origin: string): (Authority & { scheme: string }) | undefined {
  const match = /^([a-z][a-z0-9+.-]*:)\/\/([^/?#@\\\s]+)$/i.exec(origin)
  if (match === null) return undefined
  const scheme = (match[1] as string).toLowerCase()
  const authority = parseAuthority(match[2] as string, scheme)
  return authority && { ...authority, scheme }
}

function parseAuthority(authority: string, scheme: string): Authority | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/i.exec(authority)
  if (match === null) return undefined
  return { host: (match[1] as string).toLowerCase(), port: match[2] ?? PORTS[scheme] ?? '' }
}

/** What the proxy in front of us has added: the rest of the list is the client's. */
const lastOf = (list: string | undefined): string | undefined => list?.split(',').at(-1)?.trim()

/** `localhost`, names under it, 127.0.0.0/8 and ::1. */
export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '[::1]' ||
    (isIP(host) === 4 && host.startsWith('127.'))
  )
}

function isPrivate(host: string): boolean {
  return host.startsWith('[') ? /^\[(f[cd]|fe80)/.test(host) : isPrivateIPv4(host)
}
