import type { Client } from './client.ts'
import { type ConnectOptions, resolveOptions } from './options.ts'
import { PartylineClient } from './partyline-client.ts'
import { resolveAddress } from './url.ts'

/**
 * Opens a client and returns it at once: `connect('https://example.com/ops')` is the namespace `/ops`. In a browser the
 * URL may be left out, or be just the namespace.
 */
// biome-ignore lint/suspicious/noExplicitAny: untyped unless told
export function connect<ServerEvents = any, ClientEvents = any>(
  url?: string | URL,
  options: ConnectOptions = {},
): Client<ServerEvents, ClientEvents> {
  const resolved = resolveOptions(options)
  const client: Client = new PartylineClient(resolveAddress(url, resolved.path), resolved)
  return client as Client<ServerEvents, ClientEvents>
}
