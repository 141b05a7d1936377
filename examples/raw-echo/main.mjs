// A WebSocket echo server without the rest of Partyline: what comes in goes out, same type, same bytes. With --deflate it
// compresses for those who offer it: what has --deflate-threshold-bytes, and with --deflate-takeover referring back.
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { acceptUpgrade } from '@partyline/server/websocket'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '3000' },
    'max-payload-bytes': { type: 'string', default: '16777216' },
    deflate: { type: 'boolean', default: false },
    'deflate-threshold-bytes': { type: 'string', default: '1024' },
    'deflate-takeover': { type: 'boolean', default: false },
  },
})
const limits = {
  maxPayloadBytes: Number(values['max-payload-bytes']),
  perMessageDeflate: values.deflate && {
    thresholdBytes: Number(values['deflate-threshold-bytes']),
    serverNoContextTakeover: !values['deflate-takeover'],
    clientNoContextTakeover: !values['deflate-takeover'],
  },
}
const timeouts = { headersTimeout: 10_000, requestTimeout: 10_000, connectionsCheckingInterval: 1_000 }

const server = createServer({ ...timeouts, maxHeaderSize: 16_384 })
server.on('request', (_request, response) => {
  response.writeHead(426, { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' }).end('a WebSocket is spoken here\n')
})
server.on('upgrade', (request, stream, head) => {
  const connection = acceptUpgrade(request, stream, head, limits)
  if (connection === undefined) return
  connection.onMessage = (data) => {
    connection.send(data)
    // Who does not read the answers gets no more of them.
    if (!connection.writable) connection.pause()
  }
  connection.onWritable = () => connection.resume()
})
server.listen(Number(values.port), '127.0.0.1', () => console.log(`ws://127.0.0.1:${server.address().port}`))
