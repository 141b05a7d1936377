import {
  decodePublication,
  isName,
  isTooDeep,
  maxJsonDepth,
  mayHoldBinary,
  type PublicationRequest,
  RequestError,
} from '@partyline/protocol'

/** How a body is read: JSON, the text of a `message`, or a form, which may be JSON by another name. */
export type BodyKind = 'json' | 'text' | 'form'

const KINDS: Readonly<Record<string, BodyKind>> = {
  '': 'json', // nothing is claimed, so what is written in the documentation is meant
  'application/json': 'json',
  'text/plain': 'text',
  'application/x-www-form-urlencoded': 'form', // what `curl -d` claims
}

/** Throws `unsupported_media_type`, before a byte of the body is read. */
export function bodyKindOf(contentType: string | undefined, contentEncoding: string | undefined): BodyKind {
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';')
  const essence = type.trim()
  const kind = Object.hasOwn(KINDS, essence) ? KINDS[essence] : undefined
  if (kind === undefined) {
    throw new RequestError('unsupported_media_type', 'send application/json, text/plain or a form')
  }
  if (contentEncoding !== undefined && contentEncoding.trim().toLowerCase() !== 'identity') {
    throw new RequestError('unsupported_media_type', 'send the body as it is, without a content encoding')
  }
  for (const parameter of parameters) {
    const charset = /^\s*charset\s*=\s*"?([^"]*?)"?\s*$/.exec(parameter)?.[1]
    if (charset === undefined || ['utf-8', 'utf8', 'us-ascii'].includes(charset)) continue
    throw new RequestError('unsupported_media_type', 'send UTF-8')
  }
  return kind
}

/** What a body publishes. Throws `invalid`. */
export function decodeBody(bytes: Buffer, kind: BodyKind): PublicationRequest {
  const text = textOf(bytes)
  if (kind === 'text') return { event: 'message', args: [text], key: undefined, volatile: false }
  if (kind === 'form' && !text.trimStart().startsWith('{')) return decodePublication(fieldsOfForm(text), false)
  return decodePublication(fieldsOfJson(text), mayHoldBinary(text))
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new RequestError('invalid', 'the body is not UTF-8')
  }
}

function fieldsOfJson(text: string): Record<string, unknown> {
  if (isTooDeep(text)) throw new RequestError('invalid', `nested more than ${maxJsonDepth} deep`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new RequestError('invalid', 'the body is not JSON')
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new RequestError('invalid', 'the body must be an object: {"data": …}')
}

/** `data=hi&event=chat`: everything is text but `volatile`. */
function fieldsOfForm(text: string): Record<string, unknown> {
  const form = new URLSearchParams(text)
  if (!form.has('data') && !form.has('event')) {
    throw new RequestError('invalid', 'the body must be {"data": …}, or a form with a field "data"')
  }
  const volatile = form.get('volatile')
  return {
    event: form.get('event'),
    data: form.get('data') ?? undefined,
    key: form.get('key'),
    volatile: volatile === 'true' ? true : volatile === 'false' ? false : volatile,
  }
}

/** The same with the key of the header `Idempotency-Key`, where there is one. */
export function withHeaderKey(publication: PublicationRequest, keys: string[] | undefined): PublicationRequest {
  if (keys === undefined) return publication
  const [key] = keys
  if (keys.length > 1) throw new RequestError('invalid', 'Idempotency-Key must be given once')
  if (!isName(key)) throw new RequestError('invalid', 'Idempotency-Key must be 1 to 256 bytes')
  if (publication.key !== undefined && publication.key !== key) {
    throw new RequestError('invalid', '"key" and Idempotency-Key are two different keys')
  }
  return { ...publication, key }
}
