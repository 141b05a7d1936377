import { describe, expect, it } from 'vitest'
import { json, text } from '../src/frame.ts'
import { httpRequest } from '../src/peer.ts'
import { mark, underAttack } from '../src/under-attack.ts'

const everything = { subscribe: true, publish: true, history: true, presence: true }
const options = { rooms: { '*': everything }, http: '/api' }
const builtIn = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf']
const repeated = (pair: string, bytes: number): string => pair.repeat(Math.floor(bytes / pair.length))

/** What is asked of the HTTP API, and the protocol's own answer to it. */
const requests: readonly (readonly [query: string, status: number, code?: string])[] = [
  ...builtIn.flatMap((name): (readonly [string, number, string?])[] => [
    [`events?room=${name}`, 200],
    [`events?room=lobby&namespace=${name}`, 404, 'not_found'],
    [`events?room=lobby&since=${name}`, 400, 'invalid'],
    [`events?room=lobby&wait=${name}`, 400, 'invalid'],
    [`events?${name}=${name}`, 400, 'invalid'],
    [`rooms/${name}/publications`, 200],
    [`rooms/${name}/publications?before=${name}`, 400, 'invalid'],
    [`rooms/lobby/publications?limit=${name}`, 400, 'invalid'],
    [`rooms/lobby/presence?after=${name}&limit=1`, 200],
    [`rooms/lobby/${name}`, 404, 'not_found'],
    [`${name}/lobby/publications`, 404, 'not_found'],
    [`${name}`, 404, 'not_found'],
  ]),
  ['events', 400, 'invalid'],
  ['events?room=', 400, 'invalid'],
  ['events?room', 400, 'invalid'],
  ['events?room[]=lobby', 400, 'invalid'],
  ['events?ROOM=lobby', 400, 'invalid'],
  ['events?room=lobby&room=lobby', 200],
  ['events?room=lobby&namespace=/&namespace=/nowhere', 200],
  ['events?room=%00', 400, 'invalid'],
  ['events?room=%ff', 200],
  ['events?room=lobby&wait=-1', 400, 'invalid'],
  ['events?room=lobby&wait=1e309', 400, 'invalid'],
  ['events?room=lobby&wait=NaN', 400, 'invalid'],
  ['events?room=lobby&wait=999999', 200],
  [`events?${repeated('room=lobby&', 7_000)}`, 200],
  [`events?${Array.from({ length: 1_001 }, (_, i) => `room=${i.toString(36)}`).join('&')}`, 429, 'too_many'],
  [`events?room=lobby&${repeated('&', 7_000)}`, 200],
  [`events?room=lobby&${repeated('a=%25&', 7_000)}`, 200],
  ['rooms/%/publications', 400, 'invalid'],
  ['rooms/%ff/publications', 400, 'invalid'],
  ['rooms//publications', 400, 'invalid'],
  ['rooms/lobby/publications/more', 404, 'not_found'],
  ['rooms/lobby/publications?limit=0x10', 400, 'invalid'],
  ['rooms/lobby/publications?limit=5&limit=x', 200],
]

describe('H7: odd queries', () => {
  it('gets the protocol’s own answer from the HTTP API', async () => {
    await underAttack(options, async (target) => {
      for (const [query, status, code] of requests) {
        const peer = await target.tcp()
        peer.send(httpRequest('GET', `/api/${query}`, ['Host: localhost', 'Connection: close']))
        await peer.over()
        const body = JSON.parse(peer.answer.slice(peer.answer.indexOf('\r\n\r\n')))
        expect([query, peer.status, body.code]).toEqual([query, status, code])
      }
    })
  })

  it('is nothing to a WebSocket but names and values, the first of which counts', async () => {
    await underAttack(options, async (target) => {
      const pairs = builtIn.map((name) => `${name}=${name}`).join('&')
      const queries: unknown[] = []
      target.io.on('connection', ({ handshake: { query, auth } }) => {
        queries.push([Object.getPrototypeOf(query), Object.keys(query).sort(), query.sid, auth.name, auth.token])
      })
      const peer = await target.webSocket({
        path: `/?${pairs}&sid=1&sid=2&name=Ada&name=Eve&token=a&token=b&transport=__proto__&EIO=constructor&subscribe=__proto__`,
      })
      peer.send(text('hello'), json({ type: 'auth', id: 1 }))
      expect((await peer.texted(2))[0]).toBe('Echo: hello')
      expect(JSON.parse(peer.texts[1] as string)).toMatchObject({ type: 'ack', data: { user: { name: 'Ada' } } })
      const names = [...builtIn, 'sid', 'name', 'token', 'transport', 'EIO', 'subscribe'].sort()
      expect(queries).toEqual([[null, names, '1', 'Ada', 'a']])
    })
  })

  it('is too long where it is a megabyte', async () => {
    await underAttack(options, async (target) => {
      for (const [length, webSocket, http] of [
        [9_000, 414, 200],
        [1_000_000, 431, 431],
      ] as const) {
        const query = `room=lobby&x=${mark.padEnd(length, 'x')}`
        const upgrading = await target.asking({ path: `/?${query}` })
        const asking = await target.tcp()
        asking.send(httpRequest('GET', `/api/events?${query}`, ['Host: localhost']))
        await asking.answered()
        expect([upgrading.status, asking.status]).toEqual([webSocket, http])
        for (const { answer } of [upgrading, asking]) expect(answer).not.toContain(mark)
      }
    })
  })

  it.each([
    ['transport=__proto__', 'Transport unknown'],
    ['transport=constructor&EIO=4', 'Transport unknown'],
    ['EIO=constructor', 'Transport unknown'],
    ['EIO=constructor&transport=websocket', 'Unsupported protocol version'],
    ['EIO=4&transport=websocket&sid=__proto__', 'Session ID unknown'],
    ['EIO=4&transport=websocket&sid=1&sid=2', 'Session ID unknown'],
  ])('is refused in Engine.IO’s own words at its path: %s', async (query, words) => {
    await underAttack(options, async (target) => {
      const upgrade = await target.asking({ path: `/socket.io/?${query}` })
      expect([upgrade.status, upgrade.answer.split('\r\n\r\n')[1]]).toEqual([400, words])
      const asking = await target.tcp()
      asking.send(httpRequest('GET', `/socket.io/?${query.replace('websocket', 'polling')}`, ['Host: localhost']))
      await asking.answered()
      expect(asking.status).toBe(400)
      expect(asking.answer).toContain(`"message":"${words}"`)
    })
  })
})
