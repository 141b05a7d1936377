import { describe, expect, it, vi } from 'vitest'
import { Admission, type AdmissionOptions } from '../../src/guard/admission.ts'
import { StillClock } from '../suites/still-clock.ts'

const FAR = '203.0.113.5'

function make(options: Partial<AdmissionOptions> = {}) {
  const clock = new StillClock()
  const onUntrustedProxy = vi.fn()
  const perAddress = { maxConnections: 3, maxStreams: 2, handshakes: '1 per second, burst 5', posts: '2 per second' }
  const admission = new Admission({
    perAddress,
    maxConnections: 100,
    trustProxy: false,
    clock,
    onUntrustedProxy,
    ...options,
  })
  return { clock, admission, onUntrustedProxy }
}

describe('admission', () => {
  it('lets so many connections of one address in at once, and others all the same', () => {
    const { admission } = make()
    const tickets = [1, 2, 3].map(() => admission.connection(FAR))
    expect(() => admission.connection(FAR)).toThrow(expect.objectContaining({ code: 'too_many', retryAfterMs: 1_000 }))
    admission.connection('203.0.113.6')
    tickets[0]?.release()
    admission.connection(FAR)
    expect(admission.size.admitted).toBe(4)
  })

  it('takes a network of 64 bits for one address', () => {
    const { admission } = make()
    for (const last of [1, 2, 3]) admission.connection(`2001:db8::${last}`)
    expect(() => admission.connection('2001:db8::4')).toThrow(/too many connections/)
    admission.connection('2001:db8:0:1::4')
  })

  it('lets handshakes in at a pace, refused ones counted', () => {
    const { admission, clock } = make()
    for (let i = 0; i < 5; i++) admission.connection(FAR).release()
    const limited = expect.objectContaining({ code: 'rate_limited', retryAfterMs: 1_000 })
    expect(() => admission.connection(FAR)).toThrow(limited)
    clock.pass(1_000)
    admission.connection(FAR)
  })

  it('counts streams and posts apart from connections', () => {
    const { admission } = make()
    for (let i = 0; i < 2; i++) {
      admission.stream(FAR)
      admission.post(FAR)
    }
    expect(() => admission.stream(FAR)).toThrow(/too many streams/)
    expect(() => admission.post(FAR)).toThrow(expect.objectContaining({ code: 'rate_limited', retryAfterMs: 500 }))
    admission.connection(FAR)
  })

  it('exempts who is near until a proxy is trusted', () => {
    const near = make().admission
    for (let i = 0; i < 50; i++) near.connection('127.0.0.1')
    for (let i = 0; i < 50; i++) near.post('10.0.0.1')
    expect(near.size).toEqual({ admitted: 50, addresses: 0 })
    const { admission } = make({ trustProxy: true })
    for (let i = 0; i < 3; i++) admission.connection('10.0.0.1')
    expect(() => admission.connection('10.0.0.1')).toThrow(/too many/)
  })

  it('does not look at addresses where it is told so', () => {
    const { admission } = make({ perAddress: false })
    for (let i = 0; i < 50; i++) admission.connection(FAR)
  })

  it('has room for so many in all, and says so', () => {
    const { admission } = make({ maxConnections: 2 })
    const ticket = admission.connection('127.0.0.1')
    admission.stream('127.0.0.1')
    const full = expect.objectContaining({ code: 'unavailable', retryAfterMs: 1_000 })
    expect(() => admission.connection('127.0.0.1')).toThrow(full)
    expect(() => admission.stream(FAR)).toThrow(full)
    ticket.release()
    admission.connection('127.0.0.1')
  })

  it('forgets addresses that have nothing and are as good as new', () => {
    const { admission, clock } = make({ maxConnections: 1e6 })
    const address = (n: number): string => `203.${n >> 16}.${(n >> 8) & 255}.${n & 255}`
    const ticket = admission.connection(address(0))
    for (let n = 1; n < 1_000; n++) admission.connection(address(n)).release()
    clock.pass(10_000)
    admission.connection(address(5_000)).release()
    expect(admission.size.addresses).toBe(2)
    for (let i = 0; i < 2; i++) admission.connection(address(0))
    expect(() => admission.connection(address(0))).toThrow(/too many connections/)
    ticket.release()
  })

  it('says once that a proxy may stand in front', () => {
    const { admission, onUntrustedProxy } = make()
    for (let i = 0; i < 3; i++) admission.addressOf('10.0.0.1', ['X-Forwarded-For', '1.2.3.4'])
    expect(onUntrustedProxy).toHaveBeenCalledTimes(1)
  })

  it('refuses to begin with what is no rate', () => {
    expect(() => make({ perAddress: { posts: 'many' } })).toThrow(/"perAddress.posts" must be a rate/)
  })
})
