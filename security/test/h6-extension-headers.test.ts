import { describe, expect, it } from 'vitest'
import { text } from '../src/frame.ts'
import { mark, underAttack } from '../src/under-attack.ts'

/** Node's own limit for a head is what these must stay below. */
const repeated = (part: string, bytes: number): string => part.repeat(Math.floor(bytes / part.length))

const deflate = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover'

/** What is offered; what is answered where compressing is on: the header, none, or a refusal. */
const offers: readonly (readonly [name: string, values: readonly string[], answer: string | undefined | 400])[] = [
  ['names that objects have', ['constructor; __proto__; a=b, __proto__; constructor=1, toString'], undefined],
  ['such names as parameters', ['permessage-deflate; constructor; __proto__'], undefined],
  ['such names, and behind them what we know', ['__proto__; __proto__=1, permessage-deflate'], deflate],
  ['1,000 parameters', [`foo${Array.from({ length: 1_000 }, (_, i) => `; a${i}=b`).join('')}`], undefined],
  ['1,000 parameters of an extension that we know', [`permessage-deflate${repeated('; a=b', 5_000)}`], undefined],
  ['the same parameter 200 times', [`permessage-deflate${repeated('; server_no_context_takeover', 5_600)}`], undefined],
  ['500 offers that cannot be taken', [`${repeated('permessage-deflate; a, ', 11_500)}permessage-deflate`], deflate],
  ['50 headers', Array.from({ length: 50 }, () => 'permessage-deflate'), deflate],
  ['commas', [repeated(',', 10_000)], undefined],
  ['blanks', [`foo${repeated(' ', 10_000)}; a`], undefined],
  ['blanks before what is wrong', [`foo${repeated(' ', 10_000)}/`], 400],
  ['a quote that is never closed', [`foo; a="${repeated('x', 10_000)}`], 400],
  ['escapes in a quote that is never closed', [`foo; a="${repeated('\\', 10_000)}`], 400],
  ['many quotes that are never closed', [`foo; ${repeated('a="', 10_000)}`], 400],
  ['empty parameters', [`foo${repeated(';', 10_000)}`], 400],
  ['a quoted value that is no token', [`permessage-deflate; server_max_window_bits="1,${mark}"`], 400],
  ['bytes that are no ASCII', [`permessage-deflate; ${mark}\xe9`], 400],
  ['an escaped quote', ['permessage-deflate; server_max_window_bits="1\\0"'], `${deflate}; server_max_window_bits=10`],
  ['windows that there are not', [`permessage-deflate; server_max_window_bits=${mark}`], undefined],
  [
    'a window with a thousand digits',
    [`permessage-deflate; server_max_window_bits=${repeated('1', 1_000)}`],
    undefined,
  ],
  ['a window in other digits', ['permessage-deflate; server_max_window_bits=0x0f'], undefined],
  ['what is written otherwise', ['Permessage-Deflate, permessage_deflate'], undefined],
]

const headersOf = (values: readonly string[]): string[] => values.map((value) => `Sec-WebSocket-Extensions: ${value}`)

describe('H6: extension headers', () => {
  it.each(offers)('answers %s as it should', async (_name, values, answer) => {
    await underAttack({ perMessageDeflate: true }, async (target) => {
      const peer = await target.asking({ headers: headersOf(values) })
      expect(peer.status).toBe(answer === 400 ? 400 : 101)
      expect(peer.answer).not.toContain(mark)
      const [, answered, ...more] = peer.answer.split(/\r\nsec-websocket-extensions: (.*)\r\n/i)
      expect(answered).toBe(answer === 400 ? undefined : answer)
      expect(more.join('')).not.toMatch(/sec-websocket-extensions/i)
      if (answer === 400) await peer.over()
      else {
        peer.send(text('hello'))
        expect(await peer.texted(1)).toEqual(['Echo: hello'])
      }
    })
  })

  it('passes over all of them where nothing is compressed', async () => {
    await underAttack({}, async (target) => {
      for (const [, values] of offers) {
        const peer = await target.webSocket({ headers: headersOf(values) })
        expect(peer.answer).not.toMatch(/sec-websocket-extensions/i)
        peer.send(text('hello'))
        expect(await peer.texted(1)).toEqual(['Echo: hello'])
      }
    })
  })
})
