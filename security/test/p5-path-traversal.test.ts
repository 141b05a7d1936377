import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { httpRequest, Peer } from '../src/peer.ts'
import { underAttackAlone } from '../src/under-attack-alone.ts'

const secret = 'not for everybody'

/** A chat's folder with what lies beside it, behind links and hidden. */
function folderWithSecrets(): string {
  const root = mkdtempSync(join(tmpdir(), 'partyline-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const web = join(root, 'web')
  mkdirSync(join(web, 'assets'), { recursive: true })
  mkdirSync(join(root, 'outside'))
  mkdirSync(join(root, 'website'))
  writeFileSync(join(web, 'index.html'), '<!doctype html><title>chat</title>')
  writeFileSync(join(web, 'assets', 'app.js'), 'run()')
  writeFileSync(join(root, 'secret.txt'), secret)
  writeFileSync(join(root, 'website', 'secret.txt'), secret)
  writeFileSync(join(root, 'outside', 'secret.txt'), secret)
  symlinkSync(join(root, 'secret.txt'), join(web, 'link.txt'))
  symlinkSync(join(root, 'outside'), join(web, 'assets', 'outside'))
  symlinkSync('../secret.txt', join(web, 'assets', 'relative.txt'))
  return web
}

const up = [
  '..',
  '%2e%2e',
  '%2E.',
  '.%2e',
  '%252e%252e',
  '..%00',
  '..;',
  '....',
  '%c0%ae%c0%ae',
  '\uff0e\uff0e',
  '..%5c..',
]
const slashes = ['/', '%2f', '%2F', '\\', '%5c', '%252f', '//', '/./', '%c0%af']

const targets = [
  ...up.flatMap((dots) =>
    slashes.flatMap((slash) => [
      `/${dots}${slash}secret.txt`,
      `/assets${slash}${dots}${slash}${dots}${slash}secret.txt`,
      `/assets/${dots}${slash}index.html`,
    ]),
  ),
  '//etc/passwd',
  '///etc/passwd',
  '/etc/passwd',
  '/C:/windows/win.ini',
  '/file:///etc/passwd',
  '/../website/secret.txt',
  '/link.txt',
  '/assets/outside/secret.txt',
  '/assets/outside',
  '/assets/relative.txt',
  '/index.html%00',
  '/index.html%00.txt',
  '/%00',
  '/index.html/',
  '/index.html/.',
  '/./index.html',
  '//index.html',
  '/assets/',
  '/assets',
  '/assets//app.js',
  '/ASSETS/app.js',
  '/%69ndex.html',
  '/assets%2fapp.js',
  '/index.html;a',
  '/index.html%20',
  '/index.html::$DATA',
  '/__proto__',
  '/constructor',
  '/hasOwnProperty',
  '/toString',
  '/.env',
  '/package.json',
  '/../package.json',
  '/health/../index.html',
  '/stats/',
  '/chat/../../secret.txt',
  'http://localhost/../secret.txt',
  'http://localhost',
]

async function get(port: number, target: string, host = `127.0.0.1:${port}`): Promise<Peer> {
  const peer = await Peer.tcp(port)
  onTestFinished(() => peer.drop())
  peer.send(httpRequest('GET', target, [`Host: ${host}`, 'Connection: close']))
  await peer.over()
  return peer
}

/** In absolute form without a path, `/` is meant (RFC 9112 section 3.2.2). */
const isIndex = (target: string): boolean => target === 'http://localhost'

describe('P5: path traversal', () => {
  it('finds nothing but the files of the folder, under their own names letter by letter', async () => {
    await underAttackAlone({ chatFolder: folderWithSecrets() }, async (port) => {
      for (const [target, status] of [
        ['/', 200],
        ['/index.html', 200],
        ['/assets/app.js', 200],
        ['/index.html?/../secret.txt', 200],
        [`http://127.0.0.1:${port}/assets/app.js`, 200],
      ] as const) {
        expect([target, (await get(port, target)).status]).toEqual([target, status])
      }
      for (const target of targets) {
        const peer = await get(port, target)
        // Paths that hold bytes no request may hold are refused by the parser; a WebSocket's own by what they are.
        const expected = isIndex(target) ? [200] : [404, 400, 426]
        expect([target, expected.includes(peer.status ?? 0)]).toEqual([target, true])
        expect([target, peer.answer.includes(secret), peer.answer.includes('root:')]).toEqual([target, false, false])
        if (!isIndex(target)) expect([target, /run\(\)|<title>chat/.test(peer.answer)]).toEqual([target, false])
      }
    })
  })

  it('shows no path of the disk, and none of the peer’s', async () => {
    const chatFolder = folderWithSecrets()
    await underAttackAlone({ chatFolder }, async (port) => {
      for (const target of ['/../../nowhere-at-all', '/%2e%2e/nowhere-at-all', '/assets']) {
        const { answer } = await get(port, target)
        expect(answer).not.toContain(chatFolder)
        expect(answer).not.toContain('nowhere-at-all')
        expect(answer).toMatch(/\r\nX-Content-Type-Options: nosniff\r\n/i)
      }
    })
  })

  it('has an API whose rooms lead nowhere but to rooms', async () => {
    await underAttackAlone({ chatFolder: folderWithSecrets() }, async (port) => {
      for (const room of ['..', '%2e%2e', '..%2f..%2fsecret.txt', '%2fetc%2fpasswd', '..%5csecret.txt', 'lobby%00']) {
        for (const what of ['publications', 'presence', '../../secret.txt']) {
          const peer = await get(port, `/api/rooms/${room}/${what}`)
          expect([room, what, [400, 404].includes(peer.status ?? 0)]).toEqual([room, what, true])
          expect(peer.answer).not.toContain(secret)
        }
      }
    })
  })
})
