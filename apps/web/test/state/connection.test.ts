import { describe, expect, it } from 'vitest'
import {
  backMs,
  type Connection,
  changed,
  faceOf,
  newConnection,
  nextChangeMs,
  quietMs,
} from '../../src/state/connection.ts'
import type { LineState } from '../../src/state/line.ts'

const live = (caughtUp = 0): LineState => ({
  name: 'live',
  recovered: true,
  caughtUp,
  gaps: [],
  transport: 'websocket',
})
const waiting = (retryAtMs: number, code = 1006): LineState => ({
  name: 'waiting',
  attempt: 1,
  retryAtMs,
  delayMs: 3000,
  code,
  reason: '',
})
const start = 1_000_000
const wasLive = changed(newConnection, live(), start)
const dropped = (code = 1006) => changed(wasLive, waiting(start + 4000, code), start)
const wordsOf = (connection: Connection, atMs: number) => faceOf(connection, atMs).words

describe('the connection in words', () => {
  it('says quietly that it connects, before it ever did', () => {
    expect(faceOf(changed(newConnection, { name: 'connecting', attempt: 1 }, start), start)).toMatchObject({
      tone: 'quiet',
      short: 'connecting…',
      words: '',
    })
  })

  it('says why the server lets nobody in, until it does', () => {
    const refused = { ...changed(newConnection, waiting(start + 2500), start), refusal: 'the origin is not allowed' }
    expect(faceOf(refused, start)).toMatchObject({
      tone: 'bad',
      words: 'The server lets nobody in from this page: the origin is not allowed. Trying again',
      inSeconds: 3,
    })
    expect(changed(refused, live(), start).refusal).toBeNull()
  })

  it('says that the server does not answer, with the time to the next attempt', () => {
    const face = faceOf(changed(newConnection, waiting(start + 2500), start), start)
    expect(face).toMatchObject({ words: 'The server does not answer. Trying again', inSeconds: 3, canTryNow: true })
  })

  it('says nothing while it is live', () => {
    expect(faceOf(wasLive, start)).toMatchObject({ tone: 'good', short: 'live', words: '' })
  })

  it('stays silent for a second after a drop', () => {
    expect(faceOf(dropped(), start + quietMs - 1)).toMatchObject({ short: 'live', words: '' })
    expect(nextChangeMs(dropped(), start + 1)).toBe(start + quietMs)
  })

  it('counts down to the next attempt afterwards', () => {
    expect(faceOf(dropped(), start + quietMs)).toMatchObject({ words: 'Reconnecting', inSeconds: 3, canTryNow: true })
    expect(nextChangeMs(dropped(), start + 1200)).toBe(start + 2000)
    expect(faceOf(dropped(), start + 2000)).toMatchObject({ inSeconds: 2 })
    expect(nextChangeMs(dropped(), start + 2000)).toBe(start + 3000)
  })

  it('never counts to zero', () => {
    expect(faceOf(dropped(), start + 4000).inSeconds).toBe(1)
    expect(nextChangeMs(dropped(), start + 4000)).toBeNull()
  })

  it.each([1001, 1012])('calls a drop with %i a restart, also when later attempts fail otherwise', (code) => {
    const later = changed(dropped(code), waiting(start + 9000), start + 5000)
    expect(wordsOf(dropped(code), start + 1500)).toBe('The server is restarting, back in a moment')
    expect(wordsOf(later, start + 5000)).toBe('The server is restarting, back in a moment')
    expect(faceOf(later, start + 5000).tone).toBe('quiet')
  })

  it('says that there is no network where the browser knows it', () => {
    const offline = changed(wasLive, { ...waiting(start + 4000), isOffline: true } as LineState, start)
    expect(faceOf(offline, start + quietMs)).toMatchObject({ short: 'offline', inSeconds: null, canTryNow: true })
    expect(wordsOf(offline, start + quietMs)).toBe('There is no network. What you write is sent when it is back')
  })

  it('tells for two seconds what was caught up', () => {
    const back = changed(dropped(), live(14), start + 5000)
    expect(wordsOf(back, start + 5000)).toBe('Back. 14 messages caught up')
    expect(nextChangeMs(back, start + 5000)).toBe(start + 5000 + backMs)
    expect(wordsOf(back, start + 5000 + backMs)).toBe('')
    expect(wordsOf(changed(dropped(), live(1), start + 5000), start + 5000)).toBe('Back. 1 message caught up')
  })

  it('does not say that one missed nothing where there is a gap', () => {
    const back = (caughtUp: number, atMs: number) =>
      wordsOf(changed(dropped(), { ...live(caughtUp), gaps: ['lobby'] } as LineState, atMs), atMs)
    expect(back(0, start + 5000)).toBe('Back. Some messages are missing')
    expect(back(0, start + 300)).toBe('Back. Some messages are missing')
    expect(back(14, start + 5000)).toBe('Back. 14 messages caught up, some are missing')
    expect(wordsOf(changed(dropped(), live(), start + 5000), start + 5000)).toBe('Back. You missed nothing')
  })

  it('says nothing after a drop that nobody saw and that missed nothing', () => {
    expect(wordsOf(changed(dropped(), live(), start + 300), start + 300)).toBe('')
    expect(wordsOf(changed(dropped(), live(2), start + 300), start + 300)).toBe('Back. 2 messages caught up')
  })

  it('does not say "Back" the first time', () => {
    expect(wordsOf(changed(newConnection, live(3), start), start)).toBe('')
  })

  it('names the reason where it does not come back by itself', () => {
    const closed = (code: number, reason: string) => changed(wasLive, { name: 'closed', code, reason }, start)
    expect(faceOf(closed(4003, 'banned'), start)).toMatchObject({
      tone: 'bad',
      words: 'Disconnected: banned',
      canTryNow: true,
    })
    expect(wordsOf(closed(4003, ''), start)).toBe('Disconnected (4003)')
    expect(wordsOf(closed(4500, 'replaced'), start)).toBe('This conversation goes on in another connection')
    expect(wordsOf(closed(4503, 'not allowed here'), start)).toBe('You may not come in here')
  })
})
