import type { Clock } from './clock.ts'

/** What the heartbeat needs of a connection. */
export interface Pulse {
  /** The heartbeat's own, kept here: a look-up of each connection would cost more than the beat itself. */
  beat: Beat | undefined
  /** Counts the chunks that came in: a sign of life is a byte from the client. */
  readonly chunksRead: number
  /** Changes whenever bytes leave. */
  readonly outgoingMark: number
  readonly unsentBytes: number
  /** True while we do not read from the client. */
  readonly paused: boolean
  ping(): void
  /** Nothing has come since a ping, for too long. */
  onSilent(): void
  /** Bytes are unsent, and none has moved either way, for too long. */
  onStuck(): void
}

export interface HeartbeatOptions {
  /** A ping goes out this often, whatever else travels. */
  readonly heartbeatMs: number
  /** A byte is due this long after a ping. */
  readonly heartbeatTimeoutMs: number
}

/** Ticks in one interval: connections are spread over so many slots. */
const SLOTS = 25
/** While bytes are unsent or we do not read, and for as long after, so much is allowed in place of the timeout. */
const SLOW_MS = 120_000
/** What a slow line carries. A ping behind more than that of the last interval cannot be answered within the timeout. */
const SLOW_LINE_BYTES_PER_S = 50_000
/** Bytes are unsent, and none has moved either way for so long. */
const STUCK_MS = 60_000

/** A connection's place on the wheel, and what was seen of it. */
export interface Beat {
  readonly pulse: Pulse
  slot: number
  /** Where it stands in its slot; -1 once it was removed. */
  index: number
  /** What had been read at the oldest ping that no byte has answered yet, and the tick of that ping. */
  chunksAtPing: number
  pingedAt: number
  /** How much had left for the kernel at the last ping. */
  markAtPing: number
  /** Only while slow. */
  slow: SlowState | undefined
}

interface SlowState {
  chunks: number
  mark: number
  /** The tick of the last byte from the client, and of the last byte either way. */
  lastRead: number
  lastMoved: number
  /** The last tick at which bytes were unsent or we were not reading. */
  lastBusy: number
}

/**
 * One timing wheel for all connections: each stands in a slot, a tick looks at the slot that is pinged now and at the
 * one that was pinged a timeout ago (more than one round ago where the timeout is the longer one). Ticks are counted, not measured: after the process was stopped for a while nobody
 * is late, because the wheel was stopped as well.
 */
export class Heartbeat {
  readonly #clock: Clock
  readonly #tickMs: number
  readonly #timeoutTicks: number
  readonly #slowTicks: number
  readonly #stuckTicks: number
  readonly #burstBytes: number
  readonly #slots: Beat[][] = Array.from({ length: SLOTS }, () => [])
  readonly #slow = new Set<Beat>()
  #size = 0
  #tick = 0
  #nextSlot = 0
  #timer: unknown

  constructor(clock: Clock, options: HeartbeatOptions) {
    this.#clock = clock
    this.#tickMs = options.heartbeatMs / SLOTS
    const ticksIn = (ms: number): number => Math.max(1, Math.ceil(ms / this.#tickMs))
    this.#timeoutTicks = ticksIn(options.heartbeatTimeoutMs)
    this.#slowTicks = Math.max(ticksIn(SLOW_MS), this.#timeoutTicks)
    this.#stuckTicks = ticksIn(STUCK_MS)
    this.#burstBytes = (options.heartbeatTimeoutMs / 1_000) * SLOW_LINE_BYTES_PER_S
  }

  get size(): number {
    return this.#size
  }

  add(pulse: Pulse): void {
    // spread over the wheel, and never pinged at once
    const slot = this.#nextSlot++ % SLOTS
    const list = this.#slots[slot] as Beat[]
    const beat: Beat = {
      pulse,
      slot,
      index: list.length,
      chunksAtPing: -1,
      pingedAt: 0,
      markAtPing: 0,
      slow: undefined,
    }
    list.push(beat)
    pulse.beat = beat
    this.#size++
    if (this.#timer === undefined) this.#schedule()
  }

  remove(pulse: Pulse): void {
    const { beat } = pulse
    if (beat === undefined) return
    pulse.beat = undefined
    this.#size--
    this.#slow.delete(beat)
    const list = this.#slots[beat.slot] as Beat[]
    const last = list.pop() as Beat
    if (last !== beat) {
      list[beat.index] = last
      last.index = beat.index
    }
    beat.index = -1
    if (this.#size > 0) return
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #schedule(): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined
      this.#turn()
      if (this.#size > 0 && this.#timer === undefined) this.#schedule()
    }, this.#tickMs)
  }

  #turn(): void {
    this.#tick++
    // what one of them does about its end may remove others
    for (const beat of [...this.#slow]) if (beat.index >= 0) this.#lookAtSlow(beat, beat.slow as SlowState)
    for (const beat of [...this.#slot(this.#tick - this.#timeoutTicks)]) if (beat.index >= 0) this.#lookAt(beat)
    for (const beat of [...this.#slot(this.#tick)]) if (beat.index >= 0) this.#ping(beat)
  }

  #ping(beat: Beat): void {
    const { pulse } = beat
    if (pulse.chunksRead !== beat.chunksAtPing) {
      beat.chunksAtPing = pulse.chunksRead
      beat.pingedAt = this.#tick
    }
    // What the kernel holds is unsent as well, but of that we see only how much it was given.
    const isBehindBurst = pulse.outgoingMark - beat.markAtPing > this.#burstBytes
    beat.markAtPing = pulse.outgoingMark
    if (isBehindBurst || pulse.unsentBytes > 0 || pulse.paused) this.#markSlow(beat)
    pulse.ping()
  }

  #slot(tick: number): Beat[] {
    return this.#slots[((tick % SLOTS) + SLOTS) % SLOTS] as Beat[]
  }

  /** A timeout after its ping: something must have come. A slow line has its own patience. */
  #lookAt(beat: Beat): void {
    const { pulse } = beat
    if (beat.chunksAtPing < 0) return
    if (pulse.unsentBytes > 0 || pulse.paused) this.#markSlow(beat)
    if (beat.slow !== undefined || pulse.chunksRead !== beat.chunksAtPing) return
    if (this.#tick - beat.pingedAt >= this.#timeoutTicks) pulse.onSilent()
  }

  #markSlow(beat: Beat): void {
    const { chunksRead, outgoingMark } = beat.pulse
    const tick = this.#tick
    beat.slow ??= { chunks: chunksRead, mark: outgoingMark, lastRead: tick, lastMoved: tick, lastBusy: tick }
    beat.slow.lastBusy = tick
    this.#slow.add(beat)
  }

  #lookAtSlow(beat: Beat, slow: SlowState): void {
    const { pulse } = beat
    const tick = this.#tick
    if (pulse.chunksRead !== slow.chunks) slow.lastRead = slow.lastMoved = tick
    if (pulse.outgoingMark !== slow.mark) slow.lastMoved = tick
    slow.chunks = pulse.chunksRead
    slow.mark = pulse.outgoingMark
    const unsent = pulse.unsentBytes > 0
    if (unsent || pulse.paused) slow.lastBusy = tick
    if (unsent && tick - slow.lastMoved >= this.#stuckTicks) pulse.onStuck()
    else if (tick - slow.lastRead >= this.#slowTicks) pulse.onSilent()
    else if (tick - slow.lastBusy >= this.#slowTicks) {
      beat.slow = undefined
      this.#slow.delete(beat)
    }
  }
}
