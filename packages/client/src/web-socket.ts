import { PartylineError } from './error.ts'

/** As much of a WebSocket as a client uses: a browser's, Node's, and the one of the package `ws` all have it. */
export interface WebSocketLike {
  binaryType: string
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
  send(data: string): void
  close(code?: number, reason?: string): void
  /** Where there is one, a line that is dead needs no closing handshake. */
  terminate?(): void
}

/** Opens a WebSocket with the sub-protocol given. */
export type WebSocketConstructor = new (url: string, protocol: string) => WebSocketLike

/** The one given, the platform's own, or the one of the optional package `ws`. */
export async function findWebSocket(
  given: WebSocketConstructor | undefined,
  // A name in a variable: bundlers for browsers shall not look for the package.
  name = 'ws',
): Promise<WebSocketConstructor> {
  const found = given ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket
  if (found !== undefined) return found
  try {
    const module = await import(/* @vite-ignore */ /* webpackIgnore: true */ name)
    return module.WebSocket ?? module.default
  } catch {
    throw new PartylineError(
      'disconnected',
      'No WebSocket here: use Node.js 22 or newer, install the package "ws", or pass the option "WebSocket"',
    )
  }
}
