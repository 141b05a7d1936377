import { describe, expect, it } from 'vitest'
import { urlsOf } from '../src/urls.ts'

describe('the addresses of a standalone server', () => {
  it('are one for each family', () => {
    expect(urlsOf('localhost', 8080, true, false)).toEqual({
      chat: 'http://localhost:8080',
      webSocket: 'ws://localhost:8080',
      socketIo: 'http://localhost:8080',
      echo: 'ws://localhost:8080/echo',
      http: 'http://localhost:8080/api',
      network: [],
    })
  })

  it('have other schemes where TLS is spoken', () => {
    const { chat, webSocket, socketIo, http } = urlsOf('example.org', 443, true, true)
    expect([chat, webSocket, socketIo, http]).toEqual([
      'https://example.org:443',
      'wss://example.org:443',
      'https://example.org:443',
      'https://example.org:443/api',
    ])
  })

  it('have brackets around an IPv6 address', () => {
    expect(urlsOf('::1', 8080, true, false).socketIo).toBe('http://[::1]:8080')
  })

  it.each(['0.0.0.0', '::'])('are those of this machine where it listens on %s', (host) => {
    const { webSocket, network } = urlsOf(host, 8080, true, false)
    expect(webSocket).toBe('ws://localhost:8080')
    for (const address of network) expect(address).toMatch(/^http:\/\/\d+\.\d+\.\d+\.\d+:8080$/)
  })

  it('have no chat where none was built', () => {
    expect(urlsOf('localhost', 8080, false, false).chat).toBeUndefined()
  })
})
