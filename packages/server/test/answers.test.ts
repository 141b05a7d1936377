import { describe, expect, it } from 'vitest'
import { Answers, type Retold } from '../src/answers.ts'

/** Begins with this key for a request with this id; what is told is pushed. */
function begin(answers: Answers, key: string, id: number, told: string[]): boolean {
  return answers.begin(key, (retold) => told.push(retold(id)))
}

const answer: Retold = (id) => `answer ${id}`

describe('answers by key', () => {
  it('let a handler run once, and tell its answer again, for the id that asks', () => {
    const answers = new Answers()
    const told: string[] = []
    expect(begin(answers, 'k', 1, told)).toBe(true)
    expect(begin(answers, 'k', 2, told)).toBe(false)
    expect(told).toEqual([])
    answers.finish('k', answer)
    expect(begin(answers, 'k', 3, told)).toBe(false)
    expect(told).toEqual(['answer 2', 'answer 3'])
  })

  it('let another key run its handler', () => {
    const answers = new Answers()
    expect([begin(answers, 'k', 1, []), begin(answers, 'l', 2, [])]).toEqual([true, true])
  })

  it('are bounded: the oldest is forgotten', () => {
    const answers = new Answers()
    for (let i = 0; i <= 1_000; i++) begin(answers, `k${i}`, i, [])
    expect([begin(answers, 'k1', 1, []), begin(answers, 'k0', 0, [])]).toEqual([false, true])
  })

  it('say nothing for a key that is forgotten', () => {
    const told: string[] = []
    const answers = new Answers()
    answers.finish('k', answer)
    expect([begin(answers, 'k', 1, told), told]).toEqual([true, []])
  })
})
