import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { httpRequest, Peer } from '../src/peer.ts'
import { underAttackAlone } from '../src/under-attack-alone.ts'

function chatFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'partyline-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>chat</title>')
  writeFileSync(join(folder, 'app.js'), 'run()')
  return folder
}

const evil = '<script>alert(1)</script>'
const escaped = encodeURIComponent(evil)

/** The head and the body of an answer. */
async function get(port: number, path: string, ...more: string[]): Promise<{ head: string; body: string }> {
  const peer = await Peer.tcp(port)
  onTestFinished(() => peer.drop())
  peer.send(httpRequest('GET', path, [`Host: 127.0.0.1:${port}`, 'Connection: close', ...more]))
  await peer.over()
  const end = peer.answer.indexOf('\r\n\r\n')
  return { head: peer.answer.slice(0, end), body: peer.answer.slice(end + 4) }
}

/** The directives of a policy by name. */
function policyOf(head: string): Map<string, string[]> {
  const policy = /\r\nContent-Security-Policy: (.*)/i.exec(head)?.[1] ?? ''
  return new Map(policy.split('; ').map((each) => [each.split(' ')[0] as string, each.split(' ').slice(1)]))
}

describe('X6: the policy of what runs in our pages', () => {
  it('is on every page, and lets run nothing but our own files', async () => {
    await underAttackAlone({ chatFolder: chatFolder() }, async (port) => {
      for (const path of ['/', '/index.html', '/app.js', '/health', '/stats', '/ws', '/nowhere', `/${escaped}`]) {
        const { head, body } = await get(port, path)
        const policy = policyOf(head)
        expect([path, policy.get('default-src')]).toEqual([path, ["'self'"]])
        for (const name of ['script-src', 'style-src', 'script-src-elem', 'script-src-attr', 'style-src-attr']) {
          expect([path, policy.get(name) ?? policy.get('default-src')]).toEqual([path, ["'self'"]])
        }
        expect(policy.get('object-src')).toEqual(["'none'"])
        expect(policy.get('base-uri')).toEqual(["'none'"])
        expect(policy.get('frame-ancestors')).toEqual(["'none'"])
        expect(head).not.toMatch(/unsafe-inline|unsafe-eval|unsafe-hashes/)
        expect(head).toMatch(/\r\nX-Content-Type-Options: nosniff/i)
        expect(body).not.toContain(evil)
      }
    })
  })

  it('is not needed where text is no page: an answer of the API is JSON or a stream, and no browser guesses', async () => {
    await underAttackAlone({ chatFolder: chatFolder() }, async (port) => {
      for (const [path, ...headers] of [
        [`/api/${escaped}`],
        [`/api/rooms/${escaped}/publications`],
        [`/api/rooms/lobby/presence?after=${escaped}`],
        [`/api/events?room=${escaped}`],
        [`/api/events?room=lobby&namespace=${escaped}`],
        [`/api/rooms/lobby/publications?before=${escaped}`],
        ['/api/rooms/lobby/publications', `Origin: http://${evil}`],
        ['/api/rooms/lobby/publications', 'Accept: text/html'],
      ] as const) {
        const { head } = await get(port, path as string, ...headers)
        expect(head).toMatch(/\r\nContent-Type: application\/(problem\+)?json/i)
        expect(head).toMatch(/\r\nX-Content-Type-Options: nosniff/i)
      }
      const said = await get(port, '/', `Host: ${evil}`)
      expect(said.head).not.toMatch(/text\/html/)
    })
  })
})
