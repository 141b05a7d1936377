import { Server, type ServerOptions } from '@partyline/server'
import { describe, expect, it } from 'vitest'
import { json, text } from '../src/frame.ts'
import { httpRequest, Peer } from '../src/peer.ts'
import { underAttack } from '../src/under-attack.ts'

const rooms = { '*': { subscribe: true, publish: true, history: true, presence: true } }
const options = { rooms, http: '/api', heartbeatMs: 600_000, connectTimeoutMs: 600_000 }
/** Sessions that ended are swept out every few seconds of the server's. */
const speed = 20

/** As they are sent: JSON in which these names are keys like any other. */
const evil = [
  '{"__proto__":{"admin":true}}',
  '{"constructor":{"prototype":{"admin":true}}}',
  '{"__proto__":{"__proto__":{"admin":true}}}',
  '[{"__proto__":{"admin":true}}]',
  '{"a":{"__proto__":{"admin":true}},"$binary":"AA=="}',
  '{"__proto__":{"$binary":"AA=="},"$$binary":1}',
  '{"\\u005f_proto__":{"admin":true}}',
  '{"__proto__":null}',
  '{"__proto__":[]}',
]

/** Nothing that everything inherits from has been touched. */
function expectClean(): void {
  expect(({} as Record<string, unknown>).admin).toBeUndefined()
  expect(([] as unknown as Record<string, unknown>).admin).toBeUndefined()
  expect((() => {}) as unknown as Record<string, unknown>).not.toHaveProperty('admin')
  for (const { prototype } of [Object, Array, Map, Function, String, Number, Promise, Uint8Array]) {
    expect(Object.hasOwn(prototype, 'admin')).toBe(false)
  }
}

/** Values as they are: with what is only inherited, `__proto__` as a key is not the same as another prototype. */
function expectPlain(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (value instanceof Uint8Array) return
  expect([Object.prototype, Array.prototype, null]).toContain(Object.getPrototypeOf(value))
  for (const each of Object.values(value)) expectPlain(each)
}

const strict = { headers: ['Sec-WebSocket-Protocol: partyline.v1'] }

describe('A3: prototype pollution', () => {
  it('finds nothing in messages: what handlers get has the keys that were sent, and ordinary prototypes', async () => {
    await underAttack(options, async (target) => {
      const got: unknown[] = []
      target.io.on('connection', (socket) => {
        socket.on('save', (...args: unknown[]) => {
          got.push(args[0])
          const answer = args.at(-1)
          if (typeof answer === 'function') answer(args[0])
        })
      })
      const peer = await target.webSocket()
      const sent: unknown[] = []
      for (const each of evil) {
        const isObject = each.startsWith('{')
        peer.send(text(`{"type":"save","data":${each},"id":1}`))
        peer.send(text(`{"type":"save","args":[${each}],"id":2}`))
        if (isObject) peer.send(text(`{"type":"save","id":3,${each.slice(1)}`))
        peer.send(text(`{"type":"publish","room":"lobby","data":${each},"id":4}`))
        peer.send(text(`{"__proto__":{"type":"save"},"id":5,"data":${each}}`))
        for (let times = isObject ? 3 : 2; times > 0; times--) sent.push(JSON.parse(each))
      }
      peer.send(text('the last'))
      await peer.texted(sent.length + evil.length * 2)
      expect(got).toHaveLength(sent.length)
      for (const [index, each] of got.entries()) {
        expectPlain(each)
        expect((each as Record<string, unknown>).admin).toBeUndefined()
        if (!JSON.stringify(sent[index]).includes('$')) expect(JSON.stringify(each)).toBe(JSON.stringify(sent[index]))
      }
      expectClean()
    })
  })

  it('finds nothing in what comes with a connect, with auth and with requests', async () => {
    await underAttack(
      options,
      async (target) => {
        const seen: object[] = []
        target.io.on('connection', (socket) => {
          seen.push(socket.data, socket.handshake.auth, socket.handshake.query, socket.handshake.headers, socket.user)
        })
        for (const each of evil) {
          const fields = each.startsWith('{') ? `,${each.slice(1, -1)}` : ''
          for (const connect of [
            `{"type":"connect"${fields}}`,
            `{"type":"connect","rooms":${each}}`,
            `{"type":"connect","rooms":{"__proto__":{"epoch":"x","seq":1},"constructor":{"epoch":"__proto__","seq":1}}}`,
            `{"type":"connect","session":"__proto__","token":"constructor","name":"__proto__"}`,
          ]) {
            const peer = await target.webSocket(strict)
            peer.send(text(connect))
            await peer.texted(1)
            await peer.leave()
          }
          const peer = await target.webSocket({
            path: '/?__proto__[admin]=true&__proto__=x&constructor.prototype.admin=true&name=__proto__',
            headers: ['__proto__: admin', 'constructor: admin', 'Cookie: __proto__=admin'],
          })
          const requests = ['auth', 'subscribe', 'publish', 'history', 'presence', 'unsubscribe', 'ack', 'error']
          for (const type of requests) {
            peer.send(text(`{"type":"${type}","room":"__proto__","id":1${fields}}`))
            peer.send(text(`{"type":"${type}","room":"lobby","since":${each},"before":${each},"error":${each},"id":1}`))
          }
          peer.send(text('the last'))
          await peer.texted(1)
          await peer.drop()
        }
        expect(seen.length).toBeGreaterThan(evil.length)
        for (const each of seen) {
          expect((each as Record<string, unknown>).admin).toBeUndefined()
          expect([Object.prototype, null]).toContain(Object.getPrototypeOf(each))
        }
        expectClean()
      },
      { speed },
    )
  })

  it('finds nothing in what an application puts into a session, which is its alone', async () => {
    await underAttack(
      options,
      async (target) => {
        const data: unknown[] = []
        target.io.on('connection', (socket) => {
          data.push(socket.data)
          socket.on('remember', (what: unknown) => {
            ;(socket.data as Record<string, unknown>).what = what
          })
        })
        const first = await target.webSocket(strict)
        first.send(text('{"type":"connect"}'))
        const { session } = JSON.parse((await first.texted(1))[0] as string)
        first.send(text(`{"type":"remember","data":${evil[0]}}`))
        first.send(json({ type: 'ping' }))
        await first.texted(2)
        await first.drop()
        const second = await target.webSocket(strict)
        second.send(text(`{"type":"connect","session":"${session}","data":${evil[0]},"__proto__":{"admin":true}}`))
        await second.texted(1)
        expect(JSON.stringify(data)).toBe(`[{"what":${evil[0]}},{"what":${evil[0]}}]`)
        for (const each of data) expectPlain(each)
        expectClean()
        await second.leave()
      },
      { speed },
    )
  })

  it('finds nothing in what comes over HTTP', async () => {
    await underAttack(options, async (target) => {
      const bodies: (readonly [string, string])[] = evil.flatMap((each) => [
        ['application/json', each],
        ['application/json', `{"data":${each}}`],
        ['application/json', `{"data":1,"event":"said",${each.slice(1)}`],
        ['application/x-www-form-urlencoded', `data=1&__proto__[admin]=true&__proto__=x&constructor=y`],
        ['text/plain', each],
        ['__proto__', each],
        ['constructor', each],
      ])
      for (const [type, body] of bodies) {
        const peer = await target.tcp()
        const path = '/api/rooms/__proto__/publications?__proto__=x&constructor=y&name=__proto__'
        const headers = ['Host: localhost', 'Connection: close', `Content-Type: ${type}`, 'Idempotency-Key: __proto__']
        peer.send(httpRequest('POST', path, headers, body))
        await peer.over()
        expect([body, [200, 201, 400, 409, 415].includes(peer.status ?? 0)]).toEqual([body, true])
      }
      const page = await Peer.tcp(target.port)
      page.send(httpRequest('GET', '/api/rooms/__proto__/publications', ['Host: localhost', 'Connection: close']))
      await page.over()
      expect(page.status).toBe(200)
      await page.drop()
      expectClean()
    })
  })

  it('finds nothing in a configuration', async () => {
    const configured = JSON.parse(`{
      "__proto__": {"trustProxy": true, "maxPayloadBytes": 7, "admin": true},
      "constructor": {"prototype": {"admin": true}},
      "rooms": {"__proto__": {"subscribe": true}, "constructor": {"publish": true, "__proto__": {"history": true}}},
      "plain": {"aliases": {"__proto__": "/", "/x": "/"}},
      "cors": {"__proto__": {"origin": true}},
      "perAddress": {"__proto__": {"maxConnections": 1}},
      "rates": {"events": {"__proto__": "1 per hour"}, "__proto__": {"messages": "1 per hour"}}
    }`) as ServerOptions
    const io = new Server(configured)
    expect(io.options.trustProxy).toBe(false)
    expect(io.options.maxPayloadBytes).toBe(1_000_000)
    expect(io.options.rates).toMatchObject({ messages: undefined })
    expectClean()
    await io.close()
    await underAttack({ ...configured, heartbeatMs: 600_000 }, async (target) => {
      const peer = await target.webSocket()
      const requests = [
        { type: 'subscribe', room: '__proto__' },
        { type: 'publish', room: '__proto__' },
        { type: 'publish', room: 'constructor' },
        { type: 'history', room: 'constructor' },
        { type: 'subscribe', room: 'toString' },
        { type: '__proto__' },
        { type: '__proto__' },
      ]
      for (const [id, request] of requests.entries()) peer.send(json({ ...request, id }))
      const codes = (await peer.texted(requests.length)).map((each) => JSON.parse(each).error?.code ?? 'done')
      expect(codes).toEqual(['done', 'forbidden', 'done', 'forbidden', 'unknown_room', 'unknown_event', 'rate_limited'])
      const other = await target.asking({ headers: ['Origin: http://evil.example'] })
      expect(other.status).toBe(403)
      expectClean()
    })
  })
})
