import type { IncomingMessage } from 'node:http'
import { RequestError } from '@partyline/protocol'

/** The client went away in the middle: nobody is there to be answered. */
export class ClientGone extends Error {}

const FIRST_BYTES = 4_096

/**
 * The body of a request. Rejects with `too_large` as soon as that is known, the rest unread, and with
 * {@link ClientGone}. It grows in one buffer: of a body in chunks of one byte nothing but its bytes is kept.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = new RequestError('too_large', `more than ${maxBytes} bytes`)
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge)
  return new Promise((resolve, reject) => {
    let body = Buffer.alloc(0)
    let bytes = 0
    const onData = (chunk: Buffer): void => {
      if (bytes + chunk.length > maxBytes) {
        request.off('data', onData).pause()
        reject(tooLarge)
        return
      }
      if (bytes + chunk.length > body.length) {
        const larger = Buffer.allocUnsafe(Math.max(FIRST_BYTES, 2 * body.length, bytes + chunk.length))
        body.copy(larger, 0, 0, bytes)
        body = larger
      }
      chunk.copy(body, bytes)
      bytes += chunk.length
    }
    request.on('data', onData)
    request.once('end', () => resolve(body.subarray(0, bytes)))
    request.once('close', () => reject(new ClientGone()))
  })
}
