import { isIP } from 'node:net'
import { refuse } from './setting-error.ts'
import type { TlsOptions } from './tls.ts'
import { type TlsFlags, tlsOf } from './tls-settings.ts'

/** What the standalone server is told by flags and by the environment. */
export interface Settings {
  readonly port: number
  readonly host: string
  readonly hosts: readonly string[]
  readonly origins: readonly string[]
  /** Whether a proxy of ours stands in front. */
  readonly trustProxy: boolean
  /** Where publications will be kept on disk. Reserved: they are kept in memory for now. */
  readonly dataFolder: string
  /** How the log is written; undefined where the terminal decides. */
  readonly logFormat: 'text' | 'json' | undefined
  /** How TLS is spoken; undefined where it is not. */
  readonly tls: TlsOptions | undefined
}

export interface Flags extends TlsFlags {
  readonly port?: string | undefined
  readonly host?: string | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

/** Flags go before the environment; an empty variable is none. */
export function resolveSettings(flags: Flags, environment: Environment): Settings {
  const of = (name: string): string | undefined => environment[name] || undefined
  return {
    port: flags.port === undefined ? portOf('PORT', of('PORT') ?? '8080') : portOf('--port', flags.port),
    host: flags.host === undefined ? hostOf('HOST', of('HOST') ?? 'localhost') : hostOf('--host', flags.host),
    hosts: listOf(of('PARTYLINE_HOSTS')).map((each) => hostNameOf('PARTYLINE_HOSTS', each)),
    origins: listOf(of('PARTYLINE_ORIGINS')).map((each) => originOf('PARTYLINE_ORIGINS', each)),
    trustProxy: switchOf('PARTYLINE_TRUST_PROXY', of('PARTYLINE_TRUST_PROXY')),
    dataFolder: of('PARTYLINE_DATA') ?? './data',
    logFormat: logFormatOf('PARTYLINE_LOG', of('PARTYLINE_LOG')),
    tls: tlsOf(flags, of),
  }
}

const listOf = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')

function portOf(name: string, value: string): number {
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535)
    refuse(name, 'a port from 0 to 65535 (0 is any free one)', value)
  return Number(value)
}

/** An address or a name to listen on. */
function hostOf(name: string, value: string): string {
  const host = value.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  if (isIP(host) === 0 && !isHostName(host)) refuse(name, 'an IP address or a host name', value)
  return host
}

/** A name by which others know this server: no port, which `Host` may bring or not. */
function hostNameOf(name: string, value: string): string {
  const host = value.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  if (isIP(host) === 0 && !isHostName(host))
    refuse(name, 'host names such as chat.example.org, with commas between', value)
  return host
}

const isHostName = (host: string): boolean =>
  host.length <= 253 && /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/.test(host)

function switchOf(name: string, value: string | undefined): boolean {
  if (value === undefined || value === '0' || value === 'false') return false
  if (value === '1' || value === 'true') return true
  return refuse(name, '1 or 0', value)
}

function originOf(name: string, value: string): string {
  if (value === '*') return value
  const match = /^[a-z][a-z0-9+.-]*:\/\/(?:\*\.)?([^/?#@*\\\s]+)$/i.exec(value)
  if (match === null) refuse(name, 'origins such as https://app.example.org, with commas between', value)
  return value
}

function logFormatOf(name: string, value: string | undefined): 'text' | 'json' | undefined {
  if (value !== undefined && value !== 'text' && value !== 'json') refuse(name, '"text" or "json"', value)
  return value
}
