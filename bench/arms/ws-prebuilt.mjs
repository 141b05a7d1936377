import { createServer } from 'node:http'
import { Sender, WebSocketServer } from 'ws'
import { listen } from '../lib/listen.mjs'

export const dialect = 'plain'
export const path = '/'

/** npm `ws`, its frame built once for all clients and written past its sender: the most that can be had of it. */
export async function start() {
  const httpServer = createServer()
  const server = new WebSocketServer({ server: httpServer, perMessageDeflate: false })
  return {
    port: await listen(httpServer),
    clients: () => server.clients.size,
    publish(text) {
      const options = { fin: true, opcode: 1, mask: false, rsv1: false, readOnly: false }
      const frame = Buffer.concat(Sender.frame(Buffer.from(text), options))
      for (const client of server.clients) client._socket.write(frame)
    },
  }
}
