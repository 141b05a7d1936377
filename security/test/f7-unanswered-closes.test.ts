import { describe, expect, it } from 'vitest'
import { runs } from '../../test/torture.ts'
import { close, text } from '../src/frame.ts'
import type { Peer } from '../src/peer.ts'
import { mark, type Target, underAttack } from '../src/under-attack.ts'
import { until } from '../src/until.ts'

const options = { closeTimeoutMs: 200, rooms: { flood: { subscribe: true } } }
const attacking = { path: '/?name=attacker' }

/** The server's sockets of attackers, as the application sees them. */
const attackersOf = ({ io }: Target) =>
  [...io.sockets.sockets.values()].filter(({ handshake }) => handshake.query.name === 'attacker')

/** Attackers that read nothing, and to whom so much was sent that their windows are closed and more waits here. */
async function zeroWindows(target: Target, count: number): Promise<Peer[]> {
  const attackers = await target.webSockets(count, attacking)
  for (const attacker of attackers) attacker.socket.pause()
  const waits = (): number => [...target.sockets].filter((socket) => socket.writableLength > 0).length
  await until(() => {
    for (const socket of attackersOf(target)) socket.emit('filling', 'x'.repeat(200_000))
    return waits() >= count
  }, 'every window is closed')
  return attackers
}

describe('F7: closing handshakes that go nowhere', () => {
  it('cuts off who never answers our close', async () => {
    await underAttack(options, async (target) => {
      const attackers = await target.webSockets(runs(20, 500), attacking)
      for (const socket of attackersOf(target)) socket.disconnect()
      await target.left()
      for (const attacker of attackers) {
        await attacker.over()
        expect(attacker.closes).toEqual([{ code: 1000, reason: 'disconnected by the server' }])
      }
    })
  })

  it('cuts off who goes on talking in place of an answer, and does nothing it says', async () => {
    await underAttack(options, async (target) => {
      const [attacker] = await target.webSockets(1, attacking)
      for (const socket of attackersOf(target)) socket.disconnect()
      await attacker?.closed()
      await until(() => {
        attacker?.send(text(mark))
        return target.attackers === 0
      }, 'the talker is cut off')
      expect(attacker?.texts).toEqual([])
    })
  })

  it('cuts off whose window is closed when we close', async () => {
    await underAttack(options, async (target) => {
      await zeroWindows(target, runs(5, 20))
      for (const socket of attackersOf(target)) socket.disconnect()
      await target.left()
    })
  })

  it('cuts off who closes behind a closed window', async () => {
    await underAttack(options, async (target) => {
      const attackers = await zeroWindows(target, runs(5, 20))
      for (const attacker of attackers) attacker.send(close(1000, mark))
      await target.left()
    })
  })

  it('cuts off whose fault it is behind a closed window', async () => {
    await underAttack(options, async (target) => {
      const attackers = await zeroWindows(target, runs(5, 20))
      for (const attacker of attackers) attacker.send(text(mark, { reserved: 7 }))
      await target.left()
    })
  })

  it('cuts off who was answered and does not let go', async () => {
    await underAttack(options, async (target) => {
      const attackers = await target.webSockets(runs(5, 100))
      // The closing handshake is done; the stream is left half-open.
      for (const attacker of attackers) attacker.send(close(1000))
      await target.left()
      for (const attacker of attackers) expect(attacker.closes).toEqual([{ code: 1000, reason: '' }])
    })
  })
})
