import { describe, expect, it } from 'vitest'
import { runs } from '../../test/torture.ts'
import { close, frame, Opcode, ping, text } from '../src/frame.ts'
import { mark, underAttack } from '../src/under-attack.ts'
import { until } from '../src/until.ts'

const maxControlFramesPerSecond = 100
const flood = runs(10_000, 100_000)

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `ping ${index}`)
const pings = (count: number): Buffer => Buffer.concat(names(count).map((name) => ping(name)))

describe('F3: floods of control frames', () => {
  it('answers every ping, in order and in one write', async () => {
    await underAttack({}, async (target) => {
      const peer = await target.webSocket()
      let writes = 0
      for (const socket of target.sockets) {
        const write = socket.write.bind(socket) as (bytes: Buffer) => boolean
        socket.write = ((bytes: Buffer) => {
          if (bytes.includes('ping ')) writes++
          return write(bytes)
        }) as typeof socket.write
      }
      peer.send(pings(maxControlFramesPerSecond))
      await until(() => peer.pongs.length === maxControlFramesPerSecond, 'every ping is answered')
      expect(peer.pongs).toEqual(names(maxControlFramesPerSecond))
      expect(writes).toBe(1)
    })
  })

  it('closes with 1008 beyond a hundred in a second, and answers no more', async () => {
    const bytes = pings(flood)
    await underAttack({}, async (target) => {
      const attackers = await target.webSockets(runs(5, 20))
      for (const attacker of attackers) attacker.send(bytes, text(mark))
      for (const attacker of attackers) {
        expect(await attacker.closed()).toBe(1008)
        await attacker.over()
        expect(attacker.closes).toHaveLength(1)
        expect(attacker.pongs).toEqual(names(maxControlFramesPerSecond))
        expect(attacker.texts).toEqual([])
      }
    })
  })

  it('takes a flood where the limit is lifted, and answers all of it', async () => {
    const bytes = pings(flood)
    await underAttack({ maxControlFramesPerSecond: flood }, async (target) => {
      const peer = await target.webSocket()
      peer.send(bytes)
      await until(() => peer.pongs.length === flood, 'every ping is answered')
      expect(peer.pongs).toEqual(names(flood))
    })
  })

  it('keeps one pong for who reads nothing, however many pings come', async () => {
    const before = process.memoryUsage().arrayBuffers
    await underAttack({ maxControlFramesPerSecond: 100_000_000 }, async (target) => {
      const attacker = await target.webSocket()
      attacker.socket.pause()
      const bytes = Buffer.concat(Array.from({ length: 500 }, () => ping(mark.padEnd(125))))
      let most = 0
      for (let round = 0; round < runs(200, 2_000); round++) {
        attacker.send(bytes)
        await until(() => attacker.socket.writableLength === 0, 'the pings are read')
        for (const socket of target.sockets) most = Math.max(most, socket.writableLength)
      }
      // What is read in one go is answered before the stream says that it is full: 32 reads of 64 KB.
      expect(most).toBeLessThan(4_000_000)
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000_000)
    })
  })

  it('counts pongs that nobody asked for', async () => {
    const pong = frame(Opcode.pong, mark)
    await underAttack({}, async (target) => {
      const modest = await target.webSocket()
      modest.send(Buffer.alloc(maxControlFramesPerSecond * pong.length, pong), text('hello'))
      expect(await modest.texted(1)).toEqual(['Echo: hello'])
      const attacker = await target.webSocket()
      attacker.send(Buffer.alloc(flood * pong.length, pong))
      expect(await attacker.closed()).toBe(1008)
    })
  })

  it('answers the first of a thousand close frames, and nothing behind it', async () => {
    const goodbyes = Buffer.concat(Array.from({ length: 1_000 }, (_, index) => close(3_000 + index, mark)))
    await underAttack({ closeTimeoutMs: 150 }, async (target) => {
      const attacker = await target.webSocket()
      attacker.send(goodbyes, text(mark), ping(mark))
      await attacker.over()
      expect(attacker.closes).toEqual([{ code: 3_000, reason: '' }])
      expect(attacker.frames).toHaveLength(1)
      await target.left()
    })
  })
})
