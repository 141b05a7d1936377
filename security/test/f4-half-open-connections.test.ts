import { describe, expect, it } from 'vitest'
import { runs } from '../../test/torture.ts'
import { json, Opcode, text } from '../src/frame.ts'
import { mark, underAttack } from '../src/under-attack.ts'
import { until } from '../src/until.ts'

const rooms = { lobby: { subscribe: true, publish: true } }
const strict = { headers: ['Sec-WebSocket-Protocol: partyline.v1'] }

describe('F4: half-open connections', () => {
  it('lets go of who has sent FIN, and answers what was asked before it', async () => {
    await underAttack({ closeTimeoutMs: 150 }, async (target) => {
      const attackers = await target.webSockets(runs(5, 200))
      for (const attacker of attackers) attacker.socket.end(text('last words'))
      await target.left()
      for (const attacker of attackers) {
        await attacker.over()
        expect(attacker.texts).toEqual(['Echo: last words'])
        // To whom has left without a close frame none is sent.
        expect(attacker.closes).toEqual([])
      }
    })
  })

  it('lets go of who has sent FIN in the middle of a frame and reads nothing', async () => {
    await underAttack({ closeTimeoutMs: 150 }, async (target) => {
      const attacker = await target.webSocket()
      attacker.socket.pause()
      attacker.socket.end(text(mark).subarray(0, -1))
      await target.left()
    })
  })

  it('misses whoever is silent behind a cut cable, and writes nothing to it after', async () => {
    await underAttack(
      { rooms },
      async (target) => {
        // Neither answers: not the ping frames of one, not the ping messages of the other.
        const [lenient, strictly] = [await target.webSocket(), await target.webSocket(strict)]
        strictly.send(json({ type: 'connect' }))
        await strictly.texted(1)
        for (const each of [lenient, strictly]) each.send(json({ type: 'subscribe', room: 'lobby', id: 1 }))
        await lenient.texted(1)
        await strictly.texted(2)
        await until(() => target.io.stats.clients.total === 1, 'the heartbeat has missed both')
        await target.io.publish('lobby', mark)
        target.io.emit('said', mark)
        await target.left()
        for (const each of [lenient, strictly]) {
          await each.over()
          expect(each.closes).toEqual([])
          expect(each.texts.join()).not.toContain(mark)
        }
        expect(lenient.frames.some(({ opcode }) => opcode === Opcode.ping)).toBe(true)
        expect(strictly.texts).toContain('{"type":"ping"}')
      },
      { speed: 200 },
    )
  })

  it('misses many at once', async () => {
    await underAttack({ heartbeatMs: 250, heartbeatTimeoutMs: 100 }, async (target) => {
      await target.webSockets(runs(100, 2_000))
      await target.left()
    })
  })

  it('takes any byte for a sign of life', async () => {
    const heartbeatMs = 250
    await underAttack({ heartbeatMs, heartbeatTimeoutMs: 250 }, async (target) => {
      const [silent, talking] = [await target.webSocket(), await target.webSocket()]
      let count = 0
      while (!silent.isOver) {
        talking.send(text('I never answer a ping'))
        await talking.texted(++count)
      }
      expect(talking.isOver).toBe(false)
      expect(talking.frames.some(({ opcode }) => opcode === Opcode.pong)).toBe(false)
    })
  })
})
