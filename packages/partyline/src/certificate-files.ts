import { readFileSync } from 'node:fs'
import { Certificate, CertificateError } from './certificate.ts'

/** Where a certificate and its key are, in PEM form. Both may be in one file. */
export interface CertificateFiles {
  /** The server's certificate first, then its chain. */
  readonly certFile: string
  readonly keyFile: string
  readonly passphrase?: string
}

/** Throws a `CertificateError`. */
export function readCertificate({ certFile, keyFile, passphrase }: CertificateFiles): Certificate {
  const [cert, key] = [textOf(certFile), textOf(keyFile)]
  const pem = { cert, key, ...(passphrase === undefined ? undefined : { passphrase }) }
  return new Certificate(pem, { cert: certFile, key: keyFile })
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such folder',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is a folder',
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new CertificateError(`${path} cannot be read: ${reasons[code] ?? 'the system says'} (${code})`)
  }
}
