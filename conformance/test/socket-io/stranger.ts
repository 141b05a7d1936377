import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A server that speaks HTTP and nothing else, until the test has ended. */
export async function startStranger(): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(404, { Connection: 'close' }).end('not found'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/socket.io/`
}
