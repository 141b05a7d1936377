import { inflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { defaultParser } from '../../src/protocols/socket-io/default-parser.ts'
import { formsOf } from '../../src/protocols/socket-io/forms.ts'
import { PacketType } from '../../src/protocols/socket-io/packet.ts'
import { deflatedForm } from '../../src/transports/deflated-forms.ts'
import { webSocketFraming } from '../../src/transports/engine-io/framing.ts'
import { agreeOnDeflate } from '../../src/websocket/deflate-agreement.ts'
import { resolveDeflateOptions } from '../../src/websocket/deflate-options.ts'
import { parseExtensions } from '../../src/websocket/extension-offers.ts'
import { MessageDeflate } from '../../src/websocket/message-deflate.ts'

/** The frames of a server, each as its first byte and its payload, inflated where it is compressed. */
function framesIn(bytes: Buffer): [head: number, payload: Buffer][] {
  const frames: [number, Buffer][] = []
  for (let at = 0; at < bytes.length; ) {
    const short = bytes[at + 1] as number
    const start = at + (short < 126 ? 2 : short === 126 ? 4 : 10)
    const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 6)
    const payload = bytes.subarray(start, start + length)
    const head = bytes[at] as number
    const tail = Buffer.from('0000ffff0300', 'hex')
    frames.push([head, (head & 0x40) === 0 ? payload : inflateRawSync(Buffer.concat([payload, tail]))])
    at = start + length
  }
  return frames
}

describe('the deflated form of what consists of several frames', () => {
  const options = resolveDeflateOptions({ threshold: 64 })
  if (options === undefined) throw new Error('nothing is compressed')
  const agreement = agreeOnDeflate(parseExtensions(['permessage-deflate']) ?? [], options)
  if (agreement === undefined) throw new Error('nothing was agreed on')
  const plain = formsOf(defaultParser).get(webSocketFraming)
  if (plain === undefined) throw new Error('there is no such form')
  const form = deflatedForm(plain, new MessageDeflate(agreement, options, 1_000_000))

  it.each([
    ['short ones', 10, false],
    ['ones with two bytes of length', 10_000, true],
    ['ones that are too long to be compressed', 70_000, false],
  ])('compresses each by itself: %s', (_name, bytes, isCompressed) => {
    const attachments = [Buffer.alloc(bytes, 'a'), Buffer.alloc(bytes, 'b')]
    const said = defaultParser.encode({ type: PacketType.event, nsp: '/', data: ['pic', ...attachments] })
    const frames = framesIn(form.frame(said))
    expect(frames.map(([head]) => head & 0x0f)).toEqual([1, 2, 2])
    expect(frames.slice(1).map(([head]) => (head & 0x40) !== 0)).toEqual([isCompressed, isCompressed])
    expect(`${frames[0]?.[1]}`).toMatch(/^452-\["pic",/)
    expect(frames.slice(1).map(([, payload]) => payload)).toEqual(attachments)
  })
})
