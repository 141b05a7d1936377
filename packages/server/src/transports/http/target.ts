import { isName, RequestError } from '@partyline/protocol'

/** Where a request goes, below the API's path. */
export interface Target {
  /** Without a slash at its beginning; escapes are as they came. */
  readonly path: string
  readonly query: URLSearchParams
}

/** What is at a path. */
export type Resource =
  | { readonly kind: 'index' }
  | { readonly kind: 'events' }
  | { readonly kind: 'publications' | 'presence'; readonly room: string }

/** A target in origin form or absolute form (RFC 9112 section 3.2). */
const TARGET = /^(?:[a-z][a-z0-9+.-]*:\/\/[^/?#]*)?([^?#]*)(?:\?([^#]*))?/i

/** The target of a request; undefined where it is not below the prefix, which has no slash at its end. */
export function targetOf(url: string, prefix: string): Target | undefined {
  const [, path = '', query = ''] = TARGET.exec(url) ?? []
  if (path !== prefix && !path.startsWith(`${prefix}/`)) return undefined
  return { path: path.slice(prefix.length + 1), query: new URLSearchParams(query) }
}

/** What is at this path; undefined where nothing is. Throws `invalid` where the room's name is none. */
export function resourceOf(path: string): Resource | undefined {
  if (path === '') return { kind: 'index' }
  if (path === 'events') return { kind: 'events' }
  const [rooms, room, kind, ...rest] = path.split('/')
  if (rooms !== 'rooms' || room === undefined || rest.length > 0) return undefined
  if (kind !== 'publications' && kind !== 'presence') return undefined
  return { kind, room: roomNameOf(room) }
}

function roomNameOf(segment: string): string {
  let name: string
  try {
    name = decodeURIComponent(segment)
  } catch {
    throw new RequestError('invalid', 'the path has escapes that are no UTF-8')
  }
  if (isName(name)) return name
  throw new RequestError('invalid', 'a room is 1 to 256 bytes without control characters')
}
