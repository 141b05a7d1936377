import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { closeCodes, errorCodes, isReservedName, maxArguments, maxJsonDepth, maxNameBytes } from '../src/index.ts'

const text = readFileSync(new URL('../../../docs/PROTOCOL.md', import.meta.url), 'utf8')

/** The section under this heading. */
function section(heading: string): string {
  const [, rest = ''] = text.split(`\n## ${heading}\n`)
  return rest.split('\n## ')[0] ?? ''
}

describe('docs/PROTOCOL.md', () => {
  it('has the table of error codes as it is in the code', () => {
    const rows = [...section('Codes').matchAll(/^\| `(\w+)` \| (\d+) \|/gm)].map(([, code, status]) => [
      code,
      Number(status),
    ])
    expect(rows).toEqual(Object.entries(errorCodes).map(([code, { httpStatus }]) => [code, httpStatus]))
  })

  it('names every close code', () => {
    for (const { code } of Object.values(closeCodes)) expect(text).toContain(String(code))
  })

  it('lists what is reserved', () => {
    const names = [...section('What is reserved').matchAll(/`(\w+)`/g)].flatMap(([, name]) => name ?? [])
    const free = ['type', 'join', 'leave', 'invalid']
    for (const name of names) expect([name, isReservedName(name)]).toEqual([name, !free.includes(name)])
    expect(new Set(names).size - free.length).toBe(22)
  })

  it('has the limits as they are in the code', () => {
    const limits = section('Origins and limits')
    expect(limits).toContain(`| depth of JSON | ${maxJsonDepth} |`)
    expect(limits).toContain(`| arguments | ${maxArguments} |`)
    expect(limits).toContain(`| names, \`key\`, \`id\` | ${maxNameBytes} bytes |`)
  })

  it('refers to every file of vectors', () => {
    for (const file of readdirSync(new URL('../vectors/', import.meta.url))) {
      expect(section('The vectors')).toContain(`](../packages/protocol/vectors/${file})`)
    }
  })
})
