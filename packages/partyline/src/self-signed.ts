import { isIP } from 'node:net'
import { Certificate } from './certificate.ts'

const DAY_MS = 86_400_000
/** The clock of who looks may be behind ours. */
const CLOCK_SKEW_MS = 3_600_000
/** Longer than any server that is being worked on runs, and no longer than every browser takes (398 days). */
const VALID_DAYS = 365

/** Makes a certificate for these names and addresses, signed by itself: nobody trusts it who was not told to. */
export async function makeSelfSigned(names: readonly string[], nowMs = Date.now()): Promise<Certificate> {
  const { generate } = await import('selfsigned') // it takes a while to load, and few need it
  const pem = await generate([{ name: 'commonName', value: names[0] ?? 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(nowMs - CLOCK_SKEW_MS),
    notAfterDate: new Date(nowMs + VALID_DAYS * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [...new Set(names)].map((name) =>
          isIP(name) > 0 ? { type: 7, ip: name } : { type: 2, value: name },
        ),
      },
    ],
  })
  return new Certificate({ cert: pem.cert, key: pem.private }, { cert: 'the new certificate', key: 'the new key' })
}
