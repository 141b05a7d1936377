import { isIP } from 'node:net'

/**
 * The address a request comes from: the peer's, or behind a proxy that is trusted the last of `X-Forwarded-For`, which
 * is the one that our proxy has seen; what stands before it is the client's own word.
 */
export function addressOf(peer: string, rawHeaders: readonly string[], trustProxy: boolean): string {
  if (!trustProxy) return plain(peer)
  const forwarded = forwardedFor(rawHeaders)?.split(',').at(-1)?.trim() ?? ''
  const address = forwarded.replace(/^\[(.*)\](?::\d+)?$/, '$1').replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
  return plain(isIP(address) > 0 ? address : peer)
}

const X_FORWARDED_FOR = 'x-forwarded-for'

/** The last `X-Forwarded-For` of a request's head. */
export function forwardedFor(rawHeaders: readonly string[]): string | undefined {
  for (let i = rawHeaders.length - 2; i >= 0; i -= 2) {
    const name = rawHeaders[i] as string
    if (name.length === X_FORWARDED_FOR.length && name.toLowerCase() === X_FORWARDED_FOR) return rawHeaders[i + 1]
  }
  return undefined
}

/** An IPv4 address that came over an IPv6 socket is an IPv4 address. */
function plain(address: string): string {
  return !address.startsWith('::') ? address : address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
}

/** Addresses that belong to one party: an IPv4 address, or what a line gets of IPv6, a network of 64 bits. */
export function partyOf(address: string): string {
  if (isIP(address) !== 6) return address
  const [head = '', tail] = address.toLowerCase().replace(/%.*$/, '').split('::')
  const groups = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after.length)
  const all = [...groups, ...Array<string>(missing).fill('0'), ...after]
  const network = all.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''))
  return `${network.join(':')}::/64`
}

/** Loopback and private addresses: developers, or a proxy in front. */
export function isNear(address: string): boolean {
  if (address === '' || address.startsWith('127.')) return true
  return isIP(address) === 6 ? /^(::1$|f[cd]|fe[89ab])/i.test(address) : isPrivateIPv4(address)
}

/** RFC 1918, and what hosts give themselves (RFC 3927). */
export function isPrivateIPv4(address: string): boolean {
  return isIP(address) === 4 && /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.)/.test(address)
}
