import { describe, expect, it } from 'vitest'
import { Gate, type GateOptions } from '../../src/guard/gate.ts'

function make(options: Partial<GateOptions> = {}) {
  const refused: string[] = []
  const gate = new Gate({
    trustProxy: false,
    allowNull: false,
    hosts: undefined,
    addressesAreHosts: true,
    settings: {
      origins: 'the option "cors.origin"',
      hosts: 'the option "hosts"',
      trustProxy: 'the option "trustProxy"',
    },
    onRefused: (reason) => refused.push(reason),
    ...options,
  })
  return { gate, refused }
}

describe('the gate', () => {
  it('lets in who comes from the own host, and who is no browser', () => {
    const { gate, refused } = make()
    expect(gate.refusalOf(['Host', 'good.example', 'Origin', 'http://good.example'], false)).toBeUndefined()
    expect(gate.refusalOf(['Host', 'good.example'], false)).toBeUndefined()
    expect(gate.refusalOf([], false)).toBeUndefined()
    expect(refused).toEqual([])
  })

  it('names the proxy as a way out where one seems to be there, and is not believed', () => {
    const headers = ['Host', '127.0.0.1:8080', 'X-Forwarded-Host', 'good.example', 'Origin', 'http://good.example']
    expect(make().gate.refusalOf(headers, false)).toMatch(/"cors\.origin", or the option "trustProxy" where a proxy/)
    expect(make({ hosts: [] }).gate.refusalOf(['Host', 'app', 'X-Forwarded-Host', 'a'], false)).toMatch(
      /"hosts", or the/,
    )
    expect(make({ trustProxy: true }).gate.refusalOf(headers, false)).toBeUndefined()
    expect(make({ trustProxy: true }).gate.refusalOf([...headers, 'Origin', 'x'], false)).not.toMatch(/trustProxy/)
  })

  it('says why it refuses an origin, and which option allows it, to the client and in the log', () => {
    const { gate, refused } = make()
    const refusal = gate.refusalOf(['host', 'good.example', 'ORIGIN', 'http://evil.example'], false)
    expect(refusal).toMatch(/"http:\/\/evil\.example".*"cors\.origin"/)
    expect(refused).toEqual([refusal])
  })

  it('refuses an Origin or a Host that is there twice', () => {
    const { gate } = make({ hosts: ['good.example'] })
    const twice = ['Host', 'good.example', 'Origin', 'http://evil.example', 'Origin', 'http://good.example']
    expect(gate.refusalOf(twice, false)).toMatch(/origin/)
    expect(gate.refusalOf(['Host', 'good.example', 'Host', 'evil.example'], false)).toMatch(/host/)
  })

  it('looks at Host only where names are configured', () => {
    const { gate } = make({ hosts: [], addressesAreHosts: false })
    expect(gate.refusalOf(['Host', 'evil.example'], false)).toMatch(/"evil\.example".*"hosts"/)
    expect(gate.refusalOf([], false)).toMatch(/\(none\)/)
    expect(gate.refusalOf(['Host', '192.0.2.1'], false)).toMatch(/192/)
    expect(gate.refusalOf(['Host', 'localhost:1'], false)).toBeUndefined()
    expect(make().gate.refusalOf(['Host', 'evil.example'], false)).toBeUndefined()
  })

  it('shows what a peer sent escaped and cut', () => {
    const { gate, refused } = make()
    const refusal = gate.refusalOf(['Host', 'a', 'Origin', `http://\u001b[31m"\n${'x'.repeat(5_000)}`], false) as string
    expect(refusal).not.toContain('\u001b')
    expect(refusal).not.toContain('\n')
    expect(refusal.length).toBeLessThan(500)
    expect(refused).toEqual([refusal])
  })

  it('names the origin that was let in', () => {
    const { gate } = make()
    expect(gate.originOf(['Host', 'a', 'Origin', 'http://a'])).toBe('http://a')
    expect(gate.originOf(['Host', 'a'])).toBeUndefined()
  })
})
