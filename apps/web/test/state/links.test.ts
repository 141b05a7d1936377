import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { segmentsOf } from '../../src/state/links.ts'

const links = (text: string) => segmentsOf(text).flatMap(({ href, text: written }) => (href === null ? [] : [written]))

describe('links in a text', () => {
  it.each([
    ['see https://example.org/a?b=1#c now', 'https://example.org/a?b=1#c'],
    ['(https://example.org/a_(b))', 'https://example.org/a_(b)'],
    ['really: http://example.org/x, or not?', 'http://example.org/x'],
    ['https://example.org.', 'https://example.org'],
    ['HTTPS://EXAMPLE.org/A', 'HTTPS://EXAMPLE.org/A'],
    ['<https://example.org/a>', 'https://example.org/a'],
    ['a\nhttps://example.org/b\nc', 'https://example.org/b'],
  ])('are found in %j', (text, link) => {
    expect(links(text)).toEqual([link])
  })

  it.each([
    'javascript:alert(1)',
    'javascript://example.org/%0aalert(1)',
    'data:text/html,<script>alert(1)</script>',
    'ftp://example.org',
    'file:///etc/passwd',
    'xhttps://example.org',
    'https://',
    'https://user:secret@example.org/',
    'https://good.example@evil.example/',
    'www.example.org',
  ])('are not made of %j', (text) => {
    expect(links(text)).toEqual([])
  })

  it('end at a character that would turn the text around', () => {
    expect(links('https://example.org/\u202egpj.exe')).toEqual(['https://example.org/'])
  })

  it('lose no character, and lead to http and https only, whatever is written', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('http://', 'https://', 'javascript:', '(', ')', '.', 'a.b', ' ', '@'),
    )
    const texts = fc.array(piece).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(texts, (text) => {
        const segments = segmentsOf(text)
        expect(segments.map((segment) => segment.text).join('')).toBe(text)
        for (const { href } of segments) if (href !== null) expect(href).toMatch(/^https?:\/\/[^@]/)
      }),
    )
  })
})
