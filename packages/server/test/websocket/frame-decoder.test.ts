import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clientFrame, hex } from './client-frame.ts'
import { cut, Recorder } from './recorder.ts'
import { text } from './text.ts'

const whole = (bytes: Buffer): string[] => new Recorder().push(bytes)
const bytewise = (bytes: Buffer): string[] => new Recorder().push(...[...bytes].map((byte) => Uint8Array.of(byte)))

/** Sent whole and byte by byte, with the same outcome. */
function outcome(bytes: Buffer): string[] {
  const events = whole(bytes)
  expect(bytewise(bytes)).toEqual(events)
  return events
}

const sizes = [0, 1, 2, 3, 4, 5, 124, 125, 126, 127, 128, 200, 65_535, 65_536, 70_000]

describe('FrameDecoder', () => {
  it('reads the frames of the RFC', () => {
    expect(outcome(hex('818537fa213d7f9f4d5158'))).toEqual(['text Hello'])
    expect(outcome(hex('018337fa213d7f9f4d 808237fa213d5b95'))).toEqual(['text Hello'])
    expect(outcome(hex('898537fa213d7f9f4d5158'))).toEqual(['ping 48656c6c6f'])
  })

  it.each(sizes)('reads %d bytes of text and of binary', (size) => {
    const payload = Buffer.alloc(size, 'a')
    const bytes = Buffer.concat([clientFrame(1, payload), clientFrame(2, payload)])
    for (const places of [[], [1], [2], [3], [5], [6], [7], [8], [9], [13], [14], [15], [size], [size + 7, size + 9]]) {
      const recorder = new Recorder()
      recorder.push(...cut(bytes, places))
      const [text, binary] = recorder.messages
      expect(recorder.messages).toHaveLength(2)
      expect(text === payload.toString()).toBe(true)
      expect(payload.equals(binary as Buffer)).toBe(true)
    }
  })

  it('keeps the phase of the mask where a payload is cut', () => {
    const payload = Buffer.from('0123456789abcdef'.repeat(20))
    const bytes = clientFrame(1, payload)
    for (let place = 0; place < bytes.length; place++) {
      expect(new Recorder().push(bytes.subarray(0, place), bytes.subarray(place))).toEqual([`text ${payload}`])
    }
  })

  it('stops behind the frame it was stopped in, and says how far it came', () => {
    const recorder = new Recorder()
    const receive = recorder.receiveMessage.bind(recorder)
    recorder.receiveMessage = (data) => {
      receive(data)
      recorder.decoder.stopped = true
    }
    const chunk = Buffer.concat([clientFrame(1, 'a'), clientFrame(1, 'b')])
    expect(recorder.decoder.push(chunk)).toBe(7)
    expect(recorder.decoder.push(chunk.subarray(7))).toBe(0)
    recorder.decoder.stopped = false
    expect(recorder.decoder.push(chunk.subarray(7))).toBe(7)
    expect(recorder.events).toEqual(['text a', 'text b'])
  })
})

describe('attack F9: what no client may send', () => {
  it.each([1, 2, 3, 4, 5, 6, 7])('fails with 1002 when the reserved bits are %d', (rsv) => {
    for (const opcode of [0, 1, 2, 8, 9, 10]) {
      expect(outcome(clientFrame(opcode, '', { rsv }))).toEqual(['fail 1002'])
      // From the first byte alone.
      expect(whole(clientFrame(opcode, '', { rsv }).subarray(0, 1))).toEqual(['fail 1002'])
    }
  })

  it.each([3, 4, 5, 6, 7, 11, 12, 13, 14, 15])('fails with 1002 on opcode %d', (opcode) => {
    for (const payload of ['', 'payload']) {
      expect(outcome(clientFrame(opcode, payload))).toEqual(['fail 1002'])
      expect(outcome(clientFrame(opcode, payload, { fin: false }))).toEqual(['fail 1002'])
    }
  })

  it.each([8, 9, 10])('fails with 1002 on a fragment of control frame %d', (opcode) => {
    expect(outcome(clientFrame(opcode, 'a', { fin: false }))).toEqual(['fail 1002'])
  })

  it.each([0, 1, 2, 8, 9, 10])('fails with 1002 on opcode %d without a mask, from two bytes', (opcode) => {
    for (const size of [0, 1, 125, 126, 65_536]) {
      if (opcode >= 8 && size > 125) continue
      const frame = clientFrame(opcode, Buffer.alloc(size), { mask: false })
      expect(outcome(frame)).toEqual(['fail 1002'])
      expect(whole(frame.subarray(0, 2))).toEqual(['fail 1002'])
    }
  })

  it.each([8, 9, 10])('fails with 1002 on control frame %d beyond 125 bytes, from two bytes', (opcode) => {
    expect(whole(clientFrame(opcode, Buffer.alloc(126)).subarray(0, 2))).toEqual(['fail 1002'])
    expect(whole(clientFrame(opcode, '', { form: 16 }).subarray(0, 2))).toEqual(['fail 1002'])
    expect(whole(clientFrame(opcode, '', { form: 64 }).subarray(0, 2))).toEqual(['fail 1002'])
  })

  it.each([
    ['one byte in the 16-bit form', '81fe 0001', 'fail 1002'],
    ['125 bytes in the 16-bit form', '81fe 007d', 'fail 1002'],
    ['no bytes in the 16-bit form', '82fe 0000', 'fail 1002'],
    ['one byte in the 64-bit form', '81ff 0000000000000001', 'fail 1002'],
    ['65,535 bytes in the 64-bit form', '82ff 000000000000ffff', 'fail 1002'],
    ['the top bit', '82ff 80', 'fail 1002'],
    ['2^63', '82ff 8000000000000000', 'fail 1002'],
    ['2^53', '82ff 0020000000000000', 'fail 1009'],
    ['2^53 + 1', '82ff 0020000000000001', 'fail 1009'],
    ['2^63 - 1', '82ff 7fffffffffffffff', 'fail 1009'],
    ['2^32', '82ff 0000000100000000', 'fail 1009'],
    ['the limit and one', '82ff 00000000000f4241', 'fail 1009'],
  ])('refuses a length of %s from the header alone', (_, header, verdict) => {
    expect(outcome(hex(header))).toEqual([verdict])
  })

  it('allows a mask of zeros', () => {
    expect(outcome(hex('8185 <m> 48656c6c6f'))).toEqual(['text Hello'])
  })

  it('acts on nothing behind the bad frame, and on everything before it', () => {
    const bytes = Buffer.concat([clientFrame(1, 'Hello'), clientFrame(5), clientFrame(9), clientFrame(1, 'late')])
    expect(outcome(bytes)).toEqual(['text Hello', 'fail 1002'])
  })
})

describe('any stream of frames', () => {
  const payload = fc.oneof(
    text.map((string) => Buffer.from(string)),
    fc.uint8Array({ maxLength: 12 }).map((array) => Buffer.from(array)),
  )
  const usually = <T>(value: T, other: fc.Arbitrary<T>) =>
    fc.oneof({ arbitrary: fc.constant(value), weight: 12 }, other)
  const frame = fc
    .record({
      opcode: fc.oneof({ arbitrary: fc.constantFrom(0, 0, 1, 1, 2, 9, 10), weight: 12 }, fc.nat(15)),
      payload,
      fin: fc.boolean(),
      rsv: usually(0, fc.nat(7)),
      mask: fc.oneof(
        { arbitrary: fc.uint8Array({ minLength: 4, maxLength: 4 }) as fc.Arbitrary<Uint8Array | false>, weight: 12 },
        fc.constant(false as const),
      ),
      long: usually(false, fc.boolean()),
    })
    .map(({ opcode, payload, fin, rsv, mask, long }) =>
      clientFrame(opcode, opcode >= 8 ? payload.subarray(0, 125) : payload, {
        fin: fin || opcode >= 8,
        rsv,
        mask,
        ...(long ? { form: 64 as const } : {}),
      }),
    )

  it('comes out the same however it is cut', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 12 }), (frames, places) => {
        const bytes = Buffer.concat(frames)
        const events = whole(bytes)
        expect(new Recorder().push(...cut(bytes, places))).toEqual(events)
        expect(bytewise(bytes)).toEqual(events)
      }),
      { numRuns: 1_000 },
    )
  })
})
