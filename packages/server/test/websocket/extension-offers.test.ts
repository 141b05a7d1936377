import { describe, expect, it } from 'vitest'
import { parseExtensions } from '../../src/websocket/extension-offers.ts'

/** What was parsed, written the plainest way. */
function parsed(...values: string[]): string | undefined {
  return parseExtensions(values)
    ?.map(({ name, params }) =>
      [name, ...params.map((param) => param.name + (param.value === undefined ? '' : `=${param.value}`))].join(';'),
    )
    .join(',')
}

describe('parseExtensions', () => {
  it.each([
    ['nothing', [], ''],
    ['an empty header', [''], ''],
    ['blanks', [' \t '], ''],
    ['a name', ['foo'], 'foo'],
    ['a name between blanks', ['  foo\t'], 'foo'],
    ['parameters', ['foo;a;b=1'], 'foo;a;b=1'],
    ['blanks around everything', [' foo ; a ; b = 1 '], 'foo;a;b=1'],
    ['several in order', ['foo;a,bar;b=2,foo'], 'foo;a,bar;b=2,foo'],
    ['empty items of a list', [',foo, ,bar,'], 'foo,bar'],
    ['several headers as one list', ['foo;a', 'bar', '', 'baz'], 'foo;a,bar,baz'],
    ['a quoted value', ['foo;a="10"'], 'foo;a=10'],
    ['a quoted value with escapes', ['foo;a="1\\0"'], 'foo;a=10'],
    ['the same parameter twice', ['foo;a;a=1'], 'foo;a;a=1'],
    ['names that objects have', ['constructor;__proto__;toString=1'], 'constructor;__proto__;toString=1'],
    ['every character of a token', ["!#$%&'*+-.^_`|~09azAZ"], "!#$%&'*+-.^_`|~09azAZ"],
  ])('reads %s', (_title, values, expected) => {
    expect(parsed(...values)).toBe(expected)
  })

  it.each([
    'foo;;',
    'foo;',
    ';',
    '=',
    'foo=1',
    'foo;=1',
    'foo;a=',
    'foo;a="',
    'foo;a="1',
    'foo;a="1\\"',
    'foo;a=""',
    'foo;a="1 0"',
    'foo;a="1,0"',
    'foo;a="1"0',
    'foo;a=1=2',
    'foo bar',
    'foo;a b',
    'foo;a=1 2',
    'foo/1',
    'f\u00f6\u00f6',
    '"foo"',
    'foo,bar;;',
    'foo;a=\u0000',
  ])('refuses %j', (value) => {
    expect(parsed(value)).toBeUndefined()
    expect(parsed('foo', value)).toBeUndefined()
  })

  it('reads 100 KB of parameters', () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `a${i % 10}=1`)
    expect(parsed(`foo;${names.join(' ;')}`)).toBe(`foo;${names.join(';')}`)
  })

  it.each([
    ['a quote that is never closed', `foo;a="${'x'.repeat(100_000)}`],
    ['escapes in a quote that is never closed', `foo;a="${'\\'.repeat(100_001)}`],
    ['blanks before what is wrong', `foo${' '.repeat(100_000)}/`],
    ['many quotes', `foo;${'a="'.repeat(33_333)}`],
    ['many empty parameters', `foo${';'.repeat(100_000)}`],
  ])('refuses 100 KB of %s', (_title, value) => {
    expect(parsed(value)).toBeUndefined()
  })
})
