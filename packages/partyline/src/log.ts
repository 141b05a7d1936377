import { stripVTControlCharacters } from 'node:util'
import type { Logger } from '@partyline/server'
import type { Paint } from './paint.ts'

/** The log of the standalone server: what the library has to say, and when it starts and stops. */
export interface Log extends Logger {
  info(fields: object, text: string): void
}

/** One JSON object a line, for machines. Stacks are in it. */
export async function jsonLog(): Promise<Log> {
  const { pino } = await import('pino') // a terminal starts without it
  // written at once: an end by a signal must not lose or overtake a line
  const destination = pino.destination({ dest: 1, sync: true })
  const options = {
    base: null,
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  }
  const log = pino(options, destination)
  return log
}

const MAX_LINE_LENGTH = 1_000

/** Lines for people: what happened, without a stack. */
export function textLog(write: (line: string) => void, paint: Paint): Log {
  const line = (mark: string, text: string): void => write(`${mark} ${printable(text)}\n`)
  return {
    info: (_fields, text) => write(`${printable(text)}\n`),
    warn: (_fields, text) => line(paint.attention('warning'), text),
    error: (fields, text) => line(paint.bad('error'), `${text}${reasonIn(fields)}`),
  }
}

/** The first line of an error's stack. */
function reasonIn(fields: object): string {
  const error = 'error' in fields ? String(fields.error) : ''
  return error === '' ? '' : `: ${error.split('\n', 1)[0]}`
}

/** A peer may have had a part in the text: no escape of a terminal, no second line and no end without end comes of it. */
function printable(text: string): string {
  const plain = stripVTControlCharacters(text).slice(0, MAX_LINE_LENGTH)
  return plain.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) as number
    return `\\u${code.toString(16).padStart(4, '0')}`
  })
}
