import { constants } from 'node:crypto'
import type { RequestListener, ServerOptions } from 'node:http'
import { createServer, type Server as HttpsServer } from 'node:https'
import type { Socket as Stream } from 'node:net'
import type { Logger } from '@partyline/server'
import { type Certificate, type CertificateFacts, dayOf } from './certificate.ts'
import { type CertificateFiles, readCertificate } from './certificate-files.ts'
import { FileWatch } from './file-watch.ts'
import { makeSelfSigned } from './self-signed.ts'

/** A certificate from files, or one that is made now, for whoever is told to trust it. */
export type TlsOptions = CertificateFiles | 'self-signed'

/** The log of who starts us, which may have nothing to say of what is well. */
export type TlsLog = Logger & { info?(fields: object, text: string): void }

export interface TlsTimes {
  /** How long a client may take for its handshake. */
  readonly handshakeTimeoutMs: number
  /** How often the files are looked at. */
  readonly watchIntervalMs: number
}

const times: TlsTimes = { handshakeTimeoutMs: 10_000, watchIntervalMs: 1_000 }

const DAY_MS = 86_400_000

/** TLS for one server: its certificate, and how it follows the files that it comes from. */
export class Tls {
  #certificate: Certificate
  readonly #files: CertificateFiles | undefined
  readonly #times: TlsTimes
  readonly #log: TlsLog
  readonly #watch: FileWatch | undefined
  readonly #daily: NodeJS.Timeout
  /** Everybody who is connected, those who never began to speak TLS too: no list of Node's has those. */
  readonly #streams = new Set<Stream>()
  #server: HttpsServer | undefined
  /** Why the files as they are now were refused: it is said once. */
  #refusal: string | undefined

  private constructor(
    certificate: Certificate,
    files: CertificateFiles | undefined,
    watch: FileWatch | undefined,
    log: TlsLog,
    given: TlsTimes,
  ) {
    this.#certificate = certificate
    this.#files = files
    this.#watch = watch
    this.#log = log
    this.#times = given
    this.#daily = setInterval(() => this.#warn(), DAY_MS).unref()
    this.#warn()
    watch?.start(given.watchIntervalMs, () => this.#reload(false))
  }

  /** Rejects with a `CertificateError`. A certificate that is made is made for the names. */
  static async open(
    options: TlsOptions,
    names: readonly string[],
    log: TlsLog,
    given: Partial<TlsTimes> = {},
  ): Promise<Tls> {
    const all = { ...times, ...given }
    if (options === 'self-signed') return new Tls(await makeSelfSigned(names), undefined, undefined, log, all)
    const watch = new FileWatch([options.certFile, options.keyFile])
    return new Tls(readCertificate(options), options, watch, log, all)
  }

  /** Of the certificate that new connections get, without its key. */
  get facts(): CertificateFacts {
    const { fingerprint, validFrom, validUntil } = this.#certificate
    return { fingerprint, validFrom, validUntil }
  }

  /** Whether there are files that can be read again. */
  get hasFiles(): boolean {
    return this.#files !== undefined
  }

  createServer(limits: ServerOptions, app: RequestListener): HttpsServer {
    const { handshakeTimeoutMs } = this.#times
    const server = createServer({ ...limits, ...this.#context(), handshakeTimeout: handshakeTimeoutMs }, app)
    server.on('connection', (stream: Stream) => {
      this.#streams.add(stream)
      stream.once('close', () => this.#streams.delete(stream))
    })
    this.#server = server
    return server
  }

  /** Reads the files again, as somebody asked for. Nobody who is connected notices. */
  reload(): void {
    this.#reload(true)
  }

  /** Watches no longer, and ends those who are not gone in time. */
  async close(timeoutMs: number): Promise<void> {
    this.#watch?.stop()
    clearInterval(this.#daily)
    const timer = setTimeout(() => {
      for (const stream of this.#streams) stream.destroy()
    }, timeoutMs)
    await Promise.all([...this.#streams].map((stream) => new Promise((resolve) => stream.once('close', resolve))))
    clearTimeout(timer)
  }

  #reload(wasAsked: boolean): void {
    const { certFile, keyFile } = this.#files as CertificateFiles
    try {
      const next = readCertificate(this.#files as CertificateFiles)
      const isSame = next.equals(this.#certificate)
      this.#refusal = undefined
      if (isSame && !wasAsked) return
      this.#certificate = next
      this.#server?.setSecureContext(this.#context())
    } catch (error) {
      this.#refuse(error as Error, wasAsked)
      return
    }
    this.#log.info?.(
      { certFile, keyFile, ...this.facts },
      `certificate reloaded, valid until ${dayOf(this.facts.validUntil)}`,
    )
    this.#warn()
  }

  #refuse({ message }: Error, wasAsked: boolean): void {
    if (message === this.#refusal && !wasAsked) return
    this.#refusal = message
    const stays = `the old one stays, valid until ${dayOf(this.#certificate.validUntil)}`
    this.#log.error(this.#files ? filesOf(this.#files) : {}, `certificate not reloaded, ${stays}: ${message}`)
  }

  #warn(): void {
    const warning = this.#certificate.warningAt(Date.now())
    if (warning !== undefined) this.#log.warn({ validUntil: this.#certificate.validUntil }, warning)
  }

  /** What a handshake goes by. A second handshake inside a connection is work for us that nobody needs. */
  #context() {
    const { pem } = this.#certificate
    return { ...pem, minVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_RENEGOTIATION } as const
  }
}

const filesOf = ({ certFile, keyFile }: CertificateFiles): object => ({ certFile, keyFile })
