import { connect, isIP, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import type { Subject } from './subject.ts'

/** A stream to the server, and the TCP connection below it where there is one. */
export interface Dialed {
  readonly stream: Duplex
  readonly tcp?: Socket
}

/** Connects as the subject says: by TCP, by TLS, or in this process. */
export async function dial(subject: Subject, patienceMs: number): Promise<Dialed> {
  const { host, port, tls, connect: connectHere } = subject
  if (connectHere) return { stream: connectHere() }
  const tcp = connect({ host, port, noDelay: true, allowHalfOpen: true })
  await opened(tcp, 'connect', patienceMs)
  if (!tls) return { stream: tcp, tcp }
  const { ca, isInsecure = false } = tls
  const names = isIP(host) === 0 ? { servername: host } : { host }
  const stream = connectTls({ socket: tcp, ...names, ...(ca !== undefined && { ca }), rejectUnauthorized: !isInsecure })
  await opened(stream, 'secureConnect', patienceMs)
  return { stream, tcp }
}

function opened(stream: Duplex, event: string, patienceMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => stream.destroy(new Error(`no connection within ${patienceMs} ms`)), patienceMs)
    stream.once('error', reject)
    stream.once('close', () => clearTimeout(timer))
    stream.once(event, () => {
      clearTimeout(timer)
      stream.off('error', reject)
      resolve()
    })
  })
}
