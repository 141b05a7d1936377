import { describe, expect, it } from 'vitest'
import { escapeHtml } from '../src/index.ts'

describe('escapeHtml', () => {
  it.each([
    ['', ''],
    ['plain text, ünïcödé 😀', 'plain text, ünïcödé 😀'],
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    [`"&'`, '&quot;&amp;&#39;'],
    ['&amp;', '&amp;amp;'],
  ])('of %j is %j', (text, escaped) => {
    expect(escapeHtml(text)).toBe(escaped)
  })

  it('takes text alone, and makes text of what is none', () => {
    // @ts-expect-error: not a string
    expect(escapeHtml(5)).toBe('5')
    // @ts-expect-error: not a string
    expect(escapeHtml(['<b>'])).toBe('&lt;b&gt;')
    // @ts-expect-error: not a string
    expect(escapeHtml(undefined)).toBe('undefined')
  })
})
