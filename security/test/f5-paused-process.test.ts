import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { isTorture, runs } from '../../test/torture.ts'
import { frame, json, Opcode, text } from '../src/frame.ts'
import { HealthyClient } from '../src/healthy-client.ts'
import { httpRequest, type Peer, type UpgradeRequest } from '../src/peer.ts'
import { ServerChild } from '../src/server-child.ts'
import { until } from '../src/until.ts'

const PAUSE_MS = isTorture ? 10_000 : 2_500
/** All of it is over within the pause, and by more than a late timer may be. */
const options = {
  heartbeatMs: PAUSE_MS / 3,
  heartbeatTimeoutMs: PAUSE_MS / 4,
  connectTimeoutMs: PAUSE_MS / 4,
  messageTimeoutMs: PAUSE_MS / 4,
}

const strict = { headers: ['Sec-WebSocket-Protocol: partyline.v1'] }

/** Answers every ping, of either kind, and counts them. */
function answering(peer: Peer): { readonly pings: number } {
  const count = { pings: 0 }
  peer.onFrame = (each) => {
    if (each.opcode === Opcode.ping) peer.send(frame(Opcode.pong, each.payload))
    else if (each.payload.toString() === '{"type":"ping"}') peer.send(json({ type: 'pong' }))
    else return void peer.frames.push(each)
    count.pings++
  }
  return count
}

/** Stops the server's process for a while: what is sent meanwhile waits in the kernel. */
async function pause({ child }: ServerChild, meanwhile: () => void): Promise<void> {
  child.signal('SIGSTOP')
  meanwhile()
  await delay(PAUSE_MS)
  child.signal('SIGCONT')
}

describe('F5: our own process is paused', () => {
  it('drops no healthy client, whatever it was about to say', async () => {
    const server = await ServerChild.start(options)
    const healthy = await HealthyClient.connect(server.port)
    for (let round = 0; round < runs(1, 5); round++) {
      const counts: { readonly pings: number }[] = []
      const come = async (request?: UpgradeRequest): Promise<Peer> => {
        const peer = await server.webSocket(request)
        counts.push(answering(peer))
        return peer
      }
      const connected = await come(strict)
      connected.send(json({ type: 'connect' }))
      await connected.texted(1)
      const [lenient, writing] = [await come(), await come()]
      const stream = await server.tcp()
      const streaming = ['Host: localhost', 'Accept: text/event-stream']
      stream.send(httpRequest('GET', '/api/events?room=lobby', streaming))
      await stream.answered()
      const poll = await server.tcp()
      const place = /id: (\S+)/.exec(stream.answer)?.[1]
      poll.send(httpRequest('GET', `/api/events?room=lobby&since=${place}&wait=1`, ['Host: localhost']))

      // In the middle of a message, and before the first one.
      writing.send(text('a message that ', { final: false }))
      const connecting = await server.webSocket(strict)
      await pause(server, () => {
        writing.send(frame(Opcode.continuation, 'the pause has cut in two'))
        connecting.send(json({ type: 'connect' }))
        counts.push(answering(connecting))
      })
      expect(await writing.texted(1)).toEqual(['Echo: a message that the pause has cut in two'])
      await until(() => connecting.texts.some((each) => each.includes('welcome')), 'it is let in')
      await poll.answered()
      expect(poll.status).toBe(200)

      // All of them live through more than one round of pings.
      const pings = counts.map((each) => each.pings)
      const all = [lenient, connected, writing, connecting, stream]
      const isSafe = (): boolean => counts.every((each, index) => each.pings >= (pings[index] ?? 0) + 2)
      await until(() => isSafe() || all.some(({ isOver }) => isOver), 'the heart beats on')
      expect(all.map(({ isOver, closes }) => [isOver, closes])).toEqual(all.map(() => [false, []]))
      lenient.send(text('hello'))
      expect(await lenient.texted(1)).toEqual(['Echo: hello'])
      await server.dropAll()
      await healthy.echo()
    }
    await healthy.stop()
    await healthy.peer.drop()
  })

  it('still closes those who stay silent when it goes on', async () => {
    const server = await ServerChild.start(options)
    const [silent, stalled, deaf] = [await server.webSocket(strict), await server.webSocket(), await server.webSocket()]
    answering(stalled)
    stalled.send(text('never finished', { final: false }))
    await pause(server, () => {})
    expect(await silent.closed()).toBe(1008)
    expect(await stalled.closed()).toBe(1013)
    await deaf.over()
    expect(deaf.closes).toEqual([])
  })
})
