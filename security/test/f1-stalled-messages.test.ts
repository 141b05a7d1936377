import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { runs } from '../../test/torture.ts'
import { frame, Opcode, ping, text } from '../src/frame.ts'
import type { Peer } from '../src/peer.ts'
import { mark, underAttack } from '../src/under-attack.ts'
import { until } from '../src/until.ts'

const { continuation } = Opcode
const whole = text(mark.repeat(30))

/** What is sent before nothing more comes. */
const stalls: readonly (readonly [where: string, bytes: Buffer])[] = [
  ['behind the first byte of a frame', whole.subarray(0, 1)],
  ['inside the length', whole.subarray(0, 3)],
  ['inside the mask', whole.subarray(0, 6)],
  ['in front of the payload', whole.subarray(0, 8)],
  ['inside the payload', whole.subarray(0, 100)],
  ['a byte before the end', whole.subarray(0, -1)],
  ['inside a control frame', ping(mark).subarray(0, 8)],
  ['behind a first fragment', text(mark, { final: false })],
  ['behind an empty first fragment', text('', { final: false })],
  ['inside a later fragment', Buffer.concat([text(mark, { final: false }), frame(continuation, mark).subarray(0, 9)])],
  ['behind a whole message and half of one', Buffer.concat([text('hello'), whole.subarray(0, 100)])],
]

const options = { messageTimeoutMs: 150, closeTimeoutMs: 150 }

/** Waits for the close, and for the server to let go though nobody answers. */
async function isClosedLater(attacker: Peer): Promise<void> {
  expect(await attacker.closed()).toBe(1013)
  expect(attacker.closes).toHaveLength(1)
  await attacker.over()
}

describe('F1: messages that are never finished', () => {
  it.each(stalls)('closes with 1013 who stalls %s', async (_where, bytes) => {
    await underAttack(options, async (target) => {
      const attackers = await target.webSockets(runs(3, 100))
      for (const attacker of attackers) attacker.send(bytes)
      await Promise.all(attackers.map(isClosedLater))
      await target.left()
    })
  })

  it('closes with 1013 who sends only control frames behind a fragment', async () => {
    await underAttack({ ...options, maxControlFramesPerSecond: 1_000_000 }, async (target) => {
      const attacker = await target.webSocket()
      attacker.send(text(mark, { final: false }))
      while (attacker.closes.length === 0 && !attacker.isOver) {
        attacker.send(ping('alive'))
        await delay(5)
      }
      await isClosedLater(attacker)
      await target.left()
    })
  })

  it('closes with 1013 who stalls and reads nothing', async () => {
    await underAttack(options, async (target) => {
      const attacker = await target.webSocket()
      attacker.socket.pause()
      attacker.send(whole.subarray(0, 100))
      await target.left()
      attacker.socket.resume()
      await isClosedLater(attacker)
    })
  })

  it('leaves alone who is slow but goes on', async () => {
    const messageTimeoutMs = 2_000
    await underAttack({ ...options, messageTimeoutMs }, async (target) => {
      const phone = await target.webSocket()
      const started = performance.now()
      const parts = runs(12, 40)
      const message = 'x'.repeat(100 * parts)
      const bytes = Buffer.concat([
        text(message.slice(0, 150), { final: false }),
        frame(continuation, message.slice(150)),
      ])
      const step = Math.ceil(bytes.length / parts)
      for (let at = 0; at < bytes.length; at += step) {
        phone.send(bytes.subarray(at, at + step))
        await delay((1.5 * messageTimeoutMs) / parts)
      }
      expect(performance.now() - started).toBeGreaterThan(messageTimeoutMs)
      expect(await phone.texted(1)).toEqual([`Echo: ${message}`])
    })
  })

  it('takes nobody who says nothing at all for stalled', async () => {
    await underAttack(options, async (target) => {
      const [quiet, stalled] = [await target.webSocket(), await target.webSocket()]
      quiet.send(text('hello'))
      await quiet.texted(1)
      stalled.send(whole.subarray(0, 100))
      await isClosedLater(stalled)
      await until(() => target.attackers === 1, 'only the stalled one is gone')
      quiet.send(text('again'))
      expect(await quiet.texted(2)).toEqual(['Echo: hello', 'Echo: again'])
    })
  })
})
