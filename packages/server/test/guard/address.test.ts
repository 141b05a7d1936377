import { describe, expect, it } from 'vitest'
import { addressOf, isNear, partyOf } from '../../src/guard/address.ts'

const head = (...values: string[]): string[] => values.flatMap((value) => ['X-Forwarded-For', value])

describe('where a request comes from', () => {
  it.each([
    ['203.0.113.5', [], '203.0.113.5'],
    ['::ffff:203.0.113.5', [], '203.0.113.5'],
    ['10.0.0.1', ['1.2.3.4'], '10.0.0.1'],
  ])('is the peer %s where no proxy is trusted', (peer, forwarded, expected) => {
    expect(addressOf(peer, head(...forwarded), false)).toBe(expected)
  })

  it.each([
    [['1.2.3.4'], '1.2.3.4'],
    [['9.9.9.9, 1.2.3.4'], '1.2.3.4'],
    [['9.9.9.9', '1.2.3.4'], '1.2.3.4'],
    [['1.2.3.4:5678'], '1.2.3.4'],
    [['2001:db8::1'], '2001:db8::1'],
    [['[2001:db8::1]:443'], '2001:db8::1'],
    [[''], '10.0.0.1'],
    [['unknown'], '10.0.0.1'],
    [['1.2.3.4, nonsense'], '10.0.0.1'],
    [[], '10.0.0.1'],
  ])('is the last of %j behind a proxy', (forwarded, expected) => {
    expect(addressOf('10.0.0.1', ['Host', 'x', ...head(...forwarded)], true)).toBe(expected)
  })
})

describe('a party', () => {
  it.each([
    ['203.0.113.5', '203.0.113.5'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('of %s is %s', (address, party) => {
    expect(partyOf(address)).toBe(party)
  })
})

describe('an address', () => {
  it.each(['127.0.0.1', '::1', '10.1.2.3', '192.168.0.1', '172.16.0.1', '172.31.9.9', 'fd00::1', 'fe80::1', ''])(
    'such as %j is near',
    (address) => expect(isNear(address)).toBe(true),
  )

  it.each(['128.0.0.1', '11.0.0.1', '172.32.0.1', '172.15.0.1', '192.169.0.1', '2001:db8::1', '::2'])(
    'such as %j is not',
    (address) => expect(isNear(address)).toBe(false),
  )
})
