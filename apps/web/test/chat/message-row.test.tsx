import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { MessageRow } from '../../src/chat/message-row.tsx'
import type { Sender } from '../../src/state/line.ts'
import { Room } from '../../src/state/room.ts'
import { messageOf } from '../../src/state/timeline.ts'
import { FakeClock } from '../state/fake-line.ts'
import { ben, meta } from '../state/publications.ts'

const room = new Room('lobby', {
  clock: new FakeClock(),
  isLive: () => false,
  me: () => null,
  isMine: () => false,
  newKey: () => 'key',
  onRefused: () => {},
})

function drawn(data: unknown, from: Sender | null = ben, change = {}): string {
  const message = { ...messageOf({ era: 0, seq: 1, part: 0 }, [data], meta(1, from), false), ...change }
  return renderToStaticMarkup(<MessageRow message={message} isHead room={room} />)
}

describe('a message on the page', () => {
  it('is text, whatever it looks like', () => {
    const html = drawn('<img src=x onerror=alert(1)> &amp; [a](javascript:alert(1))', { id: 'x', name: '<b>Ben</b>' })
    expect(html).toContain('&lt;img src=x onerror=alert(1)> &amp;amp; [a](javascript:alert(1))')
    expect(html).toContain('&lt;b>Ben&lt;/b>')
    expect(html).not.toMatch(/<(img|b|a)[ >]/)
  })

  it('opens its links without telling them where from', () => {
    expect(drawn('see https://example.org/x.')).toContain(
      '<a href="https://example.org/x" target="_blank" rel="noopener noreferrer">https://example.org/x</a>.',
    )
  })

  it('has no style of its own, which a strict content security policy would refuse', () => {
    expect(drawn('hi')).not.toContain('style=')
  })

  it('carries the whole time', () => {
    expect(drawn('hi')).toMatch(/<time [^>]*datetime="\d{4}-\d\d-\d\dT[^"]+"[^>]*>\d\d:\d\d<\/time>/)
  })

  it('names the server, and shows data as data', () => {
    expect(drawn({ temperature: 21.5 }, null)).toMatch(/Server.*&quot;temperature&quot;: 21.5/s)
    expect(drawn(new Uint8Array(12))).toContain('12 bytes')
  })

  it('offers a retry with the reason when it was refused', () => {
    const html = drawn('hi', ben, { delivery: 'refused', reason: 'That was a little fast.' })
    expect(html).toMatch(/not sent.*<button[^>]*>retry<\/button>.*That was a little fast\./s)
    expect(drawn('hi')).not.toContain('retry')
  })

  it('says while it is pale that it is being sent', () => {
    expect(drawn('hi', ben, { delivery: 'sending' })).toContain('being sent')
  })
})
