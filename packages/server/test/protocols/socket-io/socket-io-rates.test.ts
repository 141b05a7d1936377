import { describe, expect, it } from 'vitest'
import { once, serve } from '../../served.ts'
import { comeStock, record } from '../../stock-client.ts'

const rates = { messages: { count: 1, perMs: 3_600_000 } }

describe('the rates of a Socket.IO client', () => {
  it('refuse in the acknowledgement what is too much, and say when to come again', async () => {
    const { io, url } = await serve({ rates })
    io.on('connection', (socket) => socket.on('add', (ack) => ack('added')))
    const client = await comeStock(url, { transports: ['websocket'] })
    expect(await client.emitWithAck('add')).toBe('added')
    expect(await client.emitWithAck('add')).toEqual({
      error: { code: 'rate_limited', message: expect.any(String), retryAfterMs: expect.any(Number) },
    })
  })

  it('close the connection of who floods, and nobody takes that for a fault of ours', async () => {
    const logged: string[] = []
    const log = (_fields: object, text: string): void => void logged.push(text)
    const { url } = await serve({ rates, logger: { warn: log, error: log } })
    const client = await comeStock(url, { transports: ['websocket'] })
    const heard = record(client)
    const gone = once(client, 'disconnect')
    for (let count = 0; count < 1_002; count++) client.emit('add')
    await gone
    expect([heard, logged]).toEqual([[], []])
  })
})
