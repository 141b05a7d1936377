import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'

/** What is wrong with a certificate or its key, in one line. */
export class CertificateError extends Error {}

/** A certificate (its chain may follow) and its key, in PEM form. */
export interface Pem {
  readonly cert: string
  readonly key: string
  readonly passphrase?: string
}

const DAY_MS = 86_400_000
/** Who renews by himself does so 30 days before: now something is wrong. */
const WARN_DAYS = 14

/** What anybody may know of a certificate. */
export interface CertificateFacts {
  /** SHA-256 of the certificate, as browsers show it: pairs of digits with colons between. */
  readonly fingerprint: string
  readonly validFrom: Date
  readonly validUntil: Date
}

/** A certificate with its key that a server can be given: it was looked at, and the two belong together. */
export class Certificate implements CertificateFacts {
  readonly pem: Pem
  readonly fingerprint: string
  readonly validFrom: Date
  readonly validUntil: Date

  /** Throws a `CertificateError`. The names stand in it: where the two come from. */
  constructor(pem: Pem, names: { readonly cert: string; readonly key: string }) {
    const leaf = leafOf(pem.cert, names.cert)
    if (!leaf.checkPrivateKey(keyOf(pem, names.key))) {
      throw new CertificateError(`the key in ${names.key} does not belong to the certificate in ${names.cert}`)
    }
    try {
      createSecureContext(pem)
    } catch (error) {
      throw new CertificateError(`${names.cert} and ${names.key} cannot be used: ${(error as Error).message}`)
    }
    this.pem = pem
    this.fingerprint = leaf.fingerprint256
    this.validFrom = new Date(leaf.validFrom)
    this.validUntil = new Date(leaf.validTo)
  }

  /** What is wrong with its time, or soon will be; undefined where nothing is. */
  warningAt(nowMs: number): string | undefined {
    const until = `${dayOf(this.validUntil)}: put a new one in its place`
    const leftDays = (this.validUntil.getTime() - nowMs) / DAY_MS
    if (leftDays <= 0) return `the certificate has expired, it was valid until ${until}`
    if (leftDays < WARN_DAYS)
      return `the certificate expires in ${daysInWords(Math.floor(leftDays))}, it is valid until ${until}`
    if (this.validFrom.getTime() > nowMs) return `the certificate is not valid before ${this.validFrom.toISOString()}`
    return undefined
  }

  equals({ pem }: Certificate): boolean {
    return pem.cert === this.pem.cert && pem.key === this.pem.key
  }
}

/** A day of the calendar, in UTC. */
export const dayOf = (date: Date): string => date.toISOString().slice(0, 10)

const daysInWords = (days: number): string => (days === 0 ? 'less than a day' : days === 1 ? '1 day' : `${days} days`)

/** The first certificate is the server's own, the others are its chain (RFC 8446 section 4.4.2). */
function leafOf(pem: string, name: string): X509Certificate {
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw new CertificateError(`${name} holds no certificate in PEM form (BEGIN CERTIFICATE)`)
  }
  try {
    return new X509Certificate(pem)
  } catch {
    throw new CertificateError(`the certificate in ${name} cannot be read: it is damaged or cut off`)
  }
}

function keyOf({ key, passphrase }: Pem, name: string): KeyObject {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key)) {
    throw new CertificateError(`${name} holds no private key in PEM form (BEGIN PRIVATE KEY)`)
  }
  const isLocked = /-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(key)
  if (isLocked && passphrase === undefined) {
    throw new CertificateError(`the key in ${name} has a passphrase: set PARTYLINE_TLS_PASSPHRASE`)
  }
  try {
    return createPrivateKey({ key, ...(passphrase === undefined ? undefined : { passphrase }) })
  } catch {
    const why = isLocked
      ? 'PARTYLINE_TLS_PASSPHRASE is not its passphrase, or it is damaged'
      : 'it is damaged or cut off'
    throw new CertificateError(`the key in ${name} cannot be read: ${why}`)
  }
}
