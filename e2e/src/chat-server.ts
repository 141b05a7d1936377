import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { startStandalone } from 'partyline'
import { onTestFinished } from 'vitest'
import { TcpProxy } from './tcp-proxy.ts'

/** Where the chat is built to. */
export const chatFolder = join(import.meta.dirname, '../../packages/partyline/dist/web')

/** A standalone server with the chat, on a port of its own. */
export async function startChat() {
  if (!existsSync(join(chatFolder, 'index.html'))) throw new Error('the chat is not built: npm run build')
  const standalone = await startStandalone({ port: 0, chatFolder })
  onTestFinished(() => standalone.close())
  const port = Number(new URL(standalone.urls.http).port)
  return { port, url: `http://localhost:${port}/`, close: standalone.close }
}

/** The same behind a proxy whose lines can be cut. */
export async function startChatBehindProxy() {
  const chat = await startChat()
  const proxy = await TcpProxy.start(chat.port)
  onTestFinished(() => proxy.close())
  return { chat, proxy, url: `http://127.0.0.1:${proxy.port}/` }
}
