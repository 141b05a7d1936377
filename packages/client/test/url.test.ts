import { afterEach, describe, expect, it, vi } from 'vitest'
import { resolveAddress } from '../src/url.ts'

describe('resolveAddress', () => {
  it.each([
    ['https://host/ops', '/partyline', 'wss://host/partyline/ops', '/ops'],
    ['http://host:8080', '/partyline', 'ws://host:8080/partyline/', '/'],
    ['ws://host/', '/partyline', 'ws://host/partyline/', '/'],
    ['wss://host/a/b/', '/partyline', 'wss://host/partyline/a/b', '/a/b'],
    ['https://host/ops?x=1#y', '/partyline', 'wss://host/partyline/ops?x=1', '/ops'],
    ['https://host/ops', '/', 'wss://host/ops', '/ops'],
    ['https://host/ops', '', 'wss://host/ops', '/ops'],
    ['https://host/ops', 'live/line/', 'wss://host/live/line/ops', '/ops'],
    ['ws://host/partyline/ops', '/partyline', 'ws://host/partyline/ops', '/ops'],
    ['ws://host/partyline', '/partyline', 'ws://host/partyline/', '/'],
    ['ws://host/partylines', '/partyline', 'ws://host/partyline/partylines', '/partylines'],
    ['https://host/caf%C3%A9', '/partyline', 'wss://host/partyline/caf%C3%A9', '/café'],
    ['https://host/%zz', '/partyline', 'wss://host/partyline/%zz', '/%zz'],
  ])('makes %s with the prefix %s to %s', (url, prefix, expected, namespace) => {
    expect(resolveAddress(url, prefix)).toEqual({ url: expected, namespace })
    expect(resolveAddress(new URL(url), prefix)).toEqual({ url: expected, namespace })
  })

  it('refuses other schemes, naming those that it takes', () => {
    expect(() => resolveAddress('ftp://host/', '/partyline')).toThrow('http, https, ws and wss')
  })

  it('demands a URL outside a browser', () => {
    expect(() => resolveAddress(undefined, '/partyline')).toThrow('needs a URL')
  })

  describe('in a browser', () => {
    afterEach(() => vi.unstubAllGlobals())

    it.each([
      [undefined, 'wss://page.example/partyline/', '/'],
      ['/ops', 'wss://page.example/partyline/ops', '/ops'],
      ['http://other:1', 'ws://other:1/partyline/', '/'],
    ])('makes %s, seen from the page, to %s', (url, expected, namespace) => {
      vi.stubGlobal('location', { origin: 'https://page.example', href: 'https://page.example/some/page?q' })
      expect(resolveAddress(url, '/partyline')).toEqual({ url: expected, namespace })
    })

    it('demands a URL on a page from a file', () => {
      vi.stubGlobal('location', { origin: 'null', href: 'file:///page.html' })
      expect(() => resolveAddress(undefined, '/partyline')).toThrow('needs a URL')
    })
  })
})
