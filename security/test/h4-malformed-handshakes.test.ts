import { describe, expect, it } from 'vitest'
import { isTorture } from '../../test/torture.ts'
import { text } from '../src/frame.ts'
import { upgradeHead } from '../src/peer.ts'
import { mark, underAttack } from '../src/under-attack.ts'

/** A good head with something put in place of something else; what is not there to be replaced is a mistake of the test. */
function headWith(part: string, instead: string): string {
  const good = upgradeHead()
  if (!good.includes(part)) throw new Error(`no ${part} in the head`)
  return good.replace(part, () => instead)
}

const fields = (count: number, name: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => `${name(index)}: ${mark}\r\n`).join('')

const upgrade = 'Upgrade: websocket\r\n'
const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
const target = 'GET / HTTP/1.1'

/** What is sent, and the status that answers it; undefined where the connection just ends. */
const heads: readonly (readonly [name: string, head: string, status: number | undefined])[] = [
  ['nothing wrong', upgradeHead(), 101],
  // sizes
  ['100 fields', headWith(key, `${key}${fields(95, (i) => `a${i}`)}`), 101],
  ['101 fields', headWith(key, `${key}${fields(96, (i) => `a${i}`)}`), 431],
  ['2,001 fields', headWith(upgrade, `${fields(1_996, () => 'a').replaceAll(mark, '')}${upgrade}`), 431],
  [
    '2,001 fields and behind them the upgrade',
    headWith(upgrade, `${fields(2_001, () => 'a').replaceAll(mark, '')}${upgrade}`),
    431,
  ],
  ['a field of 20 KB', headWith(key, `${key}X-Large: ${mark.padEnd(20_000, 'x')}\r\n`), 431],
  ['a head of 1 MB', headWith(key, `${key}X-Large: ${mark.padEnd(1_000_000, 'x')}\r\n`), 431],
  ['a URL of 8,193 bytes', headWith(target, `GET /?${mark.padEnd(8_191, 'x')} HTTP/1.1`), 414],
  ['a URL of 8,192 bytes', headWith(target, `GET /?${mark.padEnd(8_190, 'x')} HTTP/1.1`), 101],
  ['a URL of 1 MB', headWith(target, `GET /?${mark.padEnd(1_000_000, 'x')} HTTP/1.1`), 431],
  // fields
  ['a field without a colon', headWith(upgrade, `${mark}\r\n${upgrade}`), 400],
  ['a field without a name', headWith(upgrade, `: ${mark}\r\n${upgrade}`), 400],
  ['a space before the colon', headWith('Host:', 'Host :'), 400],
  ['obsolete line folding', headWith(upgrade, `${upgrade}X-Folded: a\r\n ${mark}\r\n`), 400],
  ['a folded Upgrade', headWith(upgrade, 'Upgrade:\r\n websocket\r\n'), 400],
  ['a NUL in a field', headWith(upgrade, `${upgrade}X-Nul: a\0${mark}\r\n`), 400],
  ['a CR in a field', headWith(upgrade, `${upgrade}X-Cr: a\r${mark}\r\n`), 400],
  ['line ends without CR', upgradeHead().replaceAll('\r\n', '\n'), 400],
  // what makes it an upgrade
  ['an Upgrade list with websocket in it', headWith(upgrade, 'Upgrade: h2c, , WebSocket,\r\n'), 101],
  ['an Upgrade list in two fields', headWith(upgrade, 'Upgrade: h2c\r\nUpgrade: websocket\r\n'), 101],
  ['an Upgrade list without it', headWith(upgrade, `Upgrade: h2c, websocket2, ${mark}\r\n`), 426],
  ['an Upgrade of commas', headWith(upgrade, `Upgrade: ${','.repeat(5_000)}\r\n`), 426],
  ['a Connection list with upgrade in it', headWith('Connection: Upgrade', 'Connection: keep-alive, Upgrade'), 101],
  ['no Connection: Upgrade', headWith('Connection: Upgrade', 'Connection: keep-alive'), 404],
  ['no key', headWith(key, ''), 400],
  ['two keys', headWith(key, key + key), 400],
  ['a key of 15 bytes', headWith(key, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j\r\n'), 400],
  ['a key that is no base64', headWith(key, 'Sec-WebSocket-Key: ****************==\r\n'), 400],
  ['no version', headWith('Sec-WebSocket-Version: 13\r\n', ''), 426],
  ['version 12', headWith('Version: 13', 'Version: 12'), 426],
  ['two versions', headWith('Sec-WebSocket-Version: 13\r\n', 'Sec-WebSocket-Version: 13\r\n'.repeat(2)), 400],
  ['two hosts', headWith('Host: localhost\r\n', 'Host: localhost\r\nHost: evil.example\r\n'), 400],
  ['no host', headWith('Host: localhost\r\n', ''), 400],
  // the request line
  ['the absolute form', headWith(target, 'GET http://localhost/ HTTP/1.1'), 101],
  ['the absolute form with a scheme of WebSocket', headWith(target, 'GET ws://localhost/ HTTP/1.1'), 101],
  ['the absolute form with another scheme', headWith(target, `GET ftp://${mark}/ HTTP/1.1`), 400],
  ['the authority form', headWith(target, 'GET localhost:80 HTTP/1.1'), 400],
  ['the asterisk form', headWith(target, 'GET * HTTP/1.1'), 400],
  ['a NUL in the URL', headWith(target, `GET /\0${mark} HTTP/1.1`), 400],
  ['a NUL in the URL, escaped', headWith(target, `GET /%00${mark} HTTP/1.1`), 404],
  ['% without hex', headWith(target, `GET /%zz${mark} HTTP/1.1`), 400],
  ['% at the end', headWith(target, 'GET /% HTTP/1.1'), 400],
  ['% without hex in the query', headWith(target, `GET /?name=%zz HTTP/1.1`), 400],
  ['escapes that are no UTF-8', headWith(target, `GET /%c0%80${mark} HTTP/1.1`), 400],
  ['line ends in the URL, escaped', headWith(target, `GET /%0d%0aX-Evil:%20${mark} HTTP/1.1`), 404],
  ['a path that leads out', headWith(target, 'GET /../../etc/passwd HTTP/1.1'), 404],
  ['a namespace that is no namespace', headWith(target, 'GET /__proto__ HTTP/1.1'), 404],
  ['POST', headWith('GET', 'POST'), 405],
  ['CONNECT', headWith(target, 'CONNECT localhost:80 HTTP/1.1'), undefined],
  ['a method that there is not', headWith('GET', 'EVIL'), 400],
  ['HTTP/1.0', headWith('HTTP/1.1', 'HTTP/1.0'), 400],
  ['HTTP/2.0', headWith('HTTP/1.1', 'HTTP/2.0'), 400],
  ['HTTP/9.9', headWith('HTTP/1.1', 'HTTP/9.9'), 400],
  // a body
  ['an empty body', headWith(upgrade, `${upgrade}Content-Length: 0\r\n`), 101],
  ['a body', `${headWith(upgrade, `${upgrade}Content-Length: ${mark.length}\r\n`)}${mark}`, 400],
  ['a body in chunks', `${headWith(upgrade, `${upgrade}Transfer-Encoding: chunked\r\n`)}5\r\nhello\r\n0\r\n\r\n`, 400],
  ['a length that is none', headWith(upgrade, `${upgrade}Content-Length: -1\r\n`), 400],
  ['a length beside chunks', headWith(upgrade, `${upgrade}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n`), 400],
  ['two lengths', headWith(upgrade, `${upgrade}Content-Length: 0\r\nContent-Length: 5\r\n`), 400],
  ['no HTTP at all', `${mark}\r\n\r\n`, 400],
  ['the hello of TLS', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03', 400],
]

describe('H4: malformed handshakes', () => {
  it.each(heads)('answers %s as it should', async (_name, head, status) => {
    await underAttack({}, async (attacked) => {
      const peer = await attacked.tcp()
      peer.send(head)
      await peer.answered()
      expect(peer.status).toBe(status)
      if (status === 101) return
      expect(peer.answer).not.toContain(mark)
      expect(peer.answer).not.toContain('evil.example')
      if (status === 426) expect(peer.answer).toMatch(/\r\nSec-WebSocket-Version: 13\r\n/)
      // What was no upgrade may be followed by the next request.
      if (!peer.answer.includes('keep-alive')) await peer.over()
    })
  })

  it('reads the frames that lie directly behind the head', async () => {
    await underAttack({}, async (attacked) => {
      const peer = await attacked.tcp()
      peer.send(upgradeHead(), text('one'), text('two'))
      expect(await peer.texted(2)).toEqual(['Echo: one', 'Echo: two'])
    })
  })

  it('reads a head that comes byte by byte, and half a frame behind it', async () => {
    await underAttack({}, async (attacked) => {
      const peer = await attacked.tcp()
      const frame = text('one')
      for (const byte of upgradeHead()) peer.send(byte)
      peer.send(frame.subarray(0, 3))
      await peer.answered()
      peer.send(frame.subarray(3))
      expect(await peer.texted(1)).toEqual(['Echo: one'])
    })
  })

  it('lets go of the refused that do not let go', async () => {
    const refused = heads.filter(([, , status]) => status !== 101)
    await underAttack({}, async (attacked) => {
      for (const [, head] of refused) {
        const peer = await attacked.tcp()
        peer.send(head)
        await peer.answered()
        // Those that could go on with another request are sent nonsense.
        peer.send(mark.repeat(10))
      }
      await attacked.left()
    })
  })

  it('lives through peers that go in the middle of the handshake', async () => {
    const head = upgradeHead()
    const stride = isTorture ? 1 : 12
    await underAttack({}, async (attacked) => {
      for (let length = 0; length <= head.length; length += stride) {
        const [resetting, ending] = await Promise.all([attacked.tcp(), attacked.tcp()])
        resetting.send(head.slice(0, length))
        await new Promise<void>((resolve) => resetting.socket.write('', () => resolve()))
        await resetting.drop()
        ending.socket.end(head.slice(0, length))
      }
      await attacked.left()
    })
  })
})
