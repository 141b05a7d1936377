import { describe, expect, it } from 'vitest'
import { agreeOnDeflate } from '../../src/websocket/deflate-agreement.ts'
import { type PerMessageDeflateOptions, resolveDeflateOptions } from '../../src/websocket/deflate-options.ts'
import { parseExtensions } from '../../src/websocket/extension-offers.ts'

/** The answer to an offer; undefined where it is declined. */
function answer(offer: string, options: PerMessageDeflateOptions = {}): string | undefined {
  const resolved = resolveDeflateOptions(options)
  return resolved && agreeOnDeflate(parseExtensions([offer]) ?? [], resolved)?.header
}

const ours = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover'
const takeover = { serverNoContextTakeover: false, clientNoContextTakeover: false }

describe('agreeOnDeflate', () => {
  it.each([
    ['permessage-deflate', ours],
    ['permessage-deflate; client_max_window_bits', ours],
    ['permessage-deflate; client_max_window_bits=15', ours],
    ['permessage-deflate; client_max_window_bits=10', `${ours}; client_max_window_bits=10`],
    ['permessage-deflate; client_max_window_bits=8', `${ours}; client_max_window_bits=8`],
    ['permessage-deflate; server_no_context_takeover; client_no_context_takeover', ours],
    ['permessage-deflate; server_max_window_bits=15', `${ours}; server_max_window_bits=15`],
    ['permessage-deflate; server_max_window_bits="10"', `${ours}; server_max_window_bits=10`],
    ['permessage-deflate; server_max_window_bits=9', `${ours}; server_max_window_bits=9`],
    // Others are not ours, and no hindrance.
    ['foo; x=1, permessage-deflate', ours],
    ['permessage-deflate-2, permessage-deflate', ours],
    ['constructor, __proto__; a=b, permessage-deflate', ours],
    // The first that can be taken.
    [
      'permessage-deflate; server_max_window_bits=8, permessage-deflate; server_max_window_bits=9',
      `${ours}; server_max_window_bits=9`,
    ],
    ['permessage-deflate; foo, permessage-deflate', ours],
    ['permessage-deflate; server_max_window_bits=10, permessage-deflate', `${ours}; server_max_window_bits=10`],
  ])('answers %s', (offer, expected) => {
    expect(answer(offer)).toBe(expected)
  })

  it.each([
    '',
    'foo',
    'Permessage-Deflate',
    'permessage-deflate; foo',
    'permessage-deflate; constructor',
    'permessage-deflate; __proto__=9',
    'permessage-deflate; foo=9',
    'permessage-deflate; server_no_context_takeover; server_no_context_takeover',
    'permessage-deflate; server_max_window_bits=10; server_max_window_bits=10',
    'permessage-deflate; server_no_context_takeover=1',
    'permessage-deflate; client_no_context_takeover=true',
    'permessage-deflate; server_max_window_bits',
    ...['7', '8', '16', '08', '015', '1', '99', '9.0', 'abc', '-9', '0x9'].map(
      (bits) => `permessage-deflate; server_max_window_bits=${bits}`,
    ),
    ...['7', '16', '08', 'abc'].map((bits) => `permessage-deflate; client_max_window_bits=${bits}`),
  ])('declines %j', (offer) => {
    expect(answer(offer)).toBeUndefined()
  })

  it.each([
    ['permessage-deflate', takeover, 'permessage-deflate'],
    ['permessage-deflate; server_no_context_takeover', takeover, 'permessage-deflate; server_no_context_takeover'],
    ['permessage-deflate; client_no_context_takeover', takeover, 'permessage-deflate; client_no_context_takeover'],
    ['permessage-deflate', { ...takeover, serverMaxWindowBits: 10 }, 'permessage-deflate; server_max_window_bits=10'],
    [
      'permessage-deflate; server_max_window_bits=12',
      { ...takeover, serverMaxWindowBits: 10 },
      'permessage-deflate; server_max_window_bits=10',
    ],
    [
      'permessage-deflate; server_max_window_bits=9',
      { ...takeover, serverMaxWindowBits: 10 },
      'permessage-deflate; server_max_window_bits=9',
    ],
    [
      'permessage-deflate; client_max_window_bits',
      { ...takeover, clientMaxWindowBits: 10 },
      'permessage-deflate; client_max_window_bits=10',
    ],
    [
      'permessage-deflate; client_max_window_bits=9',
      { ...takeover, clientMaxWindowBits: 10 },
      'permessage-deflate; client_max_window_bits=9',
    ],
    [
      'permessage-deflate; client_max_window_bits=12',
      { ...takeover, clientMaxWindowBits: 10 },
      'permessage-deflate; client_max_window_bits=10',
    ],
    // A client that did not name the parameter cannot be told.
    ['permessage-deflate', { clientMaxWindowBits: 10 }, undefined],
  ])('answers %s as its options say', (offer, options, expected) => {
    expect(answer(offer, options)).toBe(expected)
  })
})
