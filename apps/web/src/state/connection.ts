import type { LineState } from './line.ts'

/** What the page remembers of its line to the server, beyond the state itself. */
export interface Connection {
  readonly state: LineState
  readonly hasBeenLive: boolean
  /** When the line went, while it is away. */
  readonly droppedAtMs: number | null
  /** The close code it went with. */
  readonly dropCode: number | null
  /** Why the server lets no page from here in, where it has said so. */
  readonly refusal: string | null
  /** What was caught up on the last return, shown until `backUntilMs`. */
  readonly caughtUp: number
  readonly backUntilMs: number
}

/** A drop that is mended within this time is not shown: nothing was lost, and nothing should blink. */
export const quietMs = 1_000
/** How long "Back." stays. */
export const backMs = 2_000

/** The server said that it goes and comes again: 1001 going away, 1012 service restart (RFC 6455 §7.4.1 and its registry). */
const restartCodes: readonly (number | null)[] = [1001, 1012]

export const newConnection: Connection = {
  state: { name: 'idle' },
  hasBeenLive: false,
  droppedAtMs: null,
  dropCode: null,
  refusal: null,
  caughtUp: 0,
  backUntilMs: 0,
}

/** The line changed its state. */
export function changed(connection: Connection, state: LineState, nowMs: number): Connection {
  if (state.name === 'live') {
    const wasShown = connection.droppedAtMs !== null && nowMs - connection.droppedAtMs >= quietMs
    const isBack = connection.hasBeenLive && (wasShown || state.caughtUp > 0 || state.gaps.length > 0)
    return {
      state,
      hasBeenLive: true,
      droppedAtMs: null,
      dropCode: null,
      refusal: null,
      caughtUp: state.caughtUp,
      backUntilMs: isBack ? nowMs + backMs : 0,
    }
  }
  const code = state.name === 'waiting' || state.name === 'closed' ? state.code : null
  return {
    ...connection,
    state,
    droppedAtMs: connection.hasBeenLive ? (connection.droppedAtMs ?? nowMs) : null,
    // The first code says why it went; the attempts after it only say that nobody is there yet.
    dropCode: connection.dropCode ?? code,
  }
}

/** How the line looks at one moment. */
export interface Face {
  readonly tone: 'good' | 'quiet' | 'attention' | 'bad'
  /** Two or three words for the corner. */
  readonly short: string
  /** The whole sentence for the line above the input; '' where there is nothing to say. */
  readonly words: string
  /** Seconds to the next attempt, where one is waited for. */
  readonly inSeconds: number | null
  readonly canTryNow: boolean
}

/** The words for the state at `nowMs`. */
export function faceOf(connection: Connection, nowMs: number): Face {
  const { state, droppedAtMs, hasBeenLive } = connection
  if (state.name === 'live') return liveFace(connection, nowMs)
  if (state.name === 'closed') return closedFace(state.code, state.reason)
  if (hasBeenLive && droppedAtMs !== null && nowMs - droppedAtMs < quietMs)
    return { ...plain, tone: 'good', short: 'live' }
  const inSeconds = state.name === 'waiting' ? secondsUntil(state.retryAtMs, nowMs) : null
  const canTryNow = state.name === 'waiting'
  if (hasBeenLive && restartCodes.includes(connection.dropCode)) {
    const words = 'The server is restarting, back in a moment'
    return { tone: 'quiet', short: 'restarting…', words, inSeconds: null, canTryNow }
  }
  if (state.name === 'waiting' && state.isOffline === true) {
    const words = 'There is no network. What you write is sent when it is back'
    return { tone: 'attention', short: 'offline', words, inSeconds: null, canTryNow }
  }
  if (hasBeenLive) return { tone: 'attention', short: 'reconnecting', words: 'Reconnecting', inSeconds, canTryNow }
  // Nothing has been lost, and nobody has to do anything: the corner says enough.
  if (state.name !== 'waiting') return { ...plain, short: 'connecting…' }
  if (connection.refusal !== null) {
    const words = `The server lets nobody in from this page: ${connection.refusal}. Trying again`
    return { tone: 'bad', short: 'refused', words, inSeconds, canTryNow }
  }
  return {
    tone: 'attention',
    short: 'no answer',
    words: 'The server does not answer. Trying again',
    inSeconds,
    canTryNow,
  }
}

/** When the face may change by itself next, or null: what a clock has to wait for. */
export function nextChangeMs(connection: Connection, nowMs: number): number | null {
  const { state, droppedAtMs, backUntilMs } = connection
  if (state.name === 'live') return backUntilMs > nowMs ? backUntilMs : null
  if (droppedAtMs !== null && nowMs - droppedAtMs < quietMs) return droppedAtMs + quietMs
  if (state.name !== 'waiting' || state.retryAtMs <= nowMs) return null
  return state.retryAtMs - Math.floor((state.retryAtMs - nowMs - 1) / 1000) * 1000
}

const plain: Face = { tone: 'quiet', short: '', words: '', inSeconds: null, canTryNow: false }

function liveFace({ state, caughtUp, backUntilMs }: Connection, nowMs: number): Face {
  const live: Face = { ...plain, tone: 'good', short: 'live' }
  if (nowMs >= backUntilMs) return live
  const hasGap = state.name === 'live' && state.gaps.length > 0
  if (caughtUp === 0) return { ...live, words: hasGap ? 'Back. Some messages are missing' : 'Back. You missed nothing' }
  const count = `${caughtUp} ${caughtUp === 1 ? 'message' : 'messages'} caught up`
  return { ...live, words: hasGap ? `Back. ${count}, some are missing` : `Back. ${count}` }
}

function closedFace(code: number, reason: string): Face {
  const words = closedWords[code] ?? (reason ? `Disconnected: ${reason}` : `Disconnected (${code})`)
  return { tone: 'bad', short: 'disconnected', words, inSeconds: null, canTryNow: true }
}

const closedWords: Readonly<Record<number, string>> = {
  1000: 'Disconnected',
  4500: 'This conversation goes on in another connection',
  4501: 'You may not be here any more',
  4503: 'You may not come in here',
}

function secondsUntil(atMs: number, nowMs: number): number {
  return Math.max(1, Math.ceil((atMs - nowMs) / 1000))
}
