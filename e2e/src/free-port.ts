import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below what the kernel gives to connections and to servers that ask for any. */
const FIRST_PORT = 20_000
const LAST_PORT = 32_000

const given = new Set<number>()

/** A port of loopback that nothing listens on, for programs that have to be told one. Nobody is given the same twice. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT))
    if (given.has(port)) continue
    given.add(port)
    if (await isFree(port)) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
    await new Promise((resolve) => server.close(resolve))
    return true
  } catch {
    return false
  }
}
