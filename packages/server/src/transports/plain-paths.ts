/** Where plain clients connect: under a prefix always, and at `/` where nobody else could want it. */
export interface PlainPathsOptions {
  /** The prefix, with slashes at both ends. */
  readonly prefix: string
  /** Only under the prefix. */
  readonly prefixOnly: boolean
  /** Other paths for namespaces, as people type them. */
  readonly aliases: Readonly<Record<string, string>>
  /** Prefixes that belong to others (`/socket.io/`, the HTTP API). */
  readonly reserved: readonly string[]
}

/** The namespace a URL path means, before anybody has looked whether there is one. */
export class PlainPaths {
  readonly #options: PlainPathsOptions

  constructor(options: PlainPathsOptions) {
    this.#options = options
  }

  /** `alone`: no other listener on this HTTP server takes upgrades. Undefined where the path is not ours. */
  namespaceOf(path: string, alone: boolean): string | undefined {
    const { prefix, prefixOnly, aliases, reserved } = this.#options
    if (path.startsWith(prefix)) return path.slice(prefix.length - 1)
    if (`${path}/` === prefix) return '/'
    if (prefixOnly || !alone || reserved.some((other) => `${path}/`.startsWith(other))) return undefined
    return Object.hasOwn(aliases, path) ? aliases[path] : path
  }
}

/** A target that is its own path, as most are. */
const PATH_ALONE = /^\/[^?#%]*$/

/** The path of a request's target, in origin form or absolute form; undefined where its escapes cannot be read. */
export function pathOf(target: string): string | undefined {
  if (PATH_ALONE.test(target)) return target
  const path = target.replace(/^[a-z]+:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '')
  try {
    return decodeURIComponent(path === '' ? '/' : path)
  } catch {
    return undefined
  }
}
