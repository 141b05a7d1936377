import { once } from 'node:events'

/** The port on which an HTTP server of Node's listens from now on. */
export async function listen(httpServer) {
  httpServer.listen(0, '127.0.0.1')
  await once(httpServer, 'listening')
  return httpServer.address().port
}
