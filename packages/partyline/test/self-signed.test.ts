import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { makeSelfSigned } from '../src/self-signed.ts'

describe('a certificate that is made', () => {
  it('is for all the names and addresses, for a server, and no authority', async () => {
    const names = ['localhost', '127.0.0.1', '::1', 'chat.example', 'chat.example']
    const made = new X509Certificate((await makeSelfSigned(names)).pem.cert)
    expect(made.subjectAltName).toBe(
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:chat.example',
    )
    for (const name of ['localhost', 'chat.example']) expect(made.checkHost(name)).toBe(name)
    expect(made.checkHost('other.example')).toBeUndefined()
    expect(made.checkIP('::1')).toBeDefined()
    expect(made.ca).toBe(false)
    expect(made.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
    expect(made.verify(made.publicKey)).toBe(true)
  })

  it('is valid now, and for no longer than browsers take', async () => {
    const nowMs = Date.parse('2030-01-01T00:00:00Z')
    const made = await makeSelfSigned(['localhost'], nowMs)
    expect(made.warningAt(nowMs)).toBeUndefined()
    expect(made.validFrom.getTime()).toBeLessThan(nowMs)
    expect(made.validUntil.getTime() - made.validFrom.getTime()).toBeLessThan(398 * 86_400_000)
  })

  it('is another one each time', async () => {
    const [one, two] = [await makeSelfSigned(['localhost']), await makeSelfSigned(['localhost'])]
    expect(one.equals(two)).toBe(false)
    expect(one.equals(one)).toBe(true)
  })
})
