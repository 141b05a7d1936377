import { describe, expect, it } from 'vitest'
import { runs } from '../../test/torture.ts'
import { close, json, text } from '../src/frame.ts'
import { mark, underAttack } from '../src/under-attack.ts'

const rooms = { lobby: { subscribe: true, publish: true, history: true } }
const strict = { headers: ['Sec-WebSocket-Protocol: partyline.v1'] }
/** No ping comes between the answers. */
const options = { rooms, heartbeatMs: 600_000 }
const depth = runs(5_000, 400_000)

/** A message around JSON that may be anything. */
const around = (data: string, type = 'deep'): string => `{"type":"${type}","id":1,"data":${data}}`
const nested = (open: string, inner: string, shut: string, levels: number): string =>
  open.repeat(levels) + inner + shut.repeat(levels)

/** What is nested too deep, and refused before it is parsed. */
const deep: readonly (readonly [name: string, message: string])[] = [
  ['arrays', around(nested('[', '1', ']', depth))],
  ['objects', around(nested('{"a":', '1', '}', runs(5_000, 150_000)))],
  ['arrays that never end', around('['.repeat(depth))],
  ['brackets behind a string full of them', around(`["${'[\\"'.repeat(100)}",${nested('[', '1', ']', 100)}]`)],
  ['one level too many', around(nested('[', '1', ']', 64))],
  ['a publication', around(nested('[', '1', ']', depth), 'publish').replace('{', '{"room":"lobby",')],
  ['a guest', `{"type":"auth","id":1,"name":${nested('[', '1', ']', depth)}}`],
]

/** What is odd, and harmless: the handler gets what JSON.parse makes of it, and the echo says the same. */
const odd: readonly (readonly [name: string, data: string])[] = [
  ['as deep as may be', nested('[', '1', ']', 63)],
  ['brackets in a string', `"${'['.repeat(100_000)}"`],
  ['quotes and brackets in a string', `"${'\\"['.repeat(100_000)}"`],
  ['a string of escapes', `"${'\\u0041'.repeat(160_000)}"`],
  ['a string of escaped backslashes', `"${'\\\\'.repeat(400_000)}"`],
  ['a number of 10,000 digits', '9'.repeat(10_000)],
  ['a fraction of 10,000 digits', `0.${'3'.repeat(10_000)}`],
  ['exponents', '[1e308, 1e309, -1e309, 1e-400, 1e99999999]'],
  ['duplicate keys', `{${'"a":1,'.repeat(50_000)}"a":2}`],
  ['100,000 keys', `{${Array.from({ length: 60_000 }, (_, index) => `"k${index}":0`).join()}}`],
  ['keys that are numbers', `{${Array.from({ length: 10_000 }, (_, index) => `"${index * 4_000_000}":0`).join()}}`],
  ['many siblings', `[${'[],'.repeat(300_000)}[]]`],
  ['lone surrogates', '"\\ud800\\udfff\\ud800"'],
]

describe('A4: hostile JSON', () => {
  it.each(deep)('refuses %s, and the connection lives', async (_name, message) => {
    await underAttack(options, async (target) => {
      for (const request of [undefined, strict]) {
        const attacker = await target.webSocket(request)
        if (request !== undefined) attacker.send(json({ type: 'connect' }))
        attacker.send(text(message), json({ type: 'ping' }))
        const answers = await attacker.texted(request === undefined ? 2 : 3)
        expect(JSON.parse(answers.at(-2) as string)).toMatchObject({ error: { code: 'invalid' } })
        expect(answers.at(-1)).toBe('{"type":"pong"}')
        attacker.send(close(1000))
        await attacker.over()
      }
      expect(target.io.stats.kept.entries).toBe(0)
    })
  })

  it('takes for text what no message can be, however deep', async () => {
    const brackets = '['.repeat(10_000)
    await underAttack(options, async (target) => {
      const attacker = await target.webSocket()
      attacker.send(text(brackets), text(nested('[', '1', ']', depth)))
      const [first] = await attacker.texted(2)
      expect(first).toBe(`Echo: ${brackets}`)
    })
  })

  it('refuses a strict `connect` that is too deep', async () => {
    await underAttack(options, async (target) => {
      const attacker = await target.webSocket(strict)
      attacker.send(text(`{"type":"connect","rooms":${nested('{"a":', '1', '}', depth)}}`))
      expect(JSON.parse((await attacker.texted(1))[0] as string)).toMatchObject({ error: { code: 'invalid' } })
      expect(await attacker.closed()).toBe(1002)
    })
  })

  it('closes with 1007 a strict client whose brackets are no JSON', async () => {
    await underAttack(options, async (target) => {
      const attacker = await target.webSocket(strict)
      attacker.send(text(`{"type":"connect","name":"${mark}`))
      expect(await attacker.closed()).toBe(1007)
      expect(attacker.closes[0]?.reason).not.toContain(mark)
    })
  })

  it.each(odd)('hands on %s as it is', async (_name, data) => {
    await underAttack(options, async (target) => {
      const got: unknown[] = []
      target.io.once('connection', (socket) => {
        socket.on('odd', (given: unknown) => {
          got.push(given)
          socket.emit('odd', given)
        })
      })
      const peer = await target.webSocket()
      peer.send(json({ type: 'subscribe', room: 'lobby', id: 0 }))
      peer.send(text(`{"type":"odd","data":${data}}`))
      peer.send(text(`{"type":"publish","room":"lobby","data":${data}}`))
      const [, echoed, published] = (await peer.texted(3)).map((each) => JSON.parse(each))
      // As text: comparing a million values one by one takes longer than everything before.
      const meant = JSON.stringify(JSON.parse(data))
      expect(got.map((each) => JSON.stringify(each) === meant)).toEqual([true])
      expect([echoed.type, JSON.stringify(echoed.data) === meant]).toEqual(['odd', true])
      expect([published.room, published.seq, JSON.stringify(published.data) === meant]).toEqual([
        'lobby',
        expect.any(Number),
        true,
      ])
    })
  })

  it('refuses more arguments than a call can hold', async () => {
    await underAttack(options, async (target) => {
      let calls = 0
      target.io.once('connection', (socket) => socket.on('many', () => void calls++))
      const attacker = await target.webSocket()
      attacker.send(text(`{"type":"many","id":1,"args":[${'1,'.repeat(200_000)}1]}`))
      expect(JSON.parse((await attacker.texted(1))[0] as string)).toMatchObject({ id: 1, error: { code: 'invalid' } })
      expect(calls).toBe(0)
    })
  })
})
