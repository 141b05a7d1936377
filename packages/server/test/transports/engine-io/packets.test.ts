import { describe, expect, it } from 'vitest'
import {
  type EnginePacket,
  InvalidEnginePacket,
  readPacket,
  readPayload,
  takePackets,
} from '../../../src/transports/engine-io/packets.ts'

describe('a packet', () => {
  it.each(['0', '1', '2', '3', '4', '5', '6', '0{"sid":"x"}', '2probe', '4hi', '4\u{1F600}', '4'])('is %s', (text) => {
    expect(readPacket(text)).toBe(text)
  })

  it.each([
    ['b', ''],
    ['bAP8Q', '00ff10'],
    ['b+/+//g==', 'fbff bffe'],
    ['bAA==', '00'],
    ['bAAA=', '0000'],
  ])('is the bytes of %s', (text, hex) => {
    expect(readPacket(text)).toEqual(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
  })

  it.each(['', 'x', '7', '9', '/', ' 4', '-1', '\x1e', '\u{1F600}', 'B', 'b!', 'bAP8Q\n', 'b=AP8', 'bAA-_'])(
    'is not %j',
    (text) => {
      expect(() => readPacket(text)).toThrow(InvalidEnginePacket)
    },
  )
})

describe('a payload', () => {
  const read = (body: string): { packets: EnginePacket[]; error: unknown } => {
    const packets: EnginePacket[] = []
    try {
      readPayload(body, (packet) => packets.push(packet))
      return { packets, error: undefined }
    } catch (error) {
      return { packets, error }
    }
  }

  it('has its packets in order', () => {
    expect(read('4hi\x1e2\x1ebAP8Q')).toEqual({ packets: ['4hi', '2', Buffer.from('00ff10', 'hex')], error: undefined })
  })

  it.each([
    ['', []],
    ['\x1e', []],
    ['4a\x1e', ['4a']],
    ['4a\x1e\x1e4b', ['4a']],
    ['4a\x1e4b\x1ex\x1e4c', ['4a', '4b']],
  ])('%j is told up to what is no packet', (body, packets) => {
    expect(read(body)).toEqual({ packets, error: expect.any(InvalidEnginePacket) })
  })
})

describe('what goes into one answer', () => {
  const take = (waiting: string[], most: number): { taken: string; left: string; parts: number } => {
    const { taken, left } = takePackets(
      waiting.map((text) => Buffer.from(text)),
      most,
    )
    return { taken: `${Buffer.concat(taken)}`, left: `${Buffer.concat(left)}`, parts: taken.length }
  }

  it.each([
    ['nothing', [], '', ''],
    ['less than there may be', ['1\x1e', '2\x1e'], '1\x1e2\x1e', ''],
    ['as much as there may be', ['1\x1e', '2\x1e', '3\x1e'], '1\x1e2\x1e3\x1e', ''],
    ['as much, in one buffer', ['1\x1e2\x1e3\x1e'], '1\x1e2\x1e3\x1e', ''],
    ['more', ['1\x1e', '2\x1e', '3\x1e', '4\x1e', '5\x1e'], '1\x1e2\x1e3\x1e', '4\x1e5\x1e'],
    ['more, in one buffer', ['1\x1e2\x1e3\x1e4\x1e5\x1e'], '1\x1e2\x1e3\x1e', '4\x1e5\x1e'],
    ['more, in buffers that end elsewhere', ['1\x1e2\x1e', '3\x1e4\x1e', '5\x1e'], '1\x1e2\x1e3\x1e', '4\x1e5\x1e'],
    ['more, where a buffer ends there', ['1\x1e2\x1e3\x1e', '4\x1e'], '1\x1e2\x1e3\x1e', '4\x1e'],
    ['packets with nothing but an id', ['\x1e\x1e', '\x1e\x1e'], '\x1e\x1e\x1e', '\x1e'],
  ])('is of %s the first three packets', (_, waiting, taken, left) => {
    expect(take(waiting, 3)).toMatchObject({ taken, left })
  })

  it('is always one packet after the other, whatever the buffers', () => {
    const text = Array.from({ length: 40 }, (_, index) => `4${index}\x1e`)
    for (let size = 1; size <= 40; size++) {
      const buffers: Buffer[] = []
      for (let at = 0; at < 40; at += size) buffers.push(Buffer.from(text.slice(at, at + size).join('')))
      const counts: number[] = []
      let heard = ''
      for (let left: Buffer[] = buffers; left.length > 0; ) {
        const answer = takePackets(left, 16)
        const payload = `${Buffer.concat(answer.taken)}`
        counts.push(payload.split('\x1e').length - 1)
        heard += payload
        left = answer.left
      }
      expect([heard, counts]).toEqual([text.join(''), [16, 16, 8]])
    }
  })

  it('does not copy what is taken whole', () => {
    const shared = Buffer.from('4a\x1e4b\x1e')
    expect(takePackets([shared], 16).taken[0]).toBe(shared)
  })
})
