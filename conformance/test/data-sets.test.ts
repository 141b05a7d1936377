import { isUtf8 } from 'node:buffer'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type DataSet, dataSets } from '../src/data-sets.ts'

/** What the case list says of each: its length in bytes, and how well it shrinks. */
const facts: readonly (readonly [title: string, bytes: number, shrinksTo: readonly [number, number]])[] = [
  ['text: JSON', 194_056, [0.05, 0.5]],
  ['binary: a grey bitmap', 263_222, [0.2, 0.9]],
  ['binary: German prose', 222_218, [0.2, 0.6]],
  ['text: HTML', 263_647, [0.05, 0.4]],
  ['binary: a PDF', 1_042_328, [0.95, 1.01]],
]

const whole = (data: DataSet) => data.message(0, data.units)

describe('the data sets', () => {
  test.each(facts)('%s has %i bytes and shrinks as it should', (title, bytes, [least, most]) => {
    const data = dataSets.find((each) => each.title === title) as DataSet
    const content = whole(data)
    expect(content).toHaveLength(bytes)
    const ratio = deflateRawSync(content).length / content.length
    expect(ratio).toBeGreaterThan(least)
    expect(ratio).toBeLessThan(most)
  })

  test('hold what they say', () => {
    const [json, bitmap, , html, pdf] = dataSets.map(whole)
    expect(Array.isArray(JSON.parse(json?.toString('latin1') ?? ''))).toBe(true)
    expect(json?.every((byte) => byte < 0x80)).toBe(true)
    expect(bitmap?.readUInt32LE(2)).toBe(263_222)
    expect(isUtf8(html as Buffer)).toBe(true)
    expect(html?.toString()).toMatch(/^<!DOCTYPE html>[\s\S]*<\/html>\n$/)
    expect(pdf?.toString('latin1')).toMatch(/^%PDF-1\.4\n[\s\S]*%%EOF\n$/)
  })

  test('go on where the message before ended, and from their start behind their end', () => {
    for (const data of dataSets) {
      const units = 50_000
      const long = Buffer.concat(Array.from({ length: 24 }, (_, index) => data.message(index, units)))
      const doubled = data.message(0, 130_000)
      expect(long.subarray(0, doubled.length).equals(doubled)).toBe(true)
      expect(data.message(data.units, 16)).toEqual(data.message(0, 16))
    }
  })
})
