import { PartylineError } from './error.ts'

/** As much of a WebSocket as a client uses: a browser's, Node's, and the one of the package `ws` all have it. */
export interface WebSocketLike {
  binaryType: string
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
  send(data: string | ArrayBuffer): void
  close(code?: number, reason?: string): void
  /** Where there is one, a line that is dead needs no closing handshake. */
  terminate?(): void
  /** Where there is one: resolves when the server has taken all that was sent, or the line is gone. */
  drained?(): Promise<void>
}

/** Opens a WebSocket with the sub-protocol given. */
export type WebSocketConstructor = new (url: string, protocol: string) => WebSocketLike

/** The one given, the platform's own, or the one of the optional package `ws`: Node.js has its own since version 22. */
export async function findWebSocket(
  given: WebSocketConstructor | undefined,
  // A name in a variable: bundlers for browsers shall not look for the package.
  name = 'ws',
): Promise<WebSocketConstructor> {
  const found = given ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket
  if (found !== undefined) return found
  let module: { WebSocket?: WebSocketConstructor; default: WebSocketConstructor }
  try {
    module = await import(/* @vite-ignore */ /* webpackIgnore: true */ name)
  } catch (error) {
    throw new PartylineError('disconnected', noWebSocket, undefined, error)
  }
  return module.WebSocket ?? module.default
}

const noWebSocket =
  'There is no WebSocket here. Run "npm install ws", or use Node.js 22 or newer, or pass one: connect(url, { WebSocket })'
