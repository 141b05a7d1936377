import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaults as clientDefaults } from '../packages/client/src/options.ts'
import { defaults as serverDefaults } from '../packages/server/src/options.ts'

const read = (path: string): string => readFileSync(join(import.meta.dirname, '..', path), 'utf8')

describe('the table of options', () => {
  /** The rows of the tables under `Options`, those of Socket.IO's names too: the names of the first column, and the second. */
  function rowsOf(page: string): { names: string[]; value: string }[] {
    const sections = read(page).matchAll(/^##(?: Options|# Socket\.IO's clients)\n([\s\S]*?)(?=^#+ |(?![\s\S]))/gm)
    const section = [...sections].map(([, text]) => text).join('')
    return [...section.matchAll(/^\| (`.*?) \| (.*?) \|/gm)].map(([, names = '', value = '']) => ({
      names: [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name as string),
      value,
    }))
  }

  /** The fields of an interface in a source. */
  function fieldsOf(path: string, name: string): string[] {
    const pattern = new RegExp(`^export interface ${name}(?: extends \\w+)? \\{\\n([\\s\\S]*?)^\\}`, 'm')
    const [, body = ''] = pattern.exec(read(path)) ?? []
    return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??:/gm)].map(([, field]) => field as string)
  }

  const numberOf = (value: string): number[] =>
    [...value.replaceAll(',', '').matchAll(/(\d+)( MiB)?/g)].map(
      ([, digits, unit]) => Number(digits) * (unit === undefined ? 1 : 1024 * 1024),
    )

  const server = 'packages/server/src'

  it.each([
    [
      'docs/api.md',
      [
        [`${server}/options.ts`, 'ServerOptions'],
        [`${server}/engine-options.ts`, 'EngineOptions'],
      ],
      serverDefaults,
    ],
    ['docs/client.md', [['packages/client/src/options.ts', 'ConnectOptions']], clientDefaults],
  ] as const)('of %s is that of %j, with its numbers', (page, sources, defaults: Readonly<Record<string, unknown>>) => {
    const rows = rowsOf(page)
    const fields = sources.flatMap(([source, name]) => fieldsOf(source, name))
    expect(fields.length).toBeGreaterThan(5)
    expect(rows.flatMap(({ names }) => names).sort()).toEqual(fields.sort())
    for (const { names, value } of rows) {
      const numbers = names.map((each) => defaults[each]).filter((each) => typeof each === 'number')
      if (numbers.length > 0) expect(numberOf(value), names.join(', ')).toEqual(numbers)
    }
  })
})
