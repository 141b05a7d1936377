import { describe, expect, it } from 'vitest'
import type { Handshake } from '../../../src/handshake.ts'
import { Heartbeat } from '../../../src/heartbeat.ts'
import { type EngineReceiver, EngineSession } from '../../../src/transports/engine-io/engine-session.ts'
import { webSocketFraming } from '../../../src/transports/engine-io/framing.ts'
import type { LaneListener } from '../../../src/transports/engine-io/lane.ts'
import { PollingLane } from '../../../src/transports/engine-io/polling-lane.ts'
import { UpgradeProbe } from '../../../src/transports/engine-io/upgrade-probe.ts'
import type { WebSocketLane } from '../../../src/transports/engine-io/websocket-lane.ts'
import { payloadStart } from '../../../src/websocket/frame.ts'
import { StillClock } from '../../suites/still-clock.ts'
import { FakeRequest, FakeResponse } from './fake-exchange.ts'

const HEARTBEAT_MS = 25_000
const TIMEOUT_MS = 20_000
const UPGRADE_TIMEOUT_MS = 10_000

/** A WebSocket's lane that keeps what is said. */
class FakeWebSocketLane {
  readonly name = 'websocket'
  readonly framing = webSocketFraming
  listener: LaneListener | undefined
  writable = true
  unsentBytes = 0
  outgoingMark = 0
  chunksRead = 0
  readonly said: string[] = []
  /** Why it was closed. */
  end: string | undefined
  paused = false

  write(frames: readonly Buffer[]): void {
    for (const frame of frames) this.said.push(`${frame.subarray(payloadStart(frame))}`)
  }
  pause(): void {
    this.paused = true
  }
  resume(): void {
    this.paused = false
  }
  close(reason: string): void {
    this.end ??= reason
  }
  terminate(reason: string): void {
    this.end ??= `${reason}, at once`
  }
  hears(packet: string): void {
    this.chunksRead++
    this.listener?.onPacket(packet)
  }
  get lane(): WebSocketLane {
    return this as unknown as WebSocketLane
  }
}

function make() {
  const clock = new StillClock()
  const heartbeat = new Heartbeat(clock, { heartbeatMs: HEARTBEAT_MS, heartbeatTimeoutMs: TIMEOUT_MS })
  const told: string[] = []
  const polling = new PollingLane({
    clock,
    maxPayloadBytes: 1_000,
    answers: { compressFromBytes: undefined, onHeaders: () => {} },
  })
  const session = new EngineSession('sid', polling, {} as Handshake, {
    heartbeat,
    clock,
    heartbeatMs: HEARTBEAT_MS,
    heartbeatTimeoutMs: TIMEOUT_MS,
    onClosed: (_session, reason) => told.push(`closed: ${reason}`),
  })
  const receiver: EngineReceiver = {
    onMessage: (data) => told.push(`message ${data}`),
    onWritable: () => {},
    onEnding: () => {},
    onUpgrade: () => told.push('upgrade'),
    onError: () => 'error',
    onClose: (reason) => told.push(`told: ${reason}`),
  }
  session.receiver = receiver
  const get = (): FakeResponse => {
    const response = new FakeResponse()
    polling.poll(new FakeRequest('GET').asked, response.given)
    return response
  }
  const post = async (body: string): Promise<FakeResponse> => {
    const request = new FakeRequest('POST')
    const response = new FakeResponse()
    request.end(body)
    await polling.receive(request.asked, response.given)
    return response
  }
  /** One GET after the other for so long; how many were answered. */
  const pollFor = (ms: number): number => {
    let answered = 0
    let parked = get()
    for (let passed = 0; passed < ms; passed++) {
      clock.pass(1)
      if (parked.answer === undefined) continue
      answered++
      parked = get()
    }
    return answered
  }
  /** Lets the client ask for a WebSocket. */
  const upgrade = (): FakeWebSocketLane => {
    const fake = new FakeWebSocketLane()
    session.probe = new UpgradeProbe(session, fake.lane, UPGRADE_TIMEOUT_MS, clock)
    return fake
  }
  return { clock, heartbeat, session, told, get, post, pollFor, upgrade }
}

describe('a session that polls', () => {
  it('hands on messages and keeps pongs, noops and what else means nothing to itself', async () => {
    const { post, told } = make()
    await post('4a\x1e3\x1e6\x1e5\x1e0\x1ebAP8Q\x1e4')
    expect(told).toEqual(['message a', `message ${Buffer.from('00ff10', 'hex')}`, 'message '])
  })

  it('is over when its client pings: in this version the server does', async () => {
    const { post, told, get, session } = make()
    const parked = get()
    await post('4a\x1e2\x1e4b')
    expect(parked.answer).toEqual([200, '1'])
    expect(told).toEqual(['message a', 'closed: transport error', 'told: transport error'])
    expect(session.readyState).toBe('closed')
  })

  it('is over when nothing has come for an interval and a timeout, also where the ping still waits for a GET', () => {
    const { clock, told, heartbeat } = make()
    clock.pass(HEARTBEAT_MS + TIMEOUT_MS - 1)
    expect(told).toEqual([])
    clock.pass(1)
    expect(told).toEqual(['closed: ping timeout', 'told: ping timeout'])
    expect([heartbeat.size, clock.timers]).toEqual([0, 0])
  })

  it('is over where its client polls but never says anything', () => {
    const { clock, told, pollFor } = make()
    expect(pollFor(HEARTBEAT_MS + TIMEOUT_MS - 1)).toBe(1)
    expect(told).toEqual([])
    clock.pass(1)
    expect(told[0]).toBe('closed: ping timeout')
  })

  it('lives as long as its client answers', async () => {
    const { clock, told, post } = make()
    for (let i = 0; i < 10; i++) {
      clock.pass(HEARTBEAT_MS)
      await post('3')
    }
    expect(told).toEqual([])
  })

  it('is not pinged again before it has answered', async () => {
    const { session, get, post } = make()
    session.ping()
    session.ping()
    expect(get().answer).toEqual([200, '2'])
    await post('3')
    session.ping()
    expect(get().answer).toEqual([200, '2'])
  })

  it('is not over while it does not read', async () => {
    const { clock, told, session, pollFor } = make()
    session.pause()
    pollFor(90_000)
    expect(told).toEqual([])
    session.resume()
    clock.pass(HEARTBEAT_MS + TIMEOUT_MS)
    expect(told[0]).toBe('closed: ping timeout')
  })

  it('hears nothing more once it closes, but a goodbye', async () => {
    const { session, post, told } = make()
    session.close()
    await post('4a')
    expect([told, session.readyState]).toEqual([[], 'closing'])
    await post('1')
    expect(told).toEqual(['closed: transport close', 'told: transport close'])
  })
})

describe('the probe of a WebSocket', () => {
  it('is answered there and nowhere else, and lets go of the parked GET', () => {
    const { upgrade, get } = make()
    const parked = get()
    const webSocket = upgrade()
    expect(webSocket.said).toEqual([])
    webSocket.hears('2probe')
    expect(webSocket.said).toEqual(['3probe'])
    expect(parked.answer).toEqual([200, '6'])
  })

  it('is followed by the change: what waits goes out there, in order, and bytes as bytes', async () => {
    const { upgrade, session, told, post } = make()
    const webSocket = upgrade()
    webSocket.hears('2probe')
    session.say('4a')
    session.say(Buffer.from('bytes'))
    expect(webSocket.said).toEqual(['3probe'])
    webSocket.hears('5')
    session.say('4b')
    expect(webSocket.said).toEqual(['3probe', '4a', 'bytes', '4b'])
    expect([told, session.upgraded, session.probe]).toEqual([['upgrade'], true, undefined])
    webSocket.hears('4hi')
    expect(told).toEqual(['upgrade', 'message hi'])
    expect((await post('4no')).answer).toEqual([400, ''])
  })

  it.each(['2', '2probing', '3probe', '4a', '0', '1', '6'])(
    'is not %s: the WebSocket closes, and polling goes on',
    (packet) => {
      const { upgrade, session, get, told } = make()
      const webSocket = upgrade()
      webSocket.hears(packet)
      expect([webSocket.end, webSocket.said, session.probe]).toEqual(['forced close', [], undefined])
      const response = get()
      session.say('4a')
      expect([response.answer, told]).toEqual([[200, '4a'], []])
      const again = upgrade()
      again.hears('2probe')
      again.hears('5')
      expect(told).toEqual(['upgrade'])
    },
  )

  it('that is not gone through with in time closes the WebSocket, and GETs are parked as before', () => {
    const { upgrade, session, get, clock } = make()
    const webSocket = upgrade()
    webSocket.hears('2probe')
    clock.pass(UPGRADE_TIMEOUT_MS - 1)
    expect(webSocket.end).toBeUndefined()
    clock.pass(1)
    expect([webSocket.end, session.probe]).toEqual(['forced close', undefined])
    const response = get()
    clock.pass(1_000)
    expect(response.answer).toBeUndefined()
  })

  it('that breaks off leaves polling as it was', () => {
    const { upgrade, session, told } = make()
    const webSocket = upgrade()
    webSocket.hears('2probe')
    webSocket.listener?.onGone('transport close')
    expect([session.probe, session.lane.name, told]).toEqual([undefined, 'polling', []])
  })

  it('ends with the session', () => {
    const { upgrade, session, told } = make()
    const webSocket = upgrade()
    webSocket.hears('2probe')
    session.terminate()
    expect([webSocket.end, told[0]]).toEqual(['forced close', 'closed: forced close'])
  })

  it('of a session that closes is followed by the change and the end', () => {
    const { upgrade, session } = make()
    const webSocket = upgrade()
    session.say('4last words')
    session.close()
    webSocket.hears('2probe')
    webSocket.hears('5')
    expect([webSocket.said, webSocket.end]).toEqual([['3probe', '4last words'], 'forced close'])
  })

  it('leaves heartbeats as they were: who has changed and says nothing more is closed', () => {
    const { upgrade, session, clock, told } = make()
    session.ping()
    const webSocket = upgrade()
    webSocket.hears('2probe')
    webSocket.hears('5')
    clock.pass(2 * HEARTBEAT_MS + TIMEOUT_MS)
    expect([webSocket.end, told]).toEqual(['ping timeout', ['upgrade']])
  })

  it('takes a session along that does not read', () => {
    const { upgrade, session } = make()
    session.pause()
    const webSocket = upgrade()
    webSocket.hears('5')
    expect(webSocket.paused).toBe(true)
  })
})
