import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ListenError } from '../src/listen.ts'
import { ask, client, refusalOf, serve } from './setting.ts'

describe('the paths of a standalone server', () => {
  it.each(['/', '/chat', '/ws', '/partyline/', '/partyline'])('have the lobby at %s', async (path) => {
    const { url } = await serve()
    const ada = await client(`${url}${path}`)
    ada.say('hi')
    await ada.until(1)
    expect(ada.heard).toEqual(['hi'])
  })

  it('have the echo under /partyline/ too', async () => {
    const { url } = await serve()
    const ada = await client(`${url}/partyline/echo`)
    ada.say('hi')
    await ada.until(1)
    expect(ada.heard).toEqual(['Echo: hi'])
  })

  it.each(['/nowhere', '/echo/', '/partyline/nowhere', '/__proto__'])(
    'answer 404 at %s, and say what there is',
    async (path) => {
      const { url } = await serve()
      const { status, text } = await refusalOf(`${url}${path}`)
      expect(status).toBe(404)
      expect(text).toContain('/echo')
    },
  )

  it.each(['/ws', '/chat', '/echo', '/partyline/'])(
    'answer 426 to a request at %s that is no WebSocket',
    async (path) => {
      const { port } = await serve()
      const { status, headers } = await ask(port, path)
      expect(status).toBe(426)
      expect(headers).toMatchObject({ upgrade: 'websocket', 'sec-websocket-version': '13' })
    },
  )
})

describe('a standalone server on loopback', () => {
  it('is found at both addresses of localhost, with one lobby', async () => {
    const { port } = await serve()
    const [four, six] = [await client(`ws://127.0.0.1:${port}`), await client(`ws://[::1]:${port}`)]
    four.say('hi')
    await six.until(1)
    expect(six.heard).toEqual(['hi'])
  })

  it('listens on one address where it was told one', async () => {
    const { port, urls } = await serve({ host: '127.0.0.1' })
    expect(urls.chat).toBe(`http://127.0.0.1:${port}`)
    await expect(client(`ws://[::1]:${port}`)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it.each(['http://localhost:5173', 'http://127.0.0.1:1', 'http://[::1]:3000', 'null'])(
    'lets the origin %s in',
    async (origin) => {
      const { url } = await serve()
      const ada = await client(url, undefined, { headers: { Origin: origin } })
      ada.say('hi')
      await ada.until(1)
    },
  )

  it.each(['http://evil.example', 'http://localhost.evil.example', 'http://evillocalhost', 'file://'])(
    'refuses the origin %s with 403',
    async (origin) => {
      const { url, logged } = await serve()
      expect(await refusalOf(url, { Origin: origin })).toMatchObject({ status: 403 })
      expect(logged).toEqual([expect.stringMatching(/^refused: the origin/)])
    },
  )

  it.each(['evil.example', '192.168.1.7', '10.0.0.1:8080', 'localhost.evil.example'])(
    'refuses the host %s with 403 in every family',
    async (host) => {
      const { url, port } = await serve()
      expect(await refusalOf(url, { Host: host })).toMatchObject({ status: 403 })
      expect(await ask(port, '/stats', { headers: { host } })).toMatchObject({ status: 403 })
      expect(await ask(port, '/api/rooms/lobby/publications', { headers: { host } })).toMatchObject({ status: 403 })
    },
  )

  it.each(['localhost', '127.0.0.1', '[::1]:80', 'LOCALHOST:1'])('takes the host %s for its own', async (host) => {
    const { port } = await serve()
    expect(await ask(port, '/stats', { headers: { host } })).toMatchObject({ status: 200 })
  })

  it('refuses a page from a file as soon as something is configured', async () => {
    const byHosts = await serve({ hosts: ['chat.example'] })
    const byOrigins = await serve({ origins: ['https://app.example'] })
    for (const { url, standalone } of [byHosts, byOrigins]) {
      expect(standalone.allowsFiles).toBe(false)
      expect(await refusalOf(url, { Origin: 'null' })).toMatchObject({ status: 403 })
    }
  })
})

describe('a configured standalone server', () => {
  it('goes by the names it was given', async () => {
    const { url, port } = await serve({ hosts: ['chat.example'] })
    await client(url, undefined, { headers: { Host: 'chat.example', Origin: 'http://chat.example' } })
    expect(await ask(port, '/stats', { headers: { host: 'chat.example:443' } })).toMatchObject({ status: 200 })
    expect(await refusalOf(url, { Host: 'other.example' })).toMatchObject({ status: 403 })
  })

  it('lets in the origins it was given, and no other', async () => {
    const { url } = await serve({ origins: ['https://app.example'] })
    await client(url, undefined, { headers: { Origin: 'https://app.example' } })
    expect(await refusalOf(url, { Origin: 'http://app.example' })).toMatchObject({ status: 403 })
    expect(await refusalOf(url, { Origin: 'https://app.example.evil.example' })).toMatchObject({ status: 403 })
  })

  it('goes by IP addresses, and lets no page from a file in, where it listens for others', async () => {
    const { port, standalone } = await serve({ host: '0.0.0.0' })
    const url = `ws://127.0.0.1:${port}`
    expect(standalone.allowsFiles).toBe(false)
    await client(url, undefined, { headers: { Host: '10.1.2.3:8080' } })
    expect(await refusalOf(url, { Host: 'evil.example' })).toMatchObject({ status: 403 })
    expect(await refusalOf(url, { Origin: 'null' })).toMatchObject({ status: 403 })
  })
})

describe('a port that is taken', () => {
  it.each(['127.0.0.1', '::1'])('on %s is told with its address, and nothing is left listening', async (address) => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, address, resolve))
    onTestFinished(() => void other.close())
    const { port } = other.address() as { port: number }
    const refused = await serve({ port }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(ListenError)
    expect(refused).toMatchObject({ code: 'EADDRINUSE', address, port })
    const elsewhere = address === '::1' ? '127.0.0.1' : '::1'
    await expect(client(`ws://${elsewhere === '::1' ? '[::1]' : elsewhere}:${port}`)).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
  })
})

describe('a standalone server that closes', () => {
  it('tells everybody 1001, at both addresses, and frees its port', async () => {
    const { port, standalone } = await serve()
    const all = [await client(`ws://127.0.0.1:${port}`), await client(`ws://[::1]:${port}`, 'partyline.v1')]
    await standalone.close()
    for (const each of all) await each.untilClosed(1001)
    const again = await serve({ port: Number(port) })
    expect(again.port).toBe(port)
  })

  it('does not wait for those who never answer longer than it was told', async () => {
    const { port, standalone } = await serve({ closeTimeoutMs: 50 })
    const mute = await client(`ws://[::1]:${port}`)
    mute.socket.pause()
    await standalone.close()
    expect(standalone.clientCount).toBe(0)
  })
})
