import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { runs } from '../../test/torture.ts'
import { frame, Opcode, text } from '../src/frame.ts'
import { mark, underAttack } from '../src/under-attack.ts'

const { continuation } = Opcode
/** The defaults of a connection. */
const maxFragments = 131_072
const maxEmptyFragments = 1_024

const first = (payload = ''): Buffer => text(payload, { final: false })
const last = (payload = ''): Buffer => frame(continuation, payload)

/** The same fragment again and again. */
function fragments(count: number, payload = ''): Buffer {
  const one = frame(continuation, payload, { final: false })
  return Buffer.alloc(count * one.length, one)
}

/** Payload in fragments of so many bytes. */
function inFragments(payload: string, size: number): Buffer {
  return Buffer.concat([
    first(payload.slice(0, size)),
    fragments(payload.length / size - 2, payload.slice(0, size)),
    last(payload.slice(0, size)),
  ])
}

describe('F2: floods of fragments', () => {
  it('closes with 1008 behind 1,024 empty fragments', async () => {
    const flood = Buffer.concat([first(), fragments(runs(5_000, 100_000))])
    await underAttack({}, async (target) => {
      const attacker = await target.webSocket()
      attacker.send(flood, text(mark))
      expect(await attacker.closed()).toBe(1008)
      expect(attacker.texts).toEqual([])
    })
  })

  it('takes as many empty fragments as are allowed', async () => {
    await underAttack({}, async (target) => {
      const peer = await target.webSocket()
      peer.send(first(), fragments(maxEmptyFragments - 1), last('hello'))
      expect(await peer.texted(1)).toEqual(['Echo: hello'])
    })
  })

  it('closes with 1008 behind 131,072 fragments of one byte', async () => {
    const flood = Buffer.concat([first('x'), fragments(maxFragments, 'x'), last('x')])
    await underAttack({}, async (target) => {
      const attacker = await target.webSocket()
      attacker.send(flood)
      expect(await attacker.closed()).toBe(1008)
      expect(attacker.texts).toEqual([])
    })
  })

  it('takes 131,072 fragments, and keeps no more of them than their bytes', async () => {
    const message = 'x'.repeat(maxFragments)
    const bytes = inFragments(message, 1)
    await underAttack({}, async (target) => {
      const peer = await target.webSocket()
      const before = process.memoryUsage().arrayBuffers
      let most = 0
      const unfinished = bytes.subarray(0, -1)
      for (let at = 0; at < unfinished.length; at += 65_536) {
        peer.send(unfinished.subarray(at, at + 65_536))
        await target.healthy.echo()
        most = Math.max(most, process.memoryUsage().arrayBuffers)
      }
      // A view of 100 bytes for each fragment would be 13 MB, and the chunks they point into.
      expect(most - before).toBeLessThan(8_000_000)
      peer.send(bytes.subarray(-1))
      expect(await peer.texted(1)).toEqual([`Echo: ${message}`])
    })
  })

  it('takes a large message in fragments of 64 bytes', async () => {
    const message = 'x'.repeat(runs(262_144, 4_194_304))
    const bytes = inFragments(message, 64)
    await underAttack({ maxPayloadBytes: message.length }, async (target) => {
      const peer = await target.webSocket()
      peer.send(bytes)
      expect((await peer.texted(1))[0]?.length).toBe(message.length + 6)
    })
  })

  it('stops a message that is too big at the fragment that makes it so', async () => {
    const maxPayloadBytes = 10_000
    await underAttack({ maxPayloadBytes }, async (target) => {
      const attacker = await target.webSocket()
      attacker.send(first(), fragments(maxPayloadBytes, 'x'))
      await target.healthy.echo()
      expect(attacker.closes).toEqual([])
      attacker.send(frame(continuation, 'x', { final: false }).subarray(0, 2))
      expect(await attacker.closed()).toBe(1009)
    })
  })

  it('takes a message in TCP segments of one byte', async () => {
    const message = 'x'.repeat(runs(1_000, 20_000))
    const bytes = text(message)
    await underAttack({}, async (target) => {
      const peer = await target.webSocket()
      let reads = 0
      for (const socket of target.sockets) socket.on('data', () => reads++)
      for (let at = 0; at < bytes.length; at++) {
        peer.send(bytes.subarray(at, at + 1))
        await nextTurn()
      }
      expect(await peer.texted(1)).toEqual([`Echo: ${message}`])
      expect(reads).toBeGreaterThan(message.length / 2)
    })
  })

  it('forgets what was gathered for those who go in the middle', async () => {
    const half = Buffer.concat([first(), fragments(1_000, mark)])
    await underAttack({}, async (target) => {
      const attackers = await target.webSockets(runs(20, 500))
      for (const attacker of attackers) attacker.send(half)
      await target.healthy.echo()
      await Promise.all(attackers.map((attacker) => attacker.drop()))
      await target.left()
    })
  })
})
