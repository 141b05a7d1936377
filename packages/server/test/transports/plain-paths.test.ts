import { describe, expect, it } from 'vitest'
import { PlainPaths, type PlainPathsOptions, pathOf } from '../../src/transports/plain-paths.ts'

const paths = (options: Partial<PlainPathsOptions> = {}): PlainPaths =>
  new PlainPaths({
    prefix: '/partyline/',
    prefixOnly: false,
    aliases: { '/chat': '/', '/ws': '/' },
    reserved: ['/socket.io/', '/api/'],
    ...options,
  })

describe('the path of a plain client', () => {
  it.each([
    ['/', '/', undefined],
    ['/ops', '/ops', undefined],
    ['/chat', '/', undefined],
    ['/ws', '/', undefined],
    ['/partyline', '/', '/'],
    ['/partyline/', '/', '/'],
    ['/partyline/ops', '/ops', '/ops'],
    ['/partyline/chat', '/chat', '/chat'],
    ['/partyline//ops', '//ops', '//ops'],
    ['/partylines', '/partylines', undefined],
    ['/socket.io/', undefined, undefined],
    ['/socket.io', undefined, undefined],
    ['/socket.io/x', undefined, undefined],
    ['/socket.iox', '/socket.iox', undefined],
    ['/api/events', undefined, undefined],
    ['/toString', '/toString', undefined],
    ['/__proto__', '/__proto__', undefined],
  ])('%s means %s alone on a server, and %s beside others', (path, alone, beside) => {
    expect(paths().namespaceOf(path, true)).toBe(alone)
    expect(paths().namespaceOf(path, false)).toBe(beside)
  })

  it('is ours under a prefix alone where that was said', () => {
    const own = paths({ prefix: '/x/', prefixOnly: true })
    expect(['/', '/ops', '/chat', '/partyline/'].map((path) => own.namespaceOf(path, true))).toEqual(
      Array(4).fill(undefined),
    )
    expect(['/x', '/x/', '/x/ops'].map((path) => own.namespaceOf(path, false))).toEqual(['/', '/', '/ops'])
  })

  it.each([
    ['/', '/'],
    ['', '/'],
    ['/ops?name=/x', '/ops'],
    ['/ops#x?y', '/ops'],
    ['?name=Ada', '/'],
    ['/a%20b', '/a b'],
    ['/%6fps', '/ops'],
    ['http://localhost:8080/ops?x', '/ops'],
    ['ws://localhost', '/'],
    ['/%zz', undefined],
    ['/%ff', undefined],
    ['/a\nb?x\ny', '/a\nb'],
  ])('of the target %j is %j', (target, path) => {
    expect(pathOf(target)).toBe(path)
  })
})
