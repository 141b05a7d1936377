import { describe, expect, it } from 'vitest'
import { paintFor } from '../src/paint.ts'
import { startText } from '../src/start-text.ts'
import { urlsOf } from '../src/urls.ts'

const plain = paintFor({}, {})
const facts = { allowsFiles: true, certificate: undefined, reloadCertificate: undefined }
const shown = (hasChat: boolean): string =>
  startText('1.2.3', 412.3, { urls: urlsOf('localhost', 8080, hasChat, false), ...facts }, plain)

describe('the text at the start', () => {
  it('says where each family of clients finds the server', () => {
    expect(shown(true).split('\n').slice(0, 6)).toEqual([
      'Partyline 1.2.3 ready in 412 ms',
      '',
      '  Chat       http://localhost:8080',
      '  WebSocket  ws://localhost:8080  echo: ws://localhost:8080/echo',
      '  Socket.IO  http://localhost:8080',
      '  HTTP       http://localhost:8080/api',
    ])
  })

  it('says what is kept, who may come, and what to try', () => {
    expect(shown(true)).toContain('  Kept       lobby: 10,000 for 7 days; demo:*: 1,000 for 1 hour\n')
    expect(shown(true)).toContain('  Open to    pages of this machine, those opened from a file too\n')
    expect(shown(true)).toMatch(/\n\n {2}Try {8}the chat in two tabs; .*\n$/)
  })

  it('says so where the chat was not built, and names a command in its place', () => {
    expect(shown(false)).toContain('  Chat       not built (npm run build)\n')
    expect(shown(false)).toContain(`curl -d '{"data":"hi"}' http://localhost:8080/api/rooms/lobby/publications\n`)
  })

  it('says whom to believe where the certificate was made at this start', () => {
    const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':')
    const certificate = { fingerprint, validUntil: new Date(0) } as never
    const text = startText(
      '1.2.3',
      1_200,
      { urls: urlsOf('localhost', 8443, true, true), ...facts, certificate },
      plain,
    )
    expect(text).toContain('ready in 1.2 s')
    expect(text).toContain('  Socket.IO  https://localhost:8443\n')
    expect(text.match(/AB/g)).toHaveLength(32)
  })
})
