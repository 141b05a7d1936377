import { added, type Exchange, type ExpectedAnswer, exchanges, refuses, replaced, upgrades } from '../exchange.ts'
import { encodeFrame, text } from '../frame.ts'
import { handshakeConversations } from './handshake-conversations.ts'

const rfcKey = 'dGhlIHNhbXBsZSBub25jZQ=='
const keyOf = (bytes: number) => Buffer.alloc(bytes, 0x5a).toString('base64')

/** Rows of one number, each with a running number behind it when there are several. */
function row(id: string, ...variants: Omit<Exchange, 'id'>[]): Exchange[] {
  return variants.map((variant, index) => ({ ...variant, id: variants.length === 1 ? id : `${id}.${index + 1}` }))
}

function badKey(title: string, ...lines: string[]): Omit<Exchange, 'id'> {
  return { title, edit: replaced('Sec-WebSocket-Key', ...lines), expect: refuses(400) }
}

const refusesVersion: ExpectedAnswer = {
  ...refuses(426),
  toleratedStatuses: [400],
  headers: [['sec-websocket-version', '13']],
}

function badVersion(title: string, ...lines: string[]): Omit<Exchange, 'id'> {
  return { title, edit: replaced('Sec-WebSocket-Version', ...lines), expect: refusesVersion }
}

function connection(title: string, ...lines: string[]): Omit<Exchange, 'id'> {
  return { title, edit: replaced('Connection', ...lines), expect: upgrades }
}

/** No upgrade is asked for: plain HTTP, whose connection may stay. */
const plainHttp: ExpectedAnswer = { upgrade: 'wrong', statuses: [200, 404, 426], toleratedStatuses: [400] }

function notAsked(title: string, name: string, line: string): Omit<Exchange, 'id'> {
  return { title, edit: replaced(name, line), expect: plainHttp }
}

/** A body is read before the 101, or refused; its bytes look like a frame, and are none. */
function withBody(title: string, header: string, body: Uint8Array | string): Omit<Exchange, 'id'> {
  const behind = Buffer.from(body)
  return { title, edit: added(header), behind, expect: { ...refuses(400), upgrade: 'right' } }
}

const frameAsBody = encodeFrame(text('body'))
const frameAsChunk = Buffer.concat([Buffer.from('a\r\n'), frameAsBody, Buffer.from('\r\n0\r\n\r\n')])

function distorted(title: string, distort: (head: string) => string): Omit<Exchange, 'id'> {
  return { title, distort, expect: refuses(400) }
}

/** Written in pieces, as the server's kernel resets what nobody reads. */
function tooLong(title: string, lines: () => string[]): Omit<Exchange, 'id'> {
  return {
    title,
    edit: (head) => [...head, ...lines()],
    writes: { politeBytes: 65_536 },
    expect: { ...refuses(431, 400), silentDrop: 'tolerated' },
  }
}

function offer(title: string, expect: ExpectedAnswer, offers: string[], ...values: string[]): Omit<Exchange, 'id'> {
  return { title, edit: added(...values.map((value) => `Sec-WebSocket-Protocol: ${value}`)), offers, expect }
}

const ignoring: ExpectedAnswer = { ...refuses(400), upgrade: 'tolerated' }

/** RFC 6455 §4.2 and RFC 9112: what a handshake is answered with. */
export const handshakeTable = [
  ...exchanges('handshake', [
    ...row('H1', { title: 'the key of the RFC', key: rfcKey, expect: upgrades }),
    ...row(
      'H2',
      badKey('a key of 15 bytes', `Sec-WebSocket-Key: ${keyOf(15)}`),
      badKey('a key of 17 bytes', `Sec-WebSocket-Key: ${keyOf(17)}`),
      badKey('a key of 24 characters that is not base64', 'Sec-WebSocket-Key: ****not*base64*at*all***'),
      badKey('an empty key', 'Sec-WebSocket-Key:'),
      badKey('no key'),
    ),
    ...row(
      'H3',
      badKey('two equal keys', `Sec-WebSocket-Key: ${rfcKey}`, `Sec-WebSocket-Key: ${rfcKey}`),
      badKey('two different keys', `Sec-WebSocket-Key: ${rfcKey}`, `Sec-WebSocket-Key: ${keyOf(16)}`),
    ),
    ...row(
      'H4',
      ...['8', '12', '99', '013', ''].map((version) =>
        badVersion(`version "${version}"`, `Sec-WebSocket-Version: ${version}`),
      ),
      badVersion('no version'),
    ),
    ...row(
      'H5',
      ...['13', '8'].map((second) => ({
        title: `versions 13 and ${second}`,
        edit: replaced('Sec-WebSocket-Version', 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Version: ${second}`),
        expect: refuses(400),
      })),
    ),
    ...row(
      'H6',
      connection('Connection: keep-alive, uPgRaDe', 'Connection: keep-alive, uPgRaDe'),
      connection('two Connection headers', 'Connection: keep-alive', 'Connection: Upgrade'),
      connection('Connection with spaces and empty items', 'Connection: ,  , \t Upgrade ,, '),
    ),
    ...row(
      'H7',
      { title: 'Upgrade: WEBSOCKET', edit: replaced('Upgrade', 'Upgrade: WEBSOCKET'), expect: upgrades },
      {
        title: 'Upgrade: h2c, websocket',
        edit: replaced('Upgrade', 'Upgrade: h2c, websocket'),
        expect: { upgrade: 'right', toleratedStatuses: [400] },
      },
    ),
    ...row(
      'H8',
      notAsked('Upgrade: websockets', 'Upgrade', 'Upgrade: websockets'),
      notAsked('Upgrade: foo', 'Upgrade', 'Upgrade: foo'),
      notAsked('Connection: close', 'Connection', 'Connection: close'),
    ),
    ...row('H9', {
      title: 'HTTP/1.0',
      version: 'HTTP/1.0',
      expect: { upgrade: 'tolerated', statuses: [200, 400, 404, 426, 505] },
    }),
    ...row(
      'H10',
      { title: 'POST', method: 'POST', edit: added('Content-Length: 0'), expect: refuses(405, 400) },
      { title: 'HEAD', method: 'HEAD', expect: refuses(405, 400) },
    ),
    ...row(
      'H11',
      { title: 'no Host', edit: replaced('Host'), expect: refuses(400) },
      { title: 'two Hosts', edit: added('Host: elsewhere.example'), expect: refuses(400) },
    ),
    ...row(
      'H12',
      withBody('a body of 5 bytes', 'Content-Length: 5', 'hello'),
      withBody('a body that looks like a frame', `Content-Length: ${frameAsBody.length}`, frameAsBody),
      withBody('a chunked body that looks like a frame', 'Transfer-Encoding: chunked', frameAsChunk),
    ),
    ...row('H14', { title: 'the head octet-wise', writes: 'octet-wise', expect: upgrades }),
    ...row(
      'H15',
      tooLong('a header of 1 MiB', () => [`X-Long: ${'x'.repeat(1_048_576)}`]),
      tooLong('10,000 header lines', () => Array.from({ length: 10_000 }, (_, index) => `X-${index}: y`)),
    ),
    ...row(
      'H17',
      distorted('bare LF line ends', (head) => head.replaceAll('\r\n', '\n')),
      distorted('one bare LF', (head) => head.replace('\r\nUpgrade', '\nUpgrade')),
      distorted('a space before the colon', (head) => head.replace('Upgrade:', 'Upgrade :')),
      distorted('a folded line', (head) => head.replace('Upgrade: ', 'Upgrade:\r\n ')),
      distorted('NUL in a value', (head) => head.replace('no-cache', 'no\0cache')),
    ),
    ...row(
      'H18',
      offer('subprotocols in one header', upgrades, ['a', 'b'], 'a, b'),
      offer('subprotocols in two headers', upgrades, ['a', 'b'], 'a', 'b'),
    ),
    ...row(
      'H19',
      offer('a subprotocol twice', ignoring, ['a'], 'a, a'),
      offer('an empty subprotocol', ignoring, ['a', 'b'], 'a,,b'),
      offer('a subprotocol that is no token', ignoring, ['a', 'b@c'], 'a, b@c'),
    ),
    ...row('H20', {
      title: 'an Origin that is not wanted',
      edit: (lines, { refusedOrigin }) => [...lines, `Origin: ${refusedOrigin}`],
      needs: ['refusedOrigin'],
      expect: refuses(403),
    }),
    ...row('H21', {
      title: 'refused later, while frames arrive',
      path: ({ refusedPath }) => refusedPath ?? '/',
      behind: encodeFrame(text('too early')),
      needs: ['refusedPath'],
      expect: refuses(400, 401, 403, 404, 429, 503),
    }),
  ]),
  ...handshakeConversations,
]
