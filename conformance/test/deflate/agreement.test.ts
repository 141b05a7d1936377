import { describe, expect, test } from 'vitest'
import { type Agreement, agreementOf } from '../../src/deflate/agreement.ts'

const plain: Agreement = {
  serverNoContextTakeover: false,
  serverWindowBits: 15,
  clientNoContextTakeover: false,
  clientWindowBits: 15,
  offer: 0,
}
const name = 'permessage-deflate'

describe('an answer about permessage-deflate', () => {
  test.each<[offered: string[], answered: string, agreed: Partial<Agreement>]>([
    [[name], name, {}],
    [[`foo; x=1, ${name}`], name, {}],
    [['foo', name], name, {}],
    [[name], `${name}; server_no_context_takeover`, { serverNoContextTakeover: true }],
    [[name], `${name}; server_max_window_bits=9`, { serverWindowBits: 9 }],
    [[name], `${name};client_no_context_takeover`, { clientNoContextTakeover: true }],
    [[`${name}; client_no_context_takeover`], name, {}],
    [[`${name}; client_max_window_bits`], name, {}],
    [[`${name}; client_max_window_bits=10`], name, { clientWindowBits: 10 }],
    [[`${name}; client_max_window_bits`], `${name}; client_max_window_bits=8`, { clientWindowBits: 8 }],
    [[`${name}; client_max_window_bits=10`], `${name}; client_max_window_bits=10`, { clientWindowBits: 10 }],
    [[`${name}; server_max_window_bits="10"`], `${name}; server_max_window_bits=10`, { serverWindowBits: 10 }],
    [[`${name}; server_max_window_bits=12`], `${name}; server_max_window_bits="11"`, { serverWindowBits: 11 }],
    [[`${name}; server_max_window_bits=16, ${name}`], name, { offer: 1 }],
    [[`${name}; server_no_context_takeover, ${name}`], name, { offer: 1 }],
  ])('%j is answered well by %s', (offered, answered, agreed) => {
    expect(agreementOf(offered, [answered])).toEqual({ ...plain, ...agreed })
  })

  test('may be missing', () => {
    expect(agreementOf([name], [])).toBeUndefined()
  })

  test.each<[offered: string[], answered: string, fault: string]>([
    [[], name, 'not offered'],
    [['foo'], name, 'not offered'],
    [[name], 'foo', 'not offered'],
    [[`foo, ${name}`], `foo, ${name}`, '2 extensions'],
    [[name], `${name}, ${name}`, '2 extensions'],
    [[name], '', '0 extensions'],
    [[name], `${name};;`, 'not the name of a parameter'],
    [[name], `${name}; server_max_window_bits="10`, 'not the value'],
    [[name], `${name}; server_max_window_bits=`, 'not the value'],
    [[name], `${name}; x`, 'unknown parameter x'],
    [[name], `${name}; x_no_context_takeover`, 'unknown parameter'],
    [[name], `${name}; server_no_context_takeover; server_no_context_takeover`, 'twice'],
    [[name], `${name}; server_no_context_takeover=1`, 'a value'],
    [[name], `${name}; server_max_window_bits`, 'server_max_window_bits='],
    [[name], `${name}; server_max_window_bits=7`, 'server_max_window_bits=7'],
    [[name], `${name}; server_max_window_bits=08`, 'server_max_window_bits=08'],
    [[name], `${name}; server_max_window_bits=16`, 'server_max_window_bits=16'],
    [[name], `${name}; client_max_window_bits=10`, 'which was not offered'],
    [[`${name}; client_max_window_bits`], `${name}; client_max_window_bits`, 'client_max_window_bits='],
    [[`${name}; client_max_window_bits=10`], `${name}; client_max_window_bits=11`, '=11 to 10'],
    [[`${name}; server_max_window_bits=10`], `${name}; server_max_window_bits=11`, '=11 to 10'],
    [[`${name}; server_max_window_bits=10`], name, 'does not answer'],
    [[`${name}; server_no_context_takeover`], name, 'does not repeat'],
    [[`${name}; server_max_window_bits=16`], `${name}; server_max_window_bits=15`, 'not offered'],
    [[`${name};;`], name, 'not offered'],
  ])('%j is answered badly by %s', (offered, answered, fault) => {
    expect(agreementOf(offered, [answered])).toContain(fault)
  })

  test('is one header line', () => {
    expect(agreementOf([name], [name, name])).toContain('2 Sec-WebSocket-Extensions headers')
  })
})
