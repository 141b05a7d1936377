import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Heights } from '../../src/chat/heights.ts'

function heightsOf(values: readonly number[]): Heights {
  const heights = new Heights()
  for (const value of values) heights.push(value)
  return heights
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

describe('the heights of rows', () => {
  it('know where each row begins, and which one is at an offset', () => {
    const heights = heightsOf([20, 30, 50])
    expect([0, 1, 2, 3].map((index) => heights.offsetOf(index))).toEqual([0, 20, 50, 100])
    expect([-5, 0, 19, 20, 49, 50, 99, 100, 999].map((offset) => heights.indexAt(offset))).toEqual([
      0, 0, 0, 1, 1, 2, 2, 2, 2,
    ])
    expect(heights.total).toBe(100)
  })

  it('of no rows are nothing', () => {
    const heights = new Heights()
    expect([heights.total, heights.indexAt(10), heights.offsetOf(3), heights.at(0)]).toEqual([0, 0, 0, 0])
  })

  it('agree with a plain sum, whatever is added, taken away and changed', () => {
    const change = fc.oneof(
      fc.record({ kind: fc.constant('push' as const), height: fc.nat(200) }),
      fc.record({ kind: fc.constant('set' as const), at: fc.nat(), height: fc.nat(200) }),
      fc.record({ kind: fc.constant('truncate' as const), at: fc.nat() }),
    )
    fc.assert(
      fc.property(fc.array(fc.nat(200), { maxLength: 70 }), fc.array(change, { maxLength: 30 }), (begin, changes) => {
        const heights = heightsOf(begin)
        let plain = [...begin]
        for (const step of changes) {
          if (step.kind === 'push') {
            heights.push(step.height)
            plain.push(step.height)
          } else if (step.kind === 'truncate') {
            heights.truncate(step.at % (plain.length + 1))
            plain = plain.slice(0, step.at % (plain.length + 1))
          } else if (plain.length > 0) {
            heights.set(step.at % plain.length, step.height)
            plain[step.at % plain.length] = step.height
          }
        }
        expect(heights.length).toBe(plain.length)
        for (let index = 0; index <= plain.length; index += 1) {
          expect(heights.offsetOf(index)).toBe(sumOf(plain.slice(0, index)))
          const isHigh = (plain[index] ?? 0) > 0
          if (isHigh) expect(heights.indexAt(sumOf(plain.slice(0, index)))).toBe(index)
        }
      }),
    )
  })
})
