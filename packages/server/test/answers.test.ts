import { encodeAckArgs } from '@partyline/protocol'
import { describe, expect, it } from 'vitest'
import { Answers, acknowledgement, restOf } from '../src/answers.ts'

/** Begins with this key for a request with this id; what is told is pushed. */
function begin(answers: Answers, key: string, id: number, told: string[], hash = 'h'): boolean {
  return answers.begin(key, hash, (rest) => told.push(acknowledgement(id, rest)))
}

const answer = (text: string) => restOf((id) => encodeAckArgs(id, [text]))

describe('answers by key', () => {
  it('let a handler run once, and tell its answer again, for the id that asks', () => {
    const answers = new Answers()
    const told: string[] = []
    expect(begin(answers, 'k', 1, told)).toBe(true)
    expect(begin(answers, 'k', 2, told)).toBe(false)
    expect(told).toEqual([])
    answers.finish('k', answer('done'))
    expect(answers.begin('k', 'h', (rest) => told.push(acknowledgement('x"y', rest)))).toBe(false)
    expect(told).toEqual([encodeAckArgs(2, ['done']), encodeAckArgs('x"y', ['done'])])
  })

  it('let another key run its handler', () => {
    const answers = new Answers()
    expect([begin(answers, 'k', 1, []), begin(answers, 'l', 2, [])]).toEqual([true, true])
  })

  it('refuse a key that was used for something else', () => {
    const answers = new Answers()
    begin(answers, 'k', 1, [], 'one')
    expect(() => begin(answers, 'k', 2, [], 'other')).toThrow(expect.objectContaining({ code: 'key_reused' }))
  })

  it('are bounded in number: the oldest is forgotten', () => {
    const answers = new Answers()
    for (let i = 0; i <= 1_000; i++) begin(answers, `k${i}`, i, [])
    expect([begin(answers, 'k1', 1, []), begin(answers, 'k0', 0, [])]).toEqual([false, true])
  })

  it('are bounded in bytes: the oldest are unknown then, and run no handler all the same', () => {
    const answers = new Answers()
    const large = answer('x'.repeat(100_000))
    for (const key of ['a', 'b', 'c']) {
      begin(answers, key, 1, [])
      answers.finish(key, large)
    }
    expect(answers.bytes).toBeLessThanOrEqual(256 * 1024)
    const told: string[] = []
    for (const key of ['a', 'b', 'c']) expect(begin(answers, key, 1, told)).toBe(false)
    expect(told.map((text) => JSON.parse(text).error?.code)).toEqual(['outcome_unknown', undefined, undefined])
  })

  it('tell who waits already, however large the answer is, and keep none that is too large', () => {
    const answers = new Answers()
    const told: string[] = []
    begin(answers, 'k', 1, told)
    begin(answers, 'k', 2, told)
    answers.finish('k', answer('x'.repeat(300_000)))
    expect(JSON.parse(told[0] as string).data).toHaveLength(300_000)
    expect(answers.bytes).toBe(0)
  })

  it('say nothing for a key that is forgotten', () => {
    const told: string[] = []
    const answers = new Answers()
    answers.finish('k', answer('late'))
    expect([begin(answers, 'k', 1, told), told]).toEqual([true, []])
  })
})
