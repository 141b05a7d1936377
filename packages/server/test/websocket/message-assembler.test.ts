import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MessageLimits } from '../../src/websocket/message-assembler.ts'
import { clientFrame, hex } from './client-frame.ts'
import { cut, Recorder } from './recorder.ts'
import { text } from './text.ts'

function outcome(bytes: Buffer, limits: Partial<MessageLimits> = {}): string[] {
  const events = new Recorder(limits).push(bytes)
  expect(new Recorder(limits).push(...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(events)
  return events
}

const message = (...parts: readonly (string | Uint8Array)[]): Buffer =>
  Buffer.concat(parts.map((part, i) => clientFrame(i === 0 ? 1 : 0, part, { fin: i === parts.length - 1 })))

const K = 'cebae1bdb9cf83cebcceb5'

describe('MessageAssembler', () => {
  it.each([
    ['two', message('fragment1', 'fragment2'), ['text fragment1fragment2']],
    ['empty ones only', message('', '', ''), ['text ']],
    ['a middle that is not empty', message('', 'middle', ''), ['text middle']],
    ['a character that is cut', message(hex('c3'), hex('a4')), ['text ä']],
    ['every byte of K', message(...[...hex(K)].map((byte) => Uint8Array.of(byte)), ''), [`text ${hex(K)}`]],
  ])('joins fragments: %s', (_, bytes, events) => {
    expect(outcome(bytes)).toEqual(events)
  })

  it('delivers an empty message of each kind', () => {
    expect(outcome(Buffer.concat([clientFrame(1), clientFrame(2)]))).toEqual(['text ', 'binary '])
    expect(outcome(Buffer.concat([clientFrame(2, '', { fin: false }), clientFrame(0)]))).toEqual(['binary '])
  })

  it('lets control frames through between fragments', () => {
    const [first, second] = [clientFrame(1, 'a', { fin: false }), clientFrame(0, 'b')]
    const between = [clientFrame(9, 'ping payload'), clientFrame(10, 'pong')]
    expect(outcome(Buffer.concat([first, ...between, second]))).toEqual([
      'ping 70696e67207061796c6f6164',
      'pong',
      'text ab',
    ])
  })

  it.each([
    ['a continuation of nothing', [clientFrame(0, 'a'), clientFrame(1, 'b')], ['fail 1002']],
    ['an unfinished continuation of nothing', [clientFrame(0, 'a', { fin: false })], ['fail 1002']],
    ['a text inside a message', [clientFrame(1, 'a', { fin: false }), clientFrame(1, 'b')], ['fail 1002']],
    ['a binary inside a text', [clientFrame(1, 'a', { fin: false }), clientFrame(2, 'b')], ['fail 1002']],
    [
      'a continuation behind a finished message',
      [message('a', 'b'), clientFrame(0, 'c'), clientFrame(1, 'd')],
      ['text ab', 'fail 1002'],
    ],
  ])('fails with 1002 on %s', (_, frames, events) => {
    expect(outcome(Buffer.concat(frames))).toEqual(events)
  })

  it('hands on binary that shares no memory with the chunk', () => {
    const chunk = Buffer.alloc(10_000)
    clientFrame(2, 'payload').copy(chunk)
    const recorder = new Recorder()
    recorder.decoder.push(chunk.subarray(0, 13))
    expect((recorder.messages[0] as Buffer).buffer).not.toBe(chunk.buffer)
    chunk.fill(0)
    expect(recorder.messages).toEqual([Buffer.from('payload')])
  })

  it('makes the same message of any fragments in any chunks', () => {
    const places = fc.array(fc.nat(), { maxLength: 10 })
    fc.assert(
      fc.property(text, places, places, fc.boolean(), (string, fragments, chunks, binary) => {
        const parts = cut(Buffer.from(string), fragments)
        const frames = parts.map((part, i) =>
          clientFrame(i > 0 ? 0 : binary ? 2 : 1, part, { fin: i === parts.length - 1 }),
        )
        const recorder = new Recorder()
        recorder.push(...cut(Buffer.concat(frames), chunks))
        const [message] = recorder.messages
        expect(recorder.messages).toHaveLength(1)
        expect(typeof message === 'string').toBe(!binary)
        expect(message?.toString()).toBe(string)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('MessageAssembler, text', () => {
  it.each([
    ['a surrogate', `${K}eda080656469746564`],
    ['a bad last byte', '616161ff'],
    ['an end inside a character', 'ceba e1bd'],
  ])('fails with 1007 on %s', (_, text) => {
    expect(outcome(clientFrame(1, hex(text)))).toEqual(['fail 1007'])
    expect(outcome(message(...[...hex(text)].map((byte) => Uint8Array.of(byte)), ''))).toEqual(['fail 1007'])
  })

  it.each([
    [
      'three frames, the bad character whole',
      [clientFrame(1, hex(K), { fin: false }), clientFrame(0, hex('f4908080'), { fin: false })],
    ],
    [
      'three frames, the bad byte alone',
      [clientFrame(1, hex(`${K}f4`), { fin: false }), clientFrame(0, hex('90'), { fin: false })],
    ],
    ['one frame, the bad character whole', cut(clientFrame(1, hex(`${K}f4908080656469746564`)).subarray(0, 21), [17])],
    ['one frame, the bad byte alone', cut(clientFrame(1, hex(`${K}f4908080656469746564`)).subarray(0, 19), [18])],
  ])('fails at the first impossible byte, with more to come: %s', (_, [first, second]) => {
    const recorder = new Recorder()
    expect(recorder.push(first as Buffer)).toEqual([])
    expect(recorder.push(second as Buffer)).toEqual(['fail 1007'])
  })

  it('looks at long texts too, where they are cut inside a character', () => {
    const text = `${'a'.repeat(50_000)}${'κόσμε😀'.repeat(5_000)}`
    const bytes = clientFrame(1, text)
    for (const place of [1_000, 50_011, 50_012, 50_013, 50_500, 60_001, 60_002, 60_003, 60_004]) {
      expect(new Recorder().push(bytes.subarray(0, place), bytes.subarray(place))).toEqual([`text ${text}`])
    }
  })
})

describe('MessageAssembler, close frames', () => {
  it.each([
    ['', 'close 1005 '],
    ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999].map((code) => [
      code.toString(16).padStart(4, '0'),
      `close ${code} `,
    ]),
    [`03e8${'61'.repeat(123)}`, `close 1000 ${'a'.repeat(123)}`],
    [`03e8${K}`, `close 1000 ${hex(K)}`],
  ])('takes %s', (payload, event) => {
    expect(outcome(clientFrame(8, hex(payload as string)))).toEqual([event])
  })

  it.each([0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535])('fails with 1002 on %d', (code) => {
    const payload = Buffer.alloc(2)
    payload.writeUInt16BE(code)
    expect(outcome(clientFrame(8, payload))).toEqual(['fail 1002'])
  })

  it('fails with 1002 on a payload of one byte, from the header alone', () => {
    expect(outcome(clientFrame(8, 'a'))).toEqual(['fail 1002'])
    expect(outcome(clientFrame(8, 'a').subarray(0, 2))).toEqual(['fail 1002'])
  })

  it.each([`03e8${K}eda080656469746564`, '03e8c3'])('fails with 1007 on a reason that is not UTF-8: %s', (payload) => {
    expect(outcome(clientFrame(8, hex(payload)))).toEqual(['fail 1007'])
  })
})

describe('MessageAssembler, limits', () => {
  it('takes exactly maxPayloadBytes, in one frame or many', () => {
    expect(outcome(clientFrame(1, 'aaaa'), { maxPayloadBytes: 4 })).toEqual(['text aaaa'])
    expect(outcome(message('aa', '', 'aa', ''), { maxPayloadBytes: 4 })).toEqual(['text aaaa'])
  })

  it('fails with 1009 one byte beyond, at the header that crosses', () => {
    expect(outcome(clientFrame(2, 'aaaaa').subarray(0, 2), { maxPayloadBytes: 4 })).toEqual(['fail 1009'])
    const crossing = Buffer.concat([clientFrame(1, 'aaa', { fin: false }), clientFrame(0, 'aa').subarray(0, 2)])
    expect(outcome(crossing, { maxPayloadBytes: 4 })).toEqual(['fail 1009'])
    expect(outcome(clientFrame(1, 'aaaaa'), { maxPayloadBytes: 4 })).toEqual(['fail 1009'])
  })

  it('applies maxPayloadBytes to messages, not to control frames', () => {
    expect(outcome(clientFrame(9, 'aaaaa'), { maxPayloadBytes: 4 })).toEqual(['ping 6161616161'])
  })

  it('allocates nothing for what a header announces', () => {
    const recorder = new Recorder({ maxPayloadBytes: 100_000_000 })
    const before = process.memoryUsage().arrayBuffers
    for (let i = 0; i < 50; i++) {
      new Recorder({ maxPayloadBytes: 100_000_000 }).push(hex('82ff 0000000005f5e100 <m> 00'))
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000)
    expect(recorder.push(hex('82ff 0000000005f5e101'))).toEqual(['fail 1009'])
  })
})

describe('attack F2: fragments without end', () => {
  it('fails with 1008 at the empty fragment beyond maxEmptyFragments', () => {
    const first = clientFrame(1, 'a', { fin: false })
    const empty = clientFrame(0, '', { fin: false })
    const recorder = new Recorder()
    recorder.push(first, ...Array.from({ length: 1_024 }, () => empty))
    expect(recorder.events).toEqual([])
    expect(recorder.push(clientFrame(0))).toEqual(['text a'])
    recorder.push(first, ...Array.from({ length: 100_000 }, () => empty))
    expect(recorder.events).toEqual(['text a', 'fail 1008'])
  })

  it('fails with 1008 at the fragment beyond maxFragments', () => {
    expect(outcome(message('a', 'b', 'c'), { maxFragments: 3 })).toEqual(['text abc'])
    expect(outcome(message('a', 'b', 'c', 'd'), { maxFragments: 3 })).toEqual(['fail 1008'])
  })

  it('takes 4 MiB in fragments of 64 bytes and an empty last one', () => {
    const fragment = clientFrame(0, '*'.repeat(64), { fin: false })
    const recorder = new Recorder({ maxPayloadBytes: 4_194_304 })
    recorder.push(clientFrame(1, '*'.repeat(64), { fin: false }))
    for (let i = 1; i < 65_536; i++) recorder.push(fragment)
    recorder.push(clientFrame(0))
    expect(recorder.messages).toEqual(['*'.repeat(4_194_304)])
  })

  it('gathers fragments of one byte in one buffer that grows', () => {
    const fragment = clientFrame(0, 'a', { fin: false })
    const recorder = new Recorder()
    recorder.push(clientFrame(2, 'a', { fin: false }))
    const before = process.memoryUsage().arrayBuffers
    const chunk = Buffer.concat(Array.from({ length: 1_000 }, () => fragment))
    for (let i = 0; i < 100; i++) recorder.push(chunk)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000)
    recorder.push(clientFrame(0))
    expect((recorder.messages[0] as Buffer).length).toBe(100_001)
  })
})

describe('MessageAssembler, compressed messages', () => {
  const deflating = (...chunks: Buffer[]): string[] => {
    const events = new Recorder({}, true).push(...chunks)
    const bytewise = [...Buffer.concat(chunks)].map((byte) => Uint8Array.of(byte))
    expect(new Recorder({}, true).push(...bytewise)).toEqual(events)
    return events
  }

  it.each([
    ['whole', [hex('c182 <m> f248'), hex('c283 <m> 010203')], ['compressed 1 f248', 'compressed 2 010203']],
    ['in fragments', [hex('4182 <m> f248'), hex('0080 <m>'), hex('8081 <m> cd')], ['compressed 1 f248cd']],
    ['with bytes that are no text', [hex('4182 <m> ffff'), hex('8081 <m> ff')], ['compressed 1 ffffff']],
    ['empty', [hex('c180 <m>')], ['compressed 1 ']],
    [
      'between others',
      [clientFrame(1, 'a'), hex('c181 <m> 00'), clientFrame(1, 'b')],
      ['text a', 'compressed 1 00', 'text b'],
    ],
  ])('are handed on as they are: %s', (_title, chunks, events) => {
    expect(deflating(...chunks)).toEqual(events)
  })

  it('may say so only in their first frame', () => {
    expect(deflating(hex('4181 <m> 00'), hex('c081 <m> 00'))).toEqual(['fail 1002'])
    expect(deflating(hex('0181 <m> 61'), hex('c081 <m> 00'))).toEqual(['fail 1002'])
    expect(deflating(hex('4181 <m> 00'), hex('c181 <m> 00'))).toEqual(['fail 1002'])
  })

  it('do not exist where nobody agreed on them', () => {
    for (const head of [0x41, 0x42, 0xc1, 0xc2]) {
      expect(new Recorder().push(Buffer.of(head))).toEqual(['fail 1002'])
      expect(new Recorder({}, true).push(Buffer.of(head))).toEqual([])
    }
  })
})
