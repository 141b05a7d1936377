import { describe, expect, it } from 'vitest'
import type { ServerOptions } from '../../src/index.ts'
import { serve } from '../served.ts'
import { come, connect, refusal } from '../test-client.ts'

const FAR = { 'X-Forwarded-For': '203.0.113.5' }

const proxied = (options: ServerOptions = {}) => serve({ trustProxy: true, ...options })

describe('an upgrade from an address that has too many', () => {
  it('is refused with 429 and when to come back', async () => {
    const { io, url } = await proxied({ perAddress: { maxConnections: 2 } })
    const first = await connect(url, { headers: FAR })
    await connect(url, { headers: FAR })
    const { status, body, headers } = await refusal(url, { headers: FAR })
    expect([status, body, headers['retry-after']]).toEqual([429, 'too many connections from this address\n', '1'])
    await connect(url, { headers: { 'X-Forwarded-For': '203.0.113.6' } })
    await first.close()
    await expect.poll(() => io.stats.clients.total).toBe(2)
    await connect(url, { headers: FAR })
  })

  it('is told so with a close code where a browser could not see the status', async () => {
    const { url } = await proxied({ perAddress: { handshakes: '1 per minute' } })
    await come(url)
    const { client } = await comeFrom(url)
    client.drop()
    const second = await connect(url, { strict: true, headers: FAR })
    const { code, reason } = await second.closed
    expect([code, reason]).toEqual([1013, expect.stringMatching(/^retry=\d{5} too many handshakes from this address$/)])
  })

  it('is counted again when the client has gone, however it goes', async () => {
    const { io, url } = await proxied({ perAddress: { maxConnections: 1 } })
    for (let i = 0; i < 5; i++) {
      const client = await connect(url, { headers: FAR })
      if (i % 2 === 0) client.drop()
      else await client.close(1000)
      await expect.poll(() => io.stats.clients.total).toBe(0)
    }
  })
})

describe('an upgrade', () => {
  it('is refused with 503 where the server is full', async () => {
    const { url } = await serve({ maxConnections: 1 })
    await connect(url)
    expect((await refusal(url)).status).toBe(503)
  })

  it('has the address of the last that the proxy names, where it is trusted', async () => {
    const { io, url } = await proxied()
    await connect(url, { headers: { 'X-Forwarded-For': 'evil, 203.0.113.5' } })
    expect([...io.sockets.sockets.values()].map(({ handshake }) => handshake.address)).toEqual(['203.0.113.5'])
  })

  it('with a forwarded address is believed nothing where no proxy is trusted, and the log says what to set', async () => {
    const { io, url, log } = await serve()
    for (let i = 0; i < 3; i++) await connect(url, { headers: FAR })
    expect([...io.sockets.sockets.values()].map(({ handshake }) => handshake.address)[0]).toBe('127.0.0.1')
    expect(log).toHaveLength(1)
    expect(log[0]?.text).toContain('the option "trustProxy"')
  })
})

async function comeFrom(url: string) {
  const client = await connect(url, { strict: true, headers: FAR })
  client.say({ type: 'connect' })
  return { client, welcome: await client.take() }
}

describe('allowRequest', () => {
  it('decides about plain clients too, over WebSocket and where they poll', async () => {
    const { url } = await serve({
      allowRequest: (request, decide) => void setImmediate(decide, 'not today', request.headers['x-pass'] === 'yes'),
    })
    expect(await refusal(url)).toMatchObject({ status: 403, body: 'not today\n' })
    expect(await refusal(`${url}/partyline/`, { strict: true })).toMatchObject({ status: 403 })
    await connect(url, { headers: { 'X-Pass': 'yes' } })
    const polling = `${url.replace('ws:', 'http:')}/partyline/?EIO=4&transport=polling`
    expect((await fetch(polling)).status).toBe(403)
    expect((await fetch(polling, { headers: { 'X-Pass': 'yes' } })).status).toBe(200)
  })
})
