import { httpRequest, upgradeHead } from './peer.ts'

/** A way in: what is sent there with these header lines, the first of which is `Host`, and what lets somebody in. */
export interface Door {
  readonly name: string
  readonly request: (headers: readonly string[]) => string
  readonly admits: number
}

const strict = 'Sec-WebSocket-Protocol: partyline.v1'
const upgrade = (path: string, headers: readonly string[]): string =>
  upgradeHead({ path }).replace('Host: localhost', () => headers.join('\r\n'))

/** Every way into a server whose HTTP API is at `/api`, for a room `lobby` that is open to everybody. */
export const doors: readonly Door[] = [
  { name: 'WebSocket', request: (headers) => upgrade('/', headers), admits: 101 },
  { name: 'WebSocket under the prefix', request: (headers) => upgrade('/partyline/', headers), admits: 101 },
  { name: 'WebSocket, strict', request: (headers) => upgrade('/', [...headers, strict]), admits: 101 },
  {
    name: 'SSE',
    request: (headers) => httpRequest('GET', '/api/events?room=lobby', [...headers, 'Accept: text/event-stream']),
    admits: 200,
  },
  { name: 'long poll', request: (headers) => httpRequest('GET', '/api/events?room=lobby', headers), admits: 200 },
  { name: 'history', request: (headers) => httpRequest('GET', '/api/rooms/lobby/publications', headers), admits: 200 },
  { name: 'presence', request: (headers) => httpRequest('GET', '/api/rooms/lobby/presence', headers), admits: 200 },
  {
    name: 'a form that publishes',
    request: (headers) =>
      httpRequest('POST', '/api/rooms/lobby/publications', [...headers, 'Content-Type: text/plain'], 'forged'),
    admits: 201,
  },
  {
    name: 'preflight',
    request: (headers) =>
      httpRequest('OPTIONS', '/api/rooms/lobby/publications', [...headers, 'Access-Control-Request-Method: POST']),
    admits: 204,
  },
]
