import { describe, expect, it } from 'vitest'
import { isTorture, runs } from '../../test/torture.ts'
import { text } from '../src/frame.ts'
import { HealthyClient } from '../src/healthy-client.ts'
import { Peer, upgradeHead } from '../src/peer.ts'
import { ServerChild } from '../src/server-child.ts'
import { underAttack } from '../src/under-attack.ts'
import { until } from '../src/until.ts'

/** How many are tried at once: less than what a listening socket keeps waiting. */
const AT_ONCE = 50

async function inGroups(count: number, each: () => Promise<unknown>): Promise<void> {
  for (let at = 0; at < count; at += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - at) }, each))
  }
}

describe('H8: connects without a byte', () => {
  it('lets go of who connects and says nothing', async () => {
    await underAttack({}, async (target) => {
      const server = target.io.httpServer
      if (server !== undefined && !isTorture) server.headersTimeout = 400
      const peers: Peer[] = []
      await inGroups(runs(150, 9_000), async () => void peers.push(await target.tcp()))
      for (const peer of peers) await peer.over()
      expect(new Set(peers.map(({ status }) => status))).toEqual(new Set([408]))
      await target.left()
    })
  })

  it('lives through those who connect and reset at once', async () => {
    await underAttack({}, async (target) => {
      await inGroups(runs(300, 10_000), async () => (await Peer.tcp(target.port)).drop())
      await target.left()
      expect(target.log).toEqual([])
    })
  })

  it('lives through those who reset behind a request that is being answered', async () => {
    await underAttack({ rooms: { lobby: { history: true } }, http: '/api' }, async (target) => {
      const requests = [
        upgradeHead(),
        'GET /api/rooms/lobby/publications HTTP/1.1\r\nHost: localhost\r\n\r\n',
        'GET /api/events?room=lobby HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n',
        'POST /api/rooms/lobby/publications HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n',
      ]
      for (const request of requests) {
        await inGroups(runs(50, 2_000), async () => {
          const peer = await Peer.tcp(target.port)
          peer.send(request)
          await new Promise<void>((resolve) => peer.socket.write('', () => resolve()))
          await peer.drop()
        })
      }
      await target.left()
      expect(target.log).toEqual([])
    })
  })

  it('goes on where no more files may be open: who is there keeps its line, and who comes later gets in', async () => {
    const server = await ServerChild.start({}, { maxOpenFiles: 120 })
    const healthy = await HealthyClient.connect(server.port)
    for (let round = 0; round < runs(2, 20); round++) {
      const peers: Peer[] = []
      await inGroups(runs(150, 400), async () => void peers.push(await server.tcp()))
      // Some were accepted and are silent, the others were let go of at once: nothing is left for one more.
      await until(() => peers.some(({ isOver }) => isOver), 'the limit is reached')
      await healthy.echo()
      const shut = await server.tcp()
      shut.send(upgradeHead())
      await shut.over()
      expect(shut.status).toBeUndefined()
      await healthy.echo()

      await server.dropAll()
      let latecomer: Peer | undefined
      while (latecomer === undefined) latecomer = await server.webSocket().catch(() => undefined)
      latecomer.send(text('hello'))
      expect(await latecomer.texted(1)).toEqual(['Echo: hello'])
      await latecomer.drop()
    }
    expect(server.child.isRunning).toBe(true)
    await healthy.stop()
    await healthy.peer.drop()
  })
})
