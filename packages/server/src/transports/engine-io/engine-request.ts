import type { IncomingMessage } from 'node:http'
import { EngineError, type EngineRefusal, refuse } from './engine-errors.ts'
import type { EngineSession } from './engine-session.ts'

/** The query of a request; of a parameter that comes twice the last. */
export type EngineQuery = Readonly<Record<string, string>>

export function queryOf(url: string): EngineQuery {
  const at = url.indexOf('?')
  const query: Record<string, string> = Object.create(null)
  if (at >= 0) for (const [name, value] of new URLSearchParams(url.slice(at + 1))) query[name] = value
  return query
}

/** What no header may hold, and Node lets through in some. */
const ILLEGAL = /[^\t\x20-\x7e\x80-\xff]/

export interface EngineTable {
  readonly transports: ReadonlySet<string>
  sessionOf(sid: string): EngineSession | undefined
}

/** Why a request is refused whoever has sent it. */
export function inspectQuery(
  request: IncomingMessage,
  { transport = '' }: EngineQuery,
  isUpgrade: boolean,
  table: EngineTable,
): EngineRefusal | undefined {
  const { origin } = request.headers
  if (!table.transports.has(transport)) return refuse(EngineError.unknownTransport, { transport })
  if (origin !== undefined && ILLEGAL.test(origin)) {
    return refuse(EngineError.badRequest, { name: 'INVALID_ORIGIN', origin: '' })
  }
  if (isUpgrade && transport !== 'websocket') {
    return refuse(EngineError.badRequest, { name: 'TRANSPORT_HANDSHAKE_ERROR' })
  }
  return undefined
}

/** The session that a request is for; undefined for a handshake; or why it is refused. In the order of the reference. */
export function inspectRequest(
  request: IncomingMessage,
  { transport = '', sid, EIO }: EngineQuery,
  isUpgrade: boolean,
  table: EngineTable,
): { readonly session: EngineSession | undefined } | EngineRefusal {
  if (sid !== undefined) {
    const session = table.sessionOf(sid)
    if (session === undefined) return refuse(EngineError.unknownSid, { sid })
    const current = session.lane.name
    if (!isUpgrade && transport !== current) {
      return refuse(EngineError.badRequest, { name: 'TRANSPORT_MISMATCH', transport, previousTransport: current })
    }
    if (isUpgrade ? session.probe !== undefined || current === 'websocket' : current === 'websocket') {
      return refuse(EngineError.badRequest, { name: 'TRANSPORT_MISMATCH', transport, previousTransport: current })
    }
    if (isUpgrade && EIO !== '4') return refuse(EngineError.unsupportedVersion, { protocol: EIO })
    return { session }
  }
  if (request.method !== 'GET') return refuse(EngineError.badHandshakeMethod, { method: request.method })
  if (!isUpgrade && transport === 'websocket') {
    return refuse(EngineError.badRequest, { name: 'TRANSPORT_HANDSHAKE_ERROR' })
  }
  return { session: undefined }
}
