import { createPrivateKey } from 'node:crypto'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { generate } from 'selfsigned'
import { onTestFinished } from 'vitest'

const DAY_MS = 86_400_000

export interface TestPem {
  readonly cert: string
  readonly key: string
}

/** A certificate for loopback, which a client takes when it is given as its `ca`. */
export async function makePem({ validDays = 100 }: { readonly validDays?: number } = {}): Promise<TestPem> {
  const now = Date.now()
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - 1_000 * DAY_MS),
    notAfterDate: new Date(now + validDays * DAY_MS),
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  })
  return { cert: `${cert.trim()}\n`, key: `${key.trim()}\n` }
}

/** The same key behind a passphrase. */
export function locked(key: string, passphrase: string): string {
  return createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }) as string
}

export interface CertificateFolder {
  readonly folder: string
  readonly certFile: string
  readonly keyFile: string
  /** Puts others in the place of both, as who renews does: beside them, and then renamed. */
  replace(pem: Partial<TestPem>): void
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'partyline-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** A certificate and its key in files. */
export function certificateFolder(pem: TestPem): CertificateFolder {
  const folder = temporaryFolder()
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const put = (path: string, text: string | undefined): void => {
    if (text === undefined) return
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  }
  const replace = ({ cert, key }: Partial<TestPem>): void => {
    put(certFile, cert)
    put(keyFile, key)
  }
  replace(pem)
  return { folder, certFile, keyFile, replace }
}

/** The certificate that a new connection is shown, in PEM form. */
export function certificateAt(port: string | number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.toString() ?? '')
      socket.destroy()
    })
    socket.once('error', reject)
  })
}
