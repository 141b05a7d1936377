import { hostOf, isHostAllowed, isOriginAllowed, type OriginOptions } from './origin.ts'

export interface GateOptions extends OriginOptions {
  /** The host names this server goes by; without it `Host` is not looked at. Loopback names are always among them. */
  readonly hosts: readonly string[] | undefined
  /** Whether IP addresses are good host names: not while the server is bound to loopback only. */
  readonly addressesAreHosts: boolean
  /** What is to be set to allow an origin or a host, by the names that people here know. */
  readonly settings: { readonly origins: string; readonly hosts: string; readonly trustProxy: string }
  readonly onRefused: (reason: string) => void
}

const MAX_SHOWN = 256
/** In place of a value that was given twice: it is neither. */
const TWICE = ' '

/** Looks at `Host` and `Origin` before any protocol has its say. */
export class Gate {
  readonly #options: GateOptions

  constructor(options: GateOptions) {
    this.#options = options
  }

  /** Why a request with these headers may not come in; undefined where it may. `secure`: it came to us over TLS. */
  refusalOf(rawHeaders: readonly string[], secure: boolean): string | undefined {
    const header = (name: string): string | undefined => headerOf(rawHeaders, name)
    const refusal = this.#hostRefusal(header)
    if (refusal !== undefined || isOriginAllowed(header, this.#options, secure)) return refusal
    const { origins } = this.#options.settings
    return this.#refused(header, `the origin ${shown(header('origin'))} is not allowed; to allow it, set ${origins}`)
  }

  /** The same by `Host` alone: for what any page may read, if only it asks for us by our name. */
  hostRefusalOf(rawHeaders: readonly string[]): string | undefined {
    return this.#hostRefusal((name) => headerOf(rawHeaders, name))
  }

  #hostRefusal(header: (name: string) => string | undefined): string | undefined {
    const { hosts, addressesAreHosts, settings, trustProxy } = this.#options
    if (hosts === undefined) return undefined
    const host = hostOf(header, trustProxy)
    if (isHostAllowed(host, hosts, addressesAreHosts)) return undefined
    return this.#refused(header, `the host ${shown(host)} is not this server's; to allow it, set ${settings.hosts}`)
  }

  #refused(header: (name: string) => string | undefined, reason: string): string {
    const { trustProxy, settings, onRefused } = this.#options
    const isProxied = !trustProxy && header('x-forwarded-host') !== undefined
    const way = `, or ${settings.trustProxy} where a proxy of yours has set X-Forwarded-Host`
    const words = isProxied ? reason + way : reason
    onRefused(words)
    return words
  }

  /** The origin of a request that was let in, to be named in its CORS headers. */
  originOf(rawHeaders: readonly string[]): string | undefined {
    return headerOf(rawHeaders, 'origin')
  }
}

function headerOf(rawHeaders: readonly string[], name: string): string | undefined {
  let found: string | undefined
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const candidate = rawHeaders[i] as string
    if (candidate.length !== name.length || candidate.toLowerCase() !== name) continue
    found = found === undefined ? rawHeaders[i + 1] : TWICE
  }
  return found
}

/** What a peer has sent, as it may stand in an answer and in a log line: to a terminal bytes from 80 to 9f are orders, which JSON leaves as they are. */
function shown(value: string | undefined): string {
  if (value === undefined) return '(none)'
  if (value === TWICE) return '(given twice)'
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(value.slice(0, MAX_SHOWN)).replace(/[^\x20-\x7e]/g, escaped)
}
