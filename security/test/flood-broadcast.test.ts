import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { runs } from '../../test/torture.ts'
import { json, Opcode, text } from '../src/frame.ts'
import { mark, underAttack } from '../src/under-attack.ts'
import { until } from '../src/until.ts'

const readsBeforeForced = 256
const rooms = { lobby: { subscribe: true, publish: true, keep: false } } as const

describe('a broadcast while clients flood', () => {
  it('is not held up for more than 256 reads', async () => {
    const flooding = runs(600, 3_000)
    const rounds = runs(10, 50)
    const message = text(mark)
    const publication = json({ type: 'publish', room: 'lobby', data: 'hello' })
    await underAttack({ rooms }, async (target) => {
      const attackers = await target.webSockets(flooding)
      const [reader, publisher] = await target.webSockets(2)
      reader?.send(json({ type: 'subscribe', room: 'lobby', id: 1 }))
      await reader?.texted(1)
      let echoes = 0
      for (const attacker of attackers) {
        attacker.onFrame = ({ opcode }) => {
          if (opcode === Opcode.text) echoes++
        }
      }
      for (let round = 1; round <= rounds; round++) {
        // All of it lies in the kernel before the server's next turn: more reads than a turn of the loop would wait for.
        publisher?.send(publication)
        for (const attacker of attackers) attacker.send(message)
        await nextTurn()
      }
      await until(() => echoes === flooding * rounds, 'the flood is over')
      expect(await reader?.texted(1 + rounds)).toHaveLength(1 + rounds)
      // The flood was one: without the forced flush it would have been all of them.
      expect(target.io.stats.maxReadsWaited).toBe(readsBeforeForced)
    })
  })
})
