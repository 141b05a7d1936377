import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { listen } from '../lib/listen.mjs'

export const dialect = 'plain'
export const path = '/'

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/**
 * What Node itself costs: `http` and `net`, a minimal frame loop, no checks, nothing kept, one write per client and
 * turn. Whole, short, masked frames are all it understands, which is all the load generator sends.
 */
export async function start({ echo, relay, onMessage }) {
  const httpServer = createServer()
  const clients = new Set()
  const dirty = []
  let published = []
  let flushAsked = false

  const askFlush = () => {
    if (flushAsked) return
    flushAsked = true
    setImmediate(flush)
  }

  function flush() {
    flushAsked = false
    if (published.length > 0) {
      const run = published.length === 1 ? published[0] : Buffer.concat(published)
      published = []
      for (const client of clients) client.socket.write(run)
    }
    for (const client of dirty) {
      client.socket.write(client.answers.length === 1 ? client.answers[0] : Buffer.concat(client.answers))
      client.answers = []
    }
    dirty.length = 0
  }

  function answer(client, frames) {
    if (client.answers.push(frames) === 1) dirty.push(client)
    askFlush()
  }

  function publish(frames) {
    published.push(frames)
    askFlush()
  }

  /** Every whole frame of a read; echoed or relayed, they go out as one run. Returns where the incomplete one begins. */
  function readFrames(client, bytes) {
    const out = echo || relay ? Buffer.allocUnsafe(bytes.length) : undefined
    let used = 0
    let at = 0
    while (bytes.length - at >= 4) {
      const long = (bytes[at + 1] & 0x7f) === 126
      const length = long ? bytes.readUInt16BE(at + 2) : bytes[at + 1] & 0x7f
      const payloadAt = at + headerBytes(length) + 4
      if (payloadAt + length > bytes.length) break
      if (out !== undefined) used = copyUnmasked(bytes, at, payloadAt, length, out, used)
      else onMessage?.()
      at = payloadAt + length
    }
    if (used > 0 && relay) publish(out.subarray(0, used))
    else if (used > 0) answer(client, out.subarray(0, used))
    return at
  }

  httpServer.on('upgrade', (request, socket) => {
    const accept = createHash('sha1')
      .update(request.headers['sec-websocket-key'] + GUID)
      .digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
    const client = { socket, answers: [], rest: undefined }
    clients.add(client)
    socket.on('error', () => {})
    socket.on('close', () => clients.delete(client))
    socket.on('data', (chunk) => {
      const bytes = client.rest === undefined ? chunk : Buffer.concat([client.rest, chunk])
      const end = readFrames(client, bytes)
      client.rest = end < bytes.length ? bytes.subarray(end) : undefined
    })
  })

  return {
    port: await listen(httpServer),
    clients: () => clients.size,
    publish: (text) => publish(textFrame(text)),
  }
}

function textFrame(text) {
  const length = Buffer.byteLength(text)
  const header = headerBytes(length)
  const frame = Buffer.allocUnsafe(header + length)
  writeHeader(frame, 0, 0x81, length)
  frame.utf8Write(text, header)
  return frame
}

const headerBytes = (length) => (length < 126 ? 2 : 4)

function writeHeader(out, at, first, length) {
  out[at] = first
  if (length < 126) {
    out[at + 1] = length
  } else {
    out[at + 1] = 126
    out.writeUInt16BE(length, at + 2)
  }
}

/** Writes a masked frame of `bytes` as one of the server's into `out`; returns where the next begins. */
function copyUnmasked(bytes, at, payloadAt, length, out, used) {
  writeHeader(out, used, bytes[at], length)
  const to = used + headerBytes(length)
  for (let i = 0; i < length; i++) out[to + i] = bytes[payloadAt + i] ^ bytes[payloadAt - 4 + (i & 3)]
  return to + length
}
