import { isIP } from 'node:net'

/** What the standalone server is told by flags and by the environment. */
export interface Settings {
  readonly port: number
  readonly host: string
  readonly hosts: readonly string[]
  readonly origins: readonly string[]
  /** Where publications will be kept on disk. Reserved: they are kept in memory for now. */
  readonly dataFolder: string
  /** How the log is written; undefined where the terminal decides. */
  readonly logFormat: 'text' | 'json' | undefined
}

/** A setting that means nothing: which one, what stood there, and what may. */
export class SettingError extends Error {}

export interface Flags {
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
    dataFolder: of('PARTYLINE_DATA') ?? './data',
    logFormat: logFormatOf('PARTYLINE_LOG', of('PARTYLINE_LOG')),
  }
}

const listOf = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')

function refuse(name: string, wanted: string, value: string): never {
  throw new SettingError(`${name} must be ${wanted}, not ${JSON.stringify(value.slice(0, 256))}`)
}

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
