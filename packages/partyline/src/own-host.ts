import { isIP } from 'node:net'

/** By which names this server may be asked for. Loopback names are always among them. */
export interface OwnHosts {
  readonly names: readonly string[]
  /** Whether any IP address is a good name: not while the server is bound to loopback. */
  readonly addresses: boolean
}

/** Whether an address to bind to is reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/**
 * Whether a request's `Host` names this server. A page of another site whose name was made to lead here would otherwise
 * count as our own (DNS rebinding).
 */
export function isOwnHost(header: string | undefined, { names, addresses }: OwnHosts): boolean {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::\d{1,5})?$/i.exec(header ?? '')
  const host = (match?.[1] ?? match?.[2])?.toLowerCase()
  if (host === undefined) return false
  return isLoopback(host) || names.includes(host) || (addresses && isIP(host) > 0)
}
