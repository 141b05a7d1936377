import { refuse, SettingError } from './setting-error.ts'
import type { TlsOptions } from './tls.ts'

export interface TlsFlags {
  readonly tlsCert?: string | undefined
  readonly tlsKey?: string | undefined
  readonly tlsSelfSigned?: boolean | undefined
}

/** Who asked, by the names that stand in a refusal. */
interface Asked {
  readonly cert: string | undefined
  readonly key: string | undefined
  readonly selfSigned: boolean
  readonly names: { readonly cert: string; readonly key: string; readonly selfSigned: string }
}

const flagNames = { cert: '--tls-cert', key: '--tls-key', selfSigned: '--tls-self-signed' }
const variableNames = { cert: 'PARTYLINE_TLS_CERT', key: 'PARTYLINE_TLS_KEY', selfSigned: 'PARTYLINE_TLS=self-signed' }

/** How TLS is spoken; undefined where it is not. A flag overrules every variable. */
export function tlsOf(flags: TlsFlags, of: (name: string) => string | undefined): TlsOptions | undefined {
  const kind = of('PARTYLINE_TLS')
  if (kind !== undefined && kind !== 'self-signed') refuse('PARTYLINE_TLS', '"self-signed"', kind)
  const byFlags: Asked = {
    cert: flags.tlsCert,
    key: flags.tlsKey,
    selfSigned: flags.tlsSelfSigned === true,
    names: flagNames,
  }
  const byVariables: Asked = {
    cert: of('PARTYLINE_TLS_CERT'),
    key: of('PARTYLINE_TLS_KEY'),
    selfSigned: kind === 'self-signed',
    names: variableNames,
  }
  return choiceOf(byFlags, of) ?? choiceOf(byVariables, of)
}

function choiceOf(
  { cert, key, selfSigned, names }: Asked,
  of: (name: string) => string | undefined,
): TlsOptions | undefined {
  if (selfSigned && (cert ?? key) !== undefined) {
    throw new SettingError(
      `${names.selfSigned} makes a certificate: it does not go with ${names.cert} and ${names.key}`,
    )
  }
  if (selfSigned) return 'self-signed'
  if (cert === undefined && key === undefined) return undefined
  if (cert === undefined || key === undefined) {
    const [given, missing] = cert === undefined ? [names.key, names.cert] : [names.cert, names.key]
    throw new SettingError(`${given} needs ${missing} beside it`)
  }
  const passphrase = of('PARTYLINE_TLS_PASSPHRASE')
  return { certFile: cert, keyFile: key, ...(passphrase === undefined ? undefined : { passphrase }) }
}
