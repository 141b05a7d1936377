import * as crypto from 'node:crypto'
import { validateHeaderName, validateHeaderValue } from 'node:http'
import { agreeOnDeflate, type DeflateAgreement } from './deflate-agreement.ts'
import type { ResolvedDeflateOptions } from './deflate-options.ts'
import { parseExtensions } from './extension-offers.ts'
import { distinctTokens, listHas } from './token-list.ts'

/** The head of a request: what is looked at of Node's `IncomingMessage`. */
export interface UpgradeHead {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly httpVersion: string
  /** Names and values in turn, as they came: elsewhere Node joins repeated headers or drops them. */
  readonly rawHeaders: readonly string[]
}

/** A handshake that may be answered with 101. */
export interface Upgrade {
  readonly accepted: true
  readonly key: string
  /** The sub-protocols offered, in the client's order of preference. */
  readonly protocols: readonly string[]
  /** How messages may be compressed: undefined where the client offered nothing that we do. */
  readonly deflate: DeflateAgreement | undefined
}

/** Headers of an answer; a list where one comes several times. */
export type Headers = Readonly<Record<string, string | readonly string[]>>

/** A handshake that must be answered with this HTTP response. */
export interface Refusal {
  readonly accepted: false
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Which of the offered sub-protocols is spoken: ours in our order of preference, or a function that chooses. */
export type ProtocolChoice = readonly string[] | ((offered: readonly string[]) => string | undefined)

const MAX_HEAD_BYTES = 16_384
const MAX_HEAD_FIELDS = 100
const MAX_URL_BYTES = 8_192

/** Appended to the key before it is hashed (RFC 6455 section 1.3). */
const KEY_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
/** Obsolete folding, and what else could begin a line of its own somewhere behind us. */
const BREAKS_LINE = /[\r\n\0]/
/** Origin form, or absolute form as proxies send it (RFC 9112 section 3.2). */
const TARGET = /^(\/|(https?|wss?):\/\/[^/])/i
const NOT_IN_TARGET = /[^\x21-\x7e\x80-\xff]|%(?![0-9a-fA-F]{2})/
/** 16 bytes in base64. */
const KEY = /^[A-Za-z0-9+/]{22}==$/

/**
 * Reads a client's opening handshake (RFC 6455 section 4.2.1): what it asks for, or how it must be refused. Extensions are
 * looked at only where there are options for compressing.
 */
export function inspectUpgrade(request: UpgradeHead, deflate?: ResolvedDeflateOptions): Upgrade | Refusal {
  const { method = '', url = '' } = request
  const fields = readFields(request.rawHeaders)
  const refusal =
    refuseSize(url, fields) ?? refuseRequestLine(method, url, request.httpVersion) ?? refuseMalformed(fields)
  // A HEAD is answered without a body, whatever the answer.
  if (refusal !== undefined) return method === 'HEAD' ? { ...refusal, body: '' } : refusal

  if (!listHas(fields.upgrade, 'websocket') || !listHas(fields.connection, 'upgrade')) {
    return refuse(426, 'a WebSocket is spoken here', { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' })
  }
  if (fields.versions.length > 1) return refuse(400, 'Sec-WebSocket-Version must be given once')
  if (fields.versions[0] !== '13') {
    return refuse(426, 'the version spoken is 13', { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' })
  }
  const key = fields.keys[0]
  if (key === undefined || fields.keys.length > 1) return refuse(400, 'Sec-WebSocket-Key must be given once')
  if (!KEY.test(key)) return refuse(400, 'Sec-WebSocket-Key must be 16 bytes in base64')
  const protocols = distinctTokens(fields.protocols)
  if (protocols === undefined) return refuse(400, 'Sec-WebSocket-Protocol must be a list of distinct tokens')
  if (deflate === undefined) return { accepted: true, key, protocols, deflate }
  const extensions = parseExtensions(fields.extensions)
  if (extensions === undefined) return refuse(400, 'Sec-WebSocket-Extensions must be a list of extensions')
  return { accepted: true, key, protocols, deflate: agreeOnDeflate(extensions, deflate) }
}

/** The sub-protocol that both sides know, or ''. What a function chooses counts only if it was offered. */
export function chooseProtocol(offered: readonly string[], choice: ProtocolChoice | undefined): string {
  if (choice === undefined || offered.length === 0) return ''
  const chosen = typeof choice === 'function' ? choice(offered) : choice.find((name) => offered.includes(name))
  return chosen !== undefined && offered.includes(chosen) ? chosen : ''
}

/** The head of the 101 (RFC 6455 section 4.2.2), to be written as Latin-1. Throws on headers that HTTP does not allow. */
export function acceptHead(key: string, protocol: string, headers?: Headers, deflate?: DeflateAgreement): string {
  let head = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(key)}\r\n`
  if (protocol !== '') head += `Sec-WebSocket-Protocol: ${protocol}\r\n`
  if (deflate !== undefined) head += `Sec-WebSocket-Extensions: ${deflate.header}\r\n`
  if (headers !== undefined) head += headerLines(headers)
  return `${head}\r\n`
}

/** The answer to a key. */
export function acceptOf(key: string): string {
  // Node has had the short way since 20.12.
  if (typeof crypto.hash === 'function') return crypto.hash('sha1', key + KEY_SUFFIX, 'base64')
  return crypto
    .createHash('sha1')
    .update(key + KEY_SUFFIX)
    .digest('base64')
}

/** Headers as they stand in a head. Throws where a name or a value would break out of its line. */
export function headerLines(headers: Headers): string {
  let lines = ''
  for (const [name, values] of Object.entries(headers)) {
    validateHeaderName(name)
    for (const value of typeof values === 'string' ? [values] : values) {
      validateHeaderValue(name, value)
      lines += `${name}: ${value}\r\n`
    }
  }
  return lines
}

/** What a handshake's fields hold: of each the values, as it may come several times. */
interface Fields {
  /** How many parts the head has, names and values, and how long they are. */
  readonly parts: number
  bytes: number
  hosts: readonly string[]
  upgrade: readonly string[]
  connection: readonly string[]
  versions: readonly string[]
  keys: readonly string[]
  protocols: readonly string[]
  extensions: readonly string[]
  /** There is, or may be, a body. */
  hasBody: boolean
  /** A value holds what no value may hold. */
  isMalformed: boolean
}

/** The values of a field that did not come; the same for all. */
const none: readonly string[] = []

/** Looks at every field once: most of what an upgrade costs us is paid here, by code that is not warm yet. */
function readFields(rawHeaders: readonly string[]): Fields {
  const fields: Fields = {
    parts: rawHeaders.length,
    bytes: 0,
    hosts: none,
    upgrade: none,
    connection: none,
    versions: none,
    keys: none,
    protocols: none,
    extensions: none,
    hasBody: false,
    isMalformed: false,
  }
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    const value = rawHeaders[i + 1] as string
    fields.bytes += name.length + value.length + 4
    if (BREAKS_LINE.test(value)) fields.isMalformed = true
    switch (name.toLowerCase()) {
      case 'host':
        fields.hosts = also(fields.hosts, value)
        break
      case 'upgrade':
        fields.upgrade = also(fields.upgrade, value)
        break
      case 'connection':
        fields.connection = also(fields.connection, value)
        break
      case 'sec-websocket-version':
        fields.versions = also(fields.versions, value)
        break
      case 'sec-websocket-key':
        fields.keys = also(fields.keys, value)
        break
      case 'sec-websocket-protocol':
        fields.protocols = also(fields.protocols, value)
        break
      case 'sec-websocket-extensions':
        fields.extensions = also(fields.extensions, value)
        break
      case 'content-length':
      case 'transfer-encoding':
        if (value !== '0') fields.hasBody = true
    }
  }
  return fields
}

const also = (values: readonly string[], value: string): readonly string[] =>
  values === none ? [value] : [...values, value]

function refuseSize(url: string, { parts, bytes }: Fields): Refusal | undefined {
  if (url.length > MAX_URL_BYTES) return refuse(414, 'the URL is too long')
  if (parts > 2 * MAX_HEAD_FIELDS || url.length + bytes > MAX_HEAD_BYTES) {
    return refuse(431, 'the head is too large')
  }
  return undefined
}

function refuseRequestLine(method: string, url: string, httpVersion: string): Refusal | undefined {
  if (method !== 'GET') return refuse(405, 'a WebSocket is opened with GET', { Allow: 'GET' })
  // HTTP/1.0 knows no Upgrade (RFC 9110 section 7.8).
  if (httpVersion !== '1.1') return refuse(400, 'a WebSocket is opened with HTTP/1.1')
  if (!TARGET.test(url) || NOT_IN_TARGET.test(url)) return refuse(400, 'the request target is not valid')
  return undefined
}

function refuseMalformed({ isMalformed, hosts, hasBody }: Fields): Refusal | undefined {
  if (isMalformed) return refuse(400, 'a header is not valid')
  if (hosts.length !== 1) return refuse(400, 'Host must be given once')
  // Its bytes could be taken for frames.
  if (hasBody) return refuse(400, 'an upgrade has no body')
  return undefined
}

function refuse(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Refusal {
  return { accepted: false, status, headers, body: `${body}\n` }
}
