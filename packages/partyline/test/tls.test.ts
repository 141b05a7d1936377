import { once } from 'node:events'
import { request } from 'node:https'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { connect as connectTls } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { CertificateError } from '../src/certificate.ts'
import type { StandaloneOptions } from '../src/standalone.ts'
import { type CertificateFolder, certificateAt, certificateFolder, makePem, type TestPem } from './certificates.ts'
import { client, indexHtml, serve } from './setting.ts'

const [pem, next] = await Promise.all([makePem(), makePem()])

/** A server that speaks TLS with a certificate from files, looked at all the time. */
async function serveSecurely(options: StandaloneOptions = {}, files: CertificateFolder = certificateFolder(pem)) {
  const { certFile, keyFile } = files
  const logged: string[] = []
  const note =
    (level: string) =>
    (_fields: object, line: string): void =>
      void logged.push(`${level}: ${line}`)
  const served = await serve({
    tls: { certFile, keyFile },
    tlsTimes: { watchIntervalMs: 5 },
    logger: { info: note('info'), warn: note('warn'), error: note('error') },
    ...options,
  })
  return { ...served, files, logged }
}

async function get(port: string, path: string, headers: Record<string, string> = {}) {
  const asked = request({
    host: '127.0.0.1',
    servername: 'localhost',
    port,
    path,
    ca: pem.cert,
    headers,
    agent: false,
  }).end()
  const [response] = await once(asked, 'response')
  return { status: response.statusCode, headers: response.headers, text: await text(response) }
}

/** Trusts the certificate alone, and wants it to bear this name whatever the address is. */
const asking = (ca: string, servername: string) => ({ ca, servername })

const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

describe('a standalone server with a certificate', () => {
  it('serves the chat over https and says so, without asking for it for ever (HSTS)', async () => {
    const { port, urls } = await serveSecurely()
    expect(urls).toEqual({
      chat: `https://localhost:${port}`,
      webSocket: `wss://localhost:${port}`,
      socketIo: `https://localhost:${port}`,
      echo: `wss://localhost:${port}/echo`,
      http: `https://localhost:${port}/api`,
      network: [],
    })
    const { status, text, headers } = await get(port, '/')
    expect([status, text]).toEqual([200, indexHtml])
    expect(headers).not.toHaveProperty('strict-transport-security')
    expect(await get(port, '/ws')).toMatchObject({ status: 426, text: expect.stringContaining('wss://') })
  })

  it('is at both addresses of localhost, with one lobby', async () => {
    const { port } = await serveSecurely()
    const four = await client(`wss://127.0.0.1:${port}`, undefined, { ca: pem.cert })
    // some Nodes of 22 find no IPv6 address in any certificate
    const six = await client(`wss://[::1]:${port}`, undefined, asking(pem.cert, 'localhost'))
    four.say('hi')
    await six.until(1)
    expect(six.heard).toEqual(['hi'])
  })

  it('lets its own pages in, and no other', async () => {
    const { port } = await serveSecurely({ hosts: ['chat.example'] })
    const loading = (origin: string, host: string) =>
      get(port, '/api/rooms/lobby/publications', { Origin: origin, Host: host })
    expect(await loading(`https://127.0.0.1:${port}`, `127.0.0.1:${port}`)).toMatchObject({ status: 200 })
    expect(await loading('https://chat.example', 'chat.example')).toMatchObject({ status: 200 })
    expect(await loading('https://evil.example', 'chat.example')).toMatchObject({ status: 403 })
    expect(await loading('https://chat.example:8443', 'chat.example')).toMatchObject({ status: 403 })
    expect(await loading('https://evil.example', 'evil.example')).toMatchObject({ status: 403 })
  })

  it('speaks no TLS before 1.2', async () => {
    const { port } = await serveSecurely()
    const versionOf = (maxVersion: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): Promise<string | null> =>
      new Promise((resolve, reject) => {
        // a client that would take anything
        const options = { minVersion: 'TLSv1', maxVersion, ciphers: 'DEFAULT@SECLEVEL=0', ca: pem.cert } as const
        const socket = connectTls({ host: '127.0.0.1', port: Number(port), ...options }, () => {
          resolve(socket.getProtocol())
          socket.destroy()
        })
        socket.once('error', reject)
      })
    expect([await versionOf('TLSv1.3'), await versionOf('TLSv1.2')]).toEqual(['TLSv1.3', 'TLSv1.2'])
    await expect(versionOf('TLSv1.1')).rejects.toThrow(/protocol version/i)
  })

  it('does not start with a pair that is not good, and holds no port', async () => {
    const { certFile, keyFile } = certificateFolder({ cert: pem.cert, key: next.key })
    await expect(serve({ tls: { certFile, keyFile } })).rejects.toThrow(CertificateError)
  })

  it('warns of a certificate that will not be valid for long', async () => {
    const { logged } = await serveSecurely({}, certificateFolder(await makePem({ validDays: 3 })))
    expect(logged).toEqual([expect.stringMatching(/^warn: the certificate expires in 2 days/)])
    const expired = await serveSecurely({}, certificateFolder(await makePem({ validDays: -3 })))
    expect(expired.logged).toEqual([
      `warn: the certificate has expired, it was valid until ${day(-3)}: put a new one in its place`,
    ])
  })

  it('shows the facts of its certificate, and not its key', async () => {
    const { standalone } = await serveSecurely()
    expect(Object.keys(standalone.certificate ?? {}).sort()).toEqual(['fingerprint', 'validFrom', 'validUntil'])
    expect((await serve()).standalone).toMatchObject({ certificate: undefined, reloadCertificate: undefined })
  })
})

describe('a certificate that is replaced', () => {
  it('is what new connections see, and nobody is dropped', async () => {
    const { port, url, files, logged } = await serveSecurely()
    const ada = await client(`${url}/echo`, undefined, { ca: pem.cert })
    expect(await certificateAt(port)).toBe(pem.cert)
    files.replace(next)
    await expect.poll(() => certificateAt(port)).toBe(next.cert)
    expect(logged).toEqual([`info: certificate reloaded, valid until ${day(100)}`])
    ada.say('still here')
    await ada.until(1)
    expect(ada.heard).toEqual(['Echo: still here'])
    const ben = await client(`${url}/echo`, undefined, { ca: next.cert })
    ben.say('new')
    await ben.until(1)
  })

  it.each<[string, Partial<TestPem>]>([
    ['a key of another', { key: next.key }],
    ['half a certificate', { cert: pem.cert.slice(0, pem.cert.length / 2) }],
    ['nothing', { cert: '', key: '' }],
  ])('by %s is refused with one line, and the old one stays until there is a good one', async (_what, broken) => {
    const { port, files, logged } = await serveSecurely()
    files.replace(broken)
    const line = expect.stringMatching(
      new RegExp(`^error: certificate not reloaded, the old one stays, valid until ${day(100)}: .*(cert|key)\\.pem`),
    )
    await expect.poll(() => logged).toEqual([line])
    expect(await certificateAt(port)).toBe(pem.cert)
    files.replace(next)
    await expect.poll(() => certificateAt(port)).toBe(next.cert)
    expect(logged).toEqual([line, expect.stringContaining('certificate reloaded')])
  })

  it('is read at once by who asks for it, and each time told', async () => {
    const { port, files, logged, standalone } = await serveSecurely({ tlsTimes: { watchIntervalMs: 3_600_000 } })
    files.replace(next)
    standalone.reloadCertificate?.()
    expect(await certificateAt(port)).toBe(next.cert)
    expect(standalone.certificate?.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
    files.replace({ key: pem.key })
    standalone.reloadCertificate?.()
    standalone.reloadCertificate?.()
    const refused = expect.stringContaining('does not belong to')
    expect(logged).toEqual([expect.stringContaining('certificate reloaded'), refused, refused])
  })
})

describe('a standalone server with TLS that closes', () => {
  it('tells everybody 1001', async () => {
    const { url, standalone } = await serveSecurely()
    const ada = await client(url, undefined, { ca: pem.cert })
    await standalone.close()
    await ada.untilClosed(1001)
  })

  it.each(['127.0.0.1', '::1'])('does not wait for who never began to speak TLS, at %s', async (host) => {
    const { port, standalone } = await serveSecurely({ closeTimeoutMs: 50 })
    const mute = connect({ host, port: Number(port) })
    onTestFinished(() => void mute.destroy())
    mute.on('error', () => {})
    await once(mute, 'connect')
    const gone = once(mute, 'close')
    mute.resume()
    await standalone.close()
    await gone
  })
})

describe('a certificate that signs itself', () => {
  it('is made for loopback, for the host and for the names', async () => {
    const { port, standalone } = await serve({ tls: 'self-signed', host: '127.0.0.1', hosts: ['chat.example'] })
    expect(standalone.reloadCertificate).toBeUndefined()
    const cert = await certificateAt(port)
    const ada = await client(`wss://127.0.0.1:${port}/echo`, undefined, { ca: cert })
    ada.say('hi')
    await ada.until(1)
    const headers = { Host: 'chat.example' }
    const connecting = (name: string) =>
      client(`wss://127.0.0.1:${port}/echo`, undefined, { ...asking(cert, name), headers })
    await connecting('chat.example')
    await expect(connecting('b.example')).rejects.toThrow(/altnames/)
  })
})
