import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import WebSocket, { type ClientOptions } from 'ws'
import { type StandaloneOptions, startStandalone } from '../src/standalone.ts'

export const indexHtml = '<!doctype html><title>Chat</title>'

/** A folder with a chat in it, as a build leaves one. */
export function chatFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'partyline-chat-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [path, text] of Object.entries({ 'index.html': indexHtml, ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

/** A standalone server on a free port, closed when the test is over. What it logs is kept. */
export async function serve(options: StandaloneOptions = {}) {
  const logged: string[] = []
  const log = (_fields: object, text: string): void => void logged.push(text)
  const standalone = await startStandalone({
    port: 0,
    chatFolder: chatFolder(),
    logger: { warn: log, error: log },
    ...options,
  })
  onTestFinished(() => standalone.close())
  return { ...standalone, standalone, logged, url: standalone.urls.webSocket, port: new URL(standalone.urls.http).port }
}

/** A client that remembers what it was told. */
export async function client(url: string, protocol?: string, options: ClientOptions = {}) {
  const socket = new WebSocket(url, protocol ?? [], options)
  onTestFinished(() => socket.terminate())
  const heard: (string | Buffer)[] = []
  let closed: number | undefined
  socket.on('message', (data: Buffer, isBinary) => heard.push(isBinary ? data : data.toString()))
  socket.on('close', (code) => {
    closed = code
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return {
    socket,
    heard,
    say: (message: unknown) =>
      socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message)),
    json: () => heard.map((text) => JSON.parse(String(text))),
    until: (count: number) => expect.poll(() => heard).toHaveLength(count),
    untilClosed: (code: number) => expect.poll(() => closed).toBe(code),
  }
}

/** A strict client that is connected; its `welcome` is the first that it has heard. */
export async function strictClient(url: string, name: string) {
  const strict = await client(url, 'partyline.v1')
  strict.say({ type: 'connect', name })
  await strict.until(1)
  return strict
}

/** The status with which an upgrade is refused, and why. */
export async function refusalOf(url: string, headers: Readonly<Record<string, string>> = {}) {
  const socket = new WebSocket(url, { headers })
  return new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    socket.once('open', () => {
      socket.terminate()
      reject(new Error('it was let in'))
    })
    socket.once('error', () => {})
    socket.once('unexpected-response', (_request, response) =>
      textOf(response).then((text) => resolve({ status: response.statusCode, text }), reject),
    )
  })
}

/** An HTTP request with its path as it is written: `fetch` would tidy it up. */
export async function ask(
  port: string,
  path: string,
  options: { method?: string; headers?: Record<string, string> } = {},
) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, ...options }, resolve)
      .once('error', reject)
      .end()
  })
  return { status: response.statusCode, headers: response.headers, text: await textOf(response) }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
