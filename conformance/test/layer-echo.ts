import type { Server } from 'node:http'
import { acceptUpgrade, type UpgradeOptions } from '@partyline/server/websocket'

/** Lets a server of this process do what `examples/raw-echo` does. */
export function echoOn(server: Pick<Server, 'on'>, options: UpgradeOptions): void {
  server.on('request', (_request, response) => {
    response.writeHead(426, { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' }).end('a WebSocket is spoken here\n')
  })
  server.on('upgrade', (request, stream, head) => {
    const connection = acceptUpgrade(request, stream, head, options)
    if (connection === undefined) return
    connection.onMessage = (data) => {
      connection.send(data)
      if (!connection.writable) connection.pause()
    }
    connection.onWritable = () => connection.resume()
  })
}
