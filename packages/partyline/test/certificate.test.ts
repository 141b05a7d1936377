import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Certificate, CertificateError } from '../src/certificate.ts'
import { readCertificate } from '../src/certificate-files.ts'
import { certificateFolder, locked, makePem, temporaryFolder } from './certificates.ts'

const names = { cert: 'cert.pem', key: 'key.pem' }
const DAY_MS = 86_400_000
const [pem, other] = await Promise.all([makePem(), makePem()])

describe('a certificate', () => {
  it('has the fingerprint that browsers show, and the days between which it holds', () => {
    const { fingerprint, validFrom, validUntil } = new Certificate(pem, names)
    expect(fingerprint).toBe(new X509Certificate(pem.cert).fingerprint256)
    expect(validUntil.getTime() - validFrom.getTime()).toBe(1_100 * DAY_MS)
  })

  it('may have its chain behind it, and a key with a passphrase', () => {
    const chained = { ...pem, cert: pem.cert + other.cert }
    expect(new Certificate(chained, names).fingerprint).toBe(new X509Certificate(pem.cert).fingerprint256)
    const passphrase = 'open sesame'
    const key = locked(pem.key, passphrase)
    expect(new Certificate({ ...pem, key, passphrase }, names).pem.passphrase).toBe(passphrase)
  })

  const cutOff = (text: string): string => text.replace(/\n[^\n]+\n(?=-----END)/, '\n')

  it.each([
    ['no certificate', { cert: pem.key }, 'cert.pem holds no certificate'],
    ['a certificate that is cut off', { cert: cutOff(pem.cert) }, 'the certificate in cert.pem cannot be read'],
    ['no key', { key: pem.cert }, 'key.pem holds no private key'],
    ['a key that is cut off', { key: cutOff(pem.key) }, 'the key in key.pem cannot be read: it is damaged'],
    ["another one's key", { key: other.key }, 'the key in key.pem does not belong to the certificate in cert.pem'],
    ['a chain in the wrong order', { cert: other.cert + pem.cert }, 'does not belong to the certificate in cert.pem'],
    ['a key without its passphrase', { key: locked(pem.key, 'a') }, 'has a passphrase: set PARTYLINE_TLS_PASSPHRASE'],
    [
      'a key with another passphrase',
      { key: locked(pem.key, 'a'), passphrase: 'b' },
      'PARTYLINE_TLS_PASSPHRASE is not its passphrase',
    ],
  ])('is refused in one line where there is %s', (_what, wrong, words) => {
    const make = () => new Certificate({ ...pem, ...wrong }, names)
    expect(make).toThrow(CertificateError)
    expect(make).toThrow(words)
    expect(make).not.toThrow(/\n|PRIVATE KEY-----/)
  })

  it('is refused where a part of its chain is damaged', () => {
    expect(() => new Certificate({ ...pem, cert: pem.cert + cutOff(other.cert) }, names)).toThrow(CertificateError)
  })

  it('warns in its last 14 days, and when they are over', () => {
    const certificate = new Certificate(pem, names)
    const end = certificate.validUntil.getTime()
    const day = certificate.validUntil.toISOString().slice(0, 10)
    expect(certificate.warningAt(end - 14 * DAY_MS)).toBeUndefined()
    expect(certificate.warningAt(end - 14 * DAY_MS + 1)).toBe(
      `the certificate expires in 13 days, it is valid until ${day}: put a new one in its place`,
    )
    expect(certificate.warningAt(end - 1.5 * DAY_MS)).toContain('in 1 day,')
    expect(certificate.warningAt(end - 1)).toContain('in less than a day,')
    expect(certificate.warningAt(end)).toContain(`has expired, it was valid until ${day}`)
    expect(certificate.warningAt(certificate.validFrom.getTime() - 1)).toContain('is not valid before')
  })
})

describe('certificate files', () => {
  it('may be one file', () => {
    const { certFile } = certificateFolder({ cert: pem.cert + pem.key, key: '' })
    expect(readCertificate({ certFile, keyFile: certFile }).fingerprint).toBe(
      new X509Certificate(pem.cert).fingerprint256,
    )
  })

  it('that are not there are told by name', () => {
    const { certFile, folder } = certificateFolder(pem)
    const missing = `${folder}/missing.pem`
    expect(() => readCertificate({ certFile, keyFile: missing })).toThrow(
      new CertificateError(`${missing} cannot be read: there is no such file (ENOENT)`),
    )
    expect(() => readCertificate({ certFile: temporaryFolder(), keyFile: missing })).toThrow(
      /it is a folder \(EISDIR\)$/,
    )
  })
})
