import { describe, expect, test } from 'vitest'
import { deconstruct, reconstruct } from '../../../src/protocols/socket-io/attachments.ts'

const place = (num: number) => ({ _placeholder: true, num })

describe('taking bytes out of a value', () => {
  test('answers a value without bytes as it is', () => {
    for (const value of [1, 'x', null, undefined, [], {}, new Date(0), new Map([[1, Buffer.of(1)]])]) {
      const { value: same, attachments } = deconstruct(value)
      expect(same).toBe(value)
      expect(attachments).toEqual([])
    }
  })

  test.each([
    ['a Buffer', Buffer.of(1, 2)],
    ['a Uint8Array', Uint8Array.of(1, 2)],
    ['a part of a larger array', Uint8Array.of(9, 1, 2, 9).subarray(1, 3)],
    ['an ArrayBuffer', Uint8Array.of(1, 2).buffer],
    ['a DataView', new DataView(Uint8Array.of(9, 1, 2).buffer, 1)],
    ['a Uint16Array', Uint16Array.of(0x0201)],
  ])('finds %s', (_, bytes) => {
    const { value, attachments } = deconstruct(['x', { bytes }])
    expect(JSON.stringify(value)).toBe('["x",{"bytes":{"_placeholder":true,"num":0}}]')
    expect(attachments).toEqual([Buffer.of(1, 2)])
    expect(attachments.every((each) => Buffer.isBuffer(each))).toBe(true)
  })

  test('numbers them as they stand, deepest first', () => {
    const bytes = [0, 1, 2, 3].map((n) => Buffer.of(n)) as [Buffer, Buffer, Buffer, Buffer]
    const { value, attachments } = deconstruct([{ a: [bytes[0], { b: bytes[1] }] }, bytes[2], [[bytes[3]]]])
    expect(JSON.parse(JSON.stringify(value))).toEqual([{ a: [place(0), { b: place(1) }] }, place(2), [[place(3)]]])
    expect(attachments).toEqual(bytes)
  })

  test('makes two of one buffer in two places', () => {
    const bytes = Buffer.of(1)
    expect(deconstruct([bytes, bytes])).toEqual({ value: [place(0), place(1)], attachments: [bytes, bytes] })
  })

  test('takes what is inherited for nothing', () => {
    const inherits = Object.create({ bytes: Buffer.of(1) })
    expect(deconstruct([inherits]).attachments).toEqual([])
    expect(deconstruct([inherits, Buffer.of(2)]).attachments).toEqual([Buffer.of(2)])
  })

  test('leaves to JSON what it says of itself: dates, boxes, functions and what has toJSON', () => {
    const itself = { n: 1, toJSON: () => itself }
    const values = {
      date: new Date(0),
      boxes: [new Number(5), new String('x'), new Boolean(false)],
      nothing: undefined,
      fn: () => {},
      by: { toJSON: (key: string) => `told for ${key}` },
      list: [{ toJSON: (key: string) => key }],
      itself,
    }
    const wanted = JSON.parse(JSON.stringify(values))
    const { value, attachments } = deconstruct([values, Buffer.of(1)])
    expect(JSON.parse(JSON.stringify(value))).toEqual([wanted, place(0)])
    expect(attachments).toEqual([Buffer.of(1)])
    expect(deconstruct([values]).attachments).toEqual([])
  })

  test('finds bytes that toJSON brings', () => {
    const bringers = [{ toJSON: () => Buffer.of(1) }, { toJSON: () => ({ deep: [Uint8Array.of(2)] }) }]
    const { value, attachments } = deconstruct(bringers)
    expect(JSON.parse(JSON.stringify(value))).toEqual([place(0), { deep: [place(1)] }])
    expect(attachments).toEqual([Buffer.of(1), Buffer.of(2)])
  })

  test('keeps an own __proto__ as a name', () => {
    const value: unknown = JSON.parse('{"__proto__":{"x":1}}')
    expect(JSON.stringify(deconstruct([value, Buffer.of(1)]).value)).toContain('{"__proto__":{"x":1}}')
  })

  test('refuses cycles by a sentence', () => {
    const cycle: unknown[] = []
    cycle.push(cycle)
    expect(() => deconstruct(cycle)).toThrow('cyclic, or nested deeper than 1000')
    expect(() => deconstruct([Buffer.of(1), cycle])).toThrow('cyclic, or nested deeper than 1000')
    const endless = { toJSON: (): unknown => ({ again: endless }) }
    expect(() => deconstruct([Buffer.of(1), endless])).toThrow('cyclic, or nested deeper than 1000')
  })
})

describe('putting bytes back', () => {
  test('is the inverse', () => {
    const value = ['x', { a: Buffer.of(1), b: [null, { c: Buffer.of() }] }, 'y']
    const { value: text, attachments } = deconstruct(value)
    expect(reconstruct(JSON.parse(JSON.stringify(text)), attachments)).toEqual(value)
  })

  test('refuses a place without an attachment', () => {
    expect(() => reconstruct([place(1)], [Buffer.of(1)])).toThrow('illegal attachments')
    expect(() => reconstruct({ deep: [place(-1)] }, [Buffer.of(1)])).toThrow('illegal attachments')
  })
})
