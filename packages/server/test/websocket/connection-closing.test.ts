import { describe, expect, it } from 'vitest'
import { clientFrame, hex } from './client-frame.ts'
import { settled, TestPeer } from './test-peer.ts'

describe('Connection, closing', () => {
  it.each([
    ['without a code', '8880 <m>', '8800', [1005, '']],
    ['with a code', '8882 <m> 03e8', '880203e8', [1000, '']],
    ['with a code of the application', '8882 <m> 1387', '88021387', [4999, '']],
    ['with a code and a reason', '8885 <m> 03e9 627965', '880203e9', [1001, 'bye']],
  ])('answers a close %s, ends first, and reports it once', async (_, sent, answer, close) => {
    const peer = new TestPeer()
    await peer.send(hex(sent))
    expect(peer.received).toBe(answer)
    expect(peer.ended).toBe(true)
    expect(peer.closes).toEqual([close])
    expect(peer.near.destroyed).toBe(false)
    peer.far.end()
    await settled()
    expect(peer.near.destroyed).toBe(true)
    expect(peer.closes).toEqual([close])
    expect(peer.clock.running).toBe(0)
  })

  it('acts on nothing behind a close', async () => {
    const peer = new TestPeer({ echo: true })
    await peer.send(Buffer.concat([clientFrame(8, hex('03e8')), clientFrame(8), clientFrame(9), clientFrame(1, 'a')]))
    await peer.send(clientFrame(1, 'b'), hex('ffff'))
    expect(peer.received).toBe('880203e8')
    expect(peer.messages).toEqual([])
  })

  it('sends what is pending before it answers a close', async () => {
    const peer = new TestPeer({ echo: true })
    peer.connection.onEnding = () => peer.connection.write([hex('810165')])
    await peer.send(Buffer.concat([clientFrame(1, 'a'), clientFrame(9), clientFrame(8, hex('03e8'))]))
    expect(peer.received).toBe('810165' + '810161' + '8a00' + '880203e8')
  })

  it('lets its owner close in the moment the peer has closed', async () => {
    const peer = new TestPeer()
    peer.connection.onEnding = () => peer.connection.close(4000)
    await peer.send(clientFrame(8, hex('03e8')))
    expect(peer.received).toBe('88020fa0')
    expect(peer.closes).toEqual([[1000, '']])
    expect(peer.ended).toBe(true)
  })

  it('drops the stream when the peer does not let go of it in time', async () => {
    const peer = new TestPeer()
    await peer.send(clientFrame(8, hex('03e8')))
    peer.clock.advance(4_999)
    expect(peer.near.destroyed).toBe(false)
    peer.clock.advance(1)
    expect(peer.near.destroyed).toBe(true)
  })

  it('reads out and drops what comes after the close reply', async () => {
    const peer = new TestPeer()
    await peer.send(clientFrame(8, hex('03e8')))
    for (let i = 0; i < 100; i++) peer.far.write(Buffer.alloc(10_000))
    await settled()
    expect(peer.far.writableLength).toBe(0)
  })

  it('sends what is pending and then its own close, and waits for the answer', async () => {
    const peer = new TestPeer()
    peer.connection.send('last')
    peer.connection.close(4001, 'expired')
    peer.connection.send('too late')
    peer.connection.ping()
    peer.connection.write([hex('810161')])
    await settled()
    expect(peer.received).toBe(`81046c61737488090fa1${Buffer.from('expired').toString('hex')}`)
    expect(peer.ended).toBe(false)
    expect(peer.closes).toEqual([])
    await peer.send(clientFrame(9, 'p'), clientFrame(1, 'a'), clientFrame(8, hex('0fa1')))
    expect(peer.ended).toBe(true)
    expect(peer.closes).toEqual([[4001, '']])
    expect(peer.messages).toEqual([])
  })

  it('closes in the middle of a message without delivering it', async () => {
    const peer = new TestPeer()
    await peer.send(clientFrame(1, 'frag', { fin: false }))
    peer.connection.close()
    await peer.send(clientFrame(0, 'ment'), clientFrame(8, hex('03e8')))
    expect(peer.messages).toEqual([])
    expect(peer.closes).toEqual([[1000, '']])
    expect(peer.clock.running).toBe(1)
  })

  it("keeps the peer's code when both close at the same moment", async () => {
    const peer = new TestPeer()
    peer.far.write(clientFrame(8, hex('0bb8')))
    peer.connection.close(4000)
    await settled()
    expect(peer.received).toBe('88020fa0')
    expect(peer.closes).toEqual([[3000, '']])
  })

  it('terminates with 1006 when its close is not answered', async () => {
    const peer = new TestPeer()
    peer.connection.close(4000)
    await settled()
    peer.clock.advance(5_000)
    await settled()
    expect(peer.near.destroyed).toBe(true)
    expect(peer.closes).toEqual([[1006, '']])
    expect(peer.clock.running).toBe(0)
  })

  it.each([999, 1004, 1005, 1006, 1015, 2999, 5000, Number.NaN])('never sends %d', (code) => {
    const peer = new TestPeer()
    expect(() => peer.connection.close(code)).toThrow(RangeError)
  })

  it('may close without a code', async () => {
    const peer = new TestPeer()
    peer.connection.close(null)
    await settled()
    expect(peer.received).toBe('8800')
  })

  it('cuts its reason at 123 bytes, on a character', async () => {
    const peer = new TestPeer()
    peer.connection.close(1000, 'ä'.repeat(62))
    await settled()
    expect(peer.received).toBe(`887c03e8${'c3a4'.repeat(61)}`)
  })

  it('terminates without a word', async () => {
    const peer = new TestPeer()
    peer.connection.send('never')
    peer.connection.terminate()
    expect(peer.closes).toEqual([])
    await settled()
    expect(peer.received).toBe('')
    expect(peer.closes).toEqual([[1006, '']])
  })

  it('reports 1006 on a FIN without a close, answers what was asked before, and nothing after', async () => {
    const peer = new TestPeer({ echo: true })
    peer.far.end(clientFrame(1, 'a'))
    await settled()
    expect(peer.received).toBe('810161')
    expect(peer.ended).toBe(true)
    expect(peer.closes).toEqual([[1006, '']])
    expect(peer.events).toEqual(['message', 'ending', 'close'])
    expect(peer.near.destroyed).toBe(true)
    peer.connection.send('after')
    peer.connection.write([hex('810161')])
    await settled()
    expect(peer.received).toBe('810161')
  })

  it('answers a close whose peer has said FIN already', async () => {
    const peer = new TestPeer()
    peer.far.end(clientFrame(8, hex('03e8')))
    await settled()
    expect(peer.received).toBe('880203e8')
    expect(peer.closes).toEqual([[1000, '']])
    expect(peer.near.destroyed).toBe(true)
  })

  it('survives a stream that breaks', async () => {
    const peer = new TestPeer()
    peer.near.destroy(new Error('ECONNRESET'))
    await settled()
    expect(peer.closes).toEqual([[1006, '']])
  })
})

describe('Connection, handlers that throw', () => {
  it('closes with 1011 and the reason its owner gives, and delivers nothing more', async () => {
    const peer = new TestPeer()
    let calls = 0
    peer.connection.onMessage = () => {
      calls++
      throw new Error('handler')
    }
    peer.connection.onError = () => 'log line 7'
    await peer.send(Buffer.concat([clientFrame(1, 'a'), clientFrame(1, 'b')]))
    expect(calls).toBe(1)
    expect(peer.received).toBe(`880c03f3${Buffer.from('log line 7').toString('hex')}`)
    expect(peer.closes).toEqual([[1011, 'log line 7']])
  })

  it.each(['onClose', 'onEnding', 'onWritable'] as const)('reports what %s throws', async (name) => {
    const peer = new TestPeer({ reading: false })
    const error = new Error(name)
    peer.connection[name] = () => {
      throw error
    }
    peer.connection.send(Buffer.alloc(100_000))
    await settled()
    peer.read()
    await settled()
    await peer.send(clientFrame(8))
    expect(peer.errors).toEqual([error])
    expect(peer.ended).toBe(true)
  })
})
