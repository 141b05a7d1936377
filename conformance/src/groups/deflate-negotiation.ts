import type { Case } from '../case.ts'
import { type Exchange, type ExpectedAnswer, exchanges, refuses } from '../exchange.ts'

const name = 'permessage-deflate'

/** Rows of one number, each with a running number behind it when there are several. */
function row(id: string, ...variants: Omit<Exchange, 'id'>[]): Exchange[] {
  return variants.map((variant, index) => ({ ...variant, id: variants.length === 1 ? id : `${id}.${index + 1}` }))
}

const agrees: ExpectedAnswer = { upgrade: 'right', deflate: true }
/** A server that refuses the whole request for one bad offer is borne with. */
const agreesToOther: ExpectedAnswer = { ...agrees, toleratedStatuses: [400] }
/** Without the extension, which is what happens to an offer that is none: the agreement itself would be the fault. */
const declines: ExpectedAnswer = { upgrade: 'right', toleratedStatuses: [400] }
const refusesList: ExpectedAnswer = { ...refuses(400), upgrade: 'tolerated' }

function offered(title: string, expect: ExpectedAnswer, ...extensions: string[]): Omit<Exchange, 'id'> {
  return { title, extensions, expect }
}

const badParameters = [
  'foo',
  'server_no_context_takeover; server_no_context_takeover',
  'server_no_context_takeover=1',
  'server_max_window_bits',
  ...['7', '16', '08', 'abc'].map((value) => `server_max_window_bits=${value}`),
  'client_no_context_takeover=1',
  ...['7', '16', '08', 'abc'].map((value) => `client_max_window_bits=${value}`),
]

const goodParameters = [
  'client_max_window_bits',
  'client_max_window_bits=10',
  'server_no_context_takeover',
  'client_no_context_takeover',
  'server_max_window_bits=12',
  'server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits=9',
]

/** RFC 7692 §5 and §7.1: which offers are agreed to. Every answer is checked against its offer, in all rows. */
export const deflateNegotiation: Case[] = exchanges('deflate', [
  ...row('D1', offered('an unknown extension in front', agrees, `foo; x=1, ${name}`)),
  ...row(
    'D2',
    ...badParameters.map((bad) => offered(`${bad}, nothing else`, declines, `${name}; ${bad}`)),
    ...badParameters.map((bad) => offered(`${bad}, then a good offer`, agreesToOther, `${name}; ${bad}, ${name}`)),
  ),
  ...row('D3', offered('a value in quotes', agrees, `${name}; server_max_window_bits="10"`)),
  ...row(
    'D4',
    offered(
      'two offers, the first not acceptable',
      agreesToOther,
      `${name}; server_max_window_bits=16, ${name}; server_no_context_takeover`,
    ),
  ),
  ...row(
    'D5',
    offered('two header lines, an unknown extension in the first', agrees, 'foo', name),
    offered('two header lines, a bad offer in the first', agreesToOther, `${name}; foo`, name),
  ),
  ...row(
    'D6',
    offered('empty parameters', refusesList, `${name};;`),
    offered('= alone', refusesList, `${name}; =`),
    offered('a quote that is not closed', refusesList, `${name}; server_max_window_bits="10`),
  ),
  ...row('D7', offered('server_max_window_bits=8', { upgrade: 'right' }, `${name}; server_max_window_bits=8`)),
  ...row(
    'D8',
    offered('no offer', { upgrade: 'right' }),
    offered('no parameters', agrees, name),
    ...goodParameters.map((good) => offered(good, agrees, `${name}; ${good}`)),
  ),
])
