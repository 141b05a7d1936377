import { createServer } from 'node:https'
import type { UpgradeOptions } from '@partyline/server/websocket'
import { generate } from 'selfsigned'
import { type EchoServer, listenOnLoopback } from './echo-server.ts'
import { echoOn } from './layer-echo.ts'

/** An echo server behind TLS, and the certificate it shows: its own, for 127.0.0.1. */
export interface SecureEcho extends EchoServer {
  readonly certificate: string
}

export async function startSecureEcho(options: UpgradeOptions): Promise<SecureEcho> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  const server = createServer({ key, cert, headersTimeout: 10_000, requestTimeout: 10_000 })
  echoOn(server, options)
  const { url, stop } = await listenOnLoopback(server)
  return { url: url.replace('ws:', 'wss:'), stop, certificate: cert }
}
