import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { binaryFrame, closeFrame, pingFrame, pongFrame, textFrame } from '../../src/websocket/frame.ts'
import { hex } from './client-frame.ts'
import { text } from './text.ts'

const headers: readonly [bytes: number, header: string][] = [
  [0, '00'],
  [1, '01'],
  [125, '7d'],
  [126, '7e 007e'],
  [127, '7e 007f'],
  [65_535, '7e ffff'],
  [65_536, '7f 0000000000010000'],
  [70_000, '7f 0000000000011170'],
]

describe('textFrame', () => {
  it.each(headers)('has the shortest header for %d bytes of ASCII', (bytes, header) => {
    expect(textFrame('*'.repeat(bytes)).equals(Buffer.concat([hex(`81 ${header}`), Buffer.alloc(bytes, '*')]))).toBe(
      true,
    )
  })

  it.each([
    ['fits its first estimate', 'ä'.repeat(62), '81 7c'],
    ['needs a longer header than its length says', 'ä'.repeat(63), '81 7e 007e'],
    ['is three times its length', '\uffff'.repeat(1_024), '81 7e 0c00'],
    ['is longer than a block takes', 'ä'.repeat(2_000), '81 7e 0fa0'],
    ['crosses 65,535 bytes by what is not ASCII', 'ä'.repeat(32_768), '81 7f 0000000000010000'],
  ])('is exact where the text %s', (_, text, header) => {
    expect(textFrame(text).equals(Buffer.concat([hex(header), Buffer.from(text)]))).toBe(true)
  })

  it('replaces lone surrogates, so that its payload is UTF-8', () => {
    expect(textFrame('a\ud800b').toString('hex')).toBe('810561efbfbd62')
  })

  it('writes frames that later ones do not touch', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 100 }), (texts) => {
        const frames = texts.map(textFrame)
        for (const [i, frame] of frames.entries()) {
          const payload = Buffer.from(texts[i] as string)
          expect(frame.subarray(frame.length - payload.length).equals(payload)).toBe(true)
          expect(frame.length - payload.length).toBe(payload.length < 126 ? 2 : 4)
        }
      }),
    )
  })
})

describe('binaryFrame', () => {
  it.each(headers)('has the shortest header for %d bytes', (bytes, header) => {
    const payload = Buffer.alloc(bytes, 0xfe)
    expect(binaryFrame(payload).equals(Buffer.concat([hex(`82 ${header}`), payload]))).toBe(true)
  })

  it('copies its payload', () => {
    const payload = hex('0102')
    const frame = binaryFrame(payload)
    payload.fill(0)
    expect(frame.toString('hex')).toBe('82020102')
  })
})

describe('control frames', () => {
  it('are literal', () => {
    expect(pingFrame.toString('hex')).toBe('8900')
    expect(pongFrame(hex('aabbccdd')).toString('hex')).toBe('8a04aabbccdd')
    expect(pongFrame(hex('aabbccdd'), 1, 3).toString('hex')).toBe('8a02bbcc')
    expect(closeFrame().toString('hex')).toBe('8800')
    expect(closeFrame(1000).toString('hex')).toBe('880203e8')
    expect(closeFrame(1001, 'bye').toString('hex')).toBe('880503e9627965')
  })

  it.each([
    ['123 bytes', 'a'.repeat(123), 123],
    ['124 bytes', 'a'.repeat(124), 123],
    ['a character of two bytes over the edge', `${'a'.repeat(122)}ä`, 122],
    ['a character of four bytes over the edge', `${'a'.repeat(120)}😀`, 120],
  ])('cut a reason of %s on a character', (_, reason, bytes) => {
    const frame = closeFrame(1000, reason)
    expect(frame.length).toBe(4 + bytes)
    expect(reason.startsWith(frame.toString('utf8', 4))).toBe(true)
  })
})
