import { setTimeout as delay } from 'node:timers/promises'
import { Section } from '../engine-case.ts'
import type { EngineWebSocket } from '../engine-web-socket.ts'
import type { Answer } from '../exchange.ts'
import { holds, same } from '../fault.ts'
import { type PollingSession, unknownSession } from '../polling-session.ts'
import type { Talk } from '../talk.ts'

/** 1.9 Heartbeat. */
export const heartbeat = new Section('1.9')

const ATTEMPTS = 5

heartbeat.row(
  'a ping comes by polling',
  async (talk) => {
    await (await talk.openJoined()).ping()
  },
  'steady',
)

heartbeat.row(
  'a ping comes over WebSocket',
  async (talk) => {
    await (await talk.joinedWebSocket()).ping()
  },
  'steady',
)

heartbeat.row(
  'who polls and does not answer pings is gone: the parked GET ends with a close packet',
  async (talk) => {
    for (let attempt = 1; ; attempt++) {
      const session = await talk.open()
      const last = await lastAnswer(session)
      // where the machine was busy the time may be over between two GETs: then once more
      if (last.status === 400 && attempt < ATTEMPTS) continue
      same([last.status, last.text], [200, '1'], 'the last answer')
      await session.isUnknown()
      return
    }
  },
  'brisk',
)

heartbeat.row(
  'who comes when interval and timeout are over is unknown, if only just',
  async (talk) => {
    // where the machine was busy a ping may have been late, and so is what follows from it: then once more
    for (let attempt = 1; ; attempt++) {
      const session = await talk.open()
      await delay(session.facts.pingInterval + session.facts.pingTimeout)
      const { status, text } = await session.poll().answer()
      if (status === 400 || attempt === ATTEMPTS) {
        same([status, text], [400, unknownSession], 'the answer to a GET')
        return
      }
    }
  },
  'brisk',
)

heartbeat.row(
  'who does not answer pings over WebSocket is closed, without a code',
  async (talk) => {
    const socket = await talk.openWebSocket()
    same(await socket.end(), { hasCloseFrame: true, code: undefined, reason: '' }, 'the end')
    await talk.isUnknown(socket.facts.sid)
  },
  'brisk',
)

heartbeat.row(
  'other packets are no pongs: who sends these alone by polling is gone',
  async (talk) => {
    const session = await talk.open()
    const silence = talk.silence().then(() => true)
    do await session.say('6').catch(() => {})
    while (!(await Promise.race([silence, delay(session.facts.pingTimeout / 10, false)])))
    await session.isUnknown()
  },
  'brisk',
)

heartbeat.row(
  'pongs keep a session that polls alive',
  async (talk) => {
    const session = await talk.openJoined()
    for (let i = 0; i < 5; i++) {
      await session.ping()
      await session.say('3')
    }
    await session.roundTrip('still here')
  },
  'steady',
)

heartbeat.row(
  'pongs keep a WebSocket alive',
  async (talk) => {
    const socket = await talk.joinedWebSocket()
    for (let i = 0; i < 5; i++) {
      await socket.ping()
      await socket.send('3')
    }
    await socket.roundTrip('still here')
  },
  'steady',
)

heartbeat.row(
  'pings come also while other things are said all the time',
  async (talk) => {
    const socket = await talk.joinedWebSocket()
    for (let i = 0; i < 3; i++) {
      const isPinged = socket.ping().then(() => true)
      do await socket.send('42["echo",1]')
      while (!(await Promise.race([isPinged, delay(5, false)])))
      await socket.send('3')
    }
  },
  'steady',
)

heartbeat.row(
  'pings go on after an upgrade',
  async (talk) => {
    const session = await talk.openJoined()
    const socket = await talk.probe(session)
    await socket.send('5')
    for (let i = 0; i < 3; i++) {
      await socket.ping()
      await socket.send('3')
    }
    await socket.roundTrip('still here')
  },
  'steady',
)

heartbeat.row(
  'who answers no pings after an upgrade is closed',
  async (talk) => {
    const { session, socket } = await changed(talk, () => Promise.resolve())
    await socket.send('3')
    await talk.silence()
    holds(socket.isEnded, 'the WebSocket stays open')
    await talk.isUnknown(session.sid)
  },
  'brisk',
)

heartbeat.row(
  'who is changing to a WebSocket with a ping unanswered, and says nothing more, is closed',
  async (talk) => {
    const { session, socket } = await changed(talk, (session) => session.ping())
    await talk.silence()
    holds(socket.isEnded, 'the WebSocket stays open')
    await talk.isUnknown(session.sid)
  },
  'brisk',
)

/** A session that has changed to a WebSocket, behind something else. Where the machine was too busy for that: another one. */
async function changed(
  talk: Talk,
  first: (session: PollingSession) => Promise<void>,
): Promise<{ session: PollingSession; socket: EngineWebSocket }> {
  for (let attempt = 1; ; attempt++) {
    try {
      const session = await talk.open()
      await first(session)
      const socket = await talk.probe(session)
      await socket.send('5', '40')
      same(`${await socket.next()}`.slice(0, 3), '40{', 'the answer to CONNECT')
      return { session, socket }
    } catch (error) {
      if (attempt === ATTEMPTS) throw error
    }
  }
}

/** Polls on and on: the first answer that is no ping. */
async function lastAnswer(session: PollingSession): Promise<Answer> {
  for (;;) {
    const answer = await session.poll().answer()
    if (answer.status !== 200 || answer.text !== '2') return answer
  }
}
