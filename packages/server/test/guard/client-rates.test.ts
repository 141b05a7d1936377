import { ProtocolViolation, RequestError } from '@partyline/protocol'
import { describe, expect, it } from 'vitest'
import { ClientRates } from '../../src/guard/client-rates.ts'
import { resolveRate } from '../../src/guard/rate.ts'
import { Rules } from '../../src/rules.ts'
import { StillClock } from '../suites/still-clock.ts'

function make() {
  const clock = new StillClock()
  const rates = {
    messages: resolveRate('10 per second, burst 20', ''),
    events: new Map([['chat', resolveRate('2 per minute', '')]]),
  }
  return { clock, rates: new ClientRates(rates, clock) }
}

const refusal = (run: () => void): unknown => {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

describe('what a client has left', () => {
  it('is so many messages, then it is told when', () => {
    const { clock, rates } = make()
    for (let i = 0; i < 20; i++) rates.message()
    expect(refusal(() => rates.message())).toMatchObject({ code: 'rate_limited', retryAfterMs: 100 })
    clock.pass(100)
    rates.message()
  })

  it('is nothing for who floods', () => {
    const { rates } = make()
    for (let i = 0; i < 20; i++) rates.message()
    const refused = Array.from({ length: 1_001 }, () => refusal(() => rates.message()))
    expect(refused.slice(0, 1_000).every((error) => error instanceof RequestError)).toBe(true)
    expect(refused.at(-1)).toBeInstanceOf(ProtocolViolation)
    expect(refused.at(-1)).toMatchObject({ closeCode: 1008 })
  })

  it('is no flood where it waits now and then', () => {
    const { clock, rates } = make()
    for (let i = 0; i < 5_000; i++) {
      refusal(() => rates.message())
      if (i % 900 === 0) clock.pass(200)
    }
    expect(refusal(() => rates.message())).toBeInstanceOf(RequestError)
  })

  it('is counted for each event that has a rate', () => {
    const { clock, rates } = make()
    for (let i = 0; i < 2; i++) rates.event('chat')
    for (let i = 0; i < 50; i++) rates.event('other')
    expect(refusal(() => rates.event('chat'))).toMatchObject({ code: 'rate_limited', retryAfterMs: 30_000 })
    clock.pass(30_000)
    rates.event('chat')
  })

  it('is counted for each rule, whatever rooms it is for', () => {
    const { rates } = make()
    const rules = new Rules({ 'chat:*': { publish: true, rate: '1 per second' }, free: { publish: true } })
    rates.publication(rules.of('chat:a'))
    expect(refusal(() => rates.publication(rules.of('chat:b')))).toMatchObject({ code: 'rate_limited' })
    for (let i = 0; i < 50; i++) rates.publication(rules.of('free'))
  })
})
