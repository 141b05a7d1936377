import { closeCodes, closeReason } from '@partyline/protocol'
import type { Place, Position, Room } from '../broker.ts'
import type { Flush, Writer } from '../flush.ts'
import { Cursor, type CursorReader } from './cursor.ts'
import type { Item } from './item.ts'
import type { Logs } from './logs.ts'
import type { Membership } from './membership.ts'
import type { Publication } from './publication.ts'
import type { Runs } from './runs.ts'
import type { Sink, Transport } from './transport.ts'
import type { Said, WireForm } from './wire-form.ts'

/** When a client that could not be served may come back. */
const COME_BACK_MS = 1_000

/** What waits for a client for whom nothing waits: the same for all, as most are idle. Never written to. */
const nothing: Item[] = []

/** What all outboxes of a hub share. */
export interface OutboxContext {
  readonly flush: Flush
  readonly runs: Runs
  readonly logs: Logs
  /** A place as clients carry it; here so that no client needs a function of its own. */
  readonly placeText: (seqs: readonly number[]) => string
  /** More than this unsent, and the next entry of a kept room becomes a cursor. */
  readonly maxBufferedBytes: number
  /** More than this unsent, and the client is closed with 1013. */
  readonly hardMaxBufferedBytes: number
}

/**
 * What one client still has to receive, in the order it was said: messages, publications and cursors. It is a writer of
 * the flush: one write a turn, as long as its transport is writable.
 */
export class Outbox implements Writer, CursorReader {
  marked = false
  /** Set by the hub while it delivers to several rooms: who has had this entry. */
  deliveryMark = 0
  form: WireForm
  memberships: readonly Membership[] = []
  readonly #context: OutboxContext
  #transport: Transport | undefined
  readonly #sink: Sink
  #items: Item[] = nothing
  /** How many of the items are cursors. */
  #cursors = 0
  #queuedBytes = 0
  #tail: Cursor | undefined
  /** The transport was full when last looked at. */
  #blocked = false
  #paused = false
  #overflowed = false

  constructor(context: OutboxContext, transport: Transport, form: WireForm) {
    this.#context = context
    this.#transport = transport
    this.#sink = transport.sink ?? transport
    this.form = transport.formOf?.(form) ?? form
  }

  /** Speaks in this form from now on, compressed where its transport does so. What waits is written in it too. */
  speak(plain: WireForm): void {
    this.form = this.#transport?.formOf?.(plain) ?? plain
  }

  /** Bytes that wait here or in the transport. */
  get unsentBytes(): number {
    return this.#queuedBytes + (this.#transport === undefined ? 0 : this.#sink.unsentBytes)
  }

  /** False once the client is gone: whatever is said then is dropped. */
  get alive(): boolean {
    return this.#transport !== undefined
  }

  /** Says something to this client. Nothing overtakes a cursor. `compress: false`: in the plain form, whichever is ours. */
  say(data: Said, compress = true): void {
    this.#append({ kind: compress ? 'message' : 'uncompressed', data, size: sizeOf(data) })
  }

  /** Says something whose words are known only when it is written, such as whether all has been recovered before it. */
  sayLater(make: () => string): void {
    this.#append({ kind: 'later', make, size: 256 })
  }

  /** Says something that may be dropped: it is while bytes of an earlier turn are unsent or a cursor waits. */
  sayVolatile(data: Said, compress = true): void {
    if (this.#takesVolatile()) this.say(data, compress)
  }

  /** Takes an entry that is not kept and may be dropped. */
  takeVolatile(publication: Publication): void {
    if (publication.entry.published && !this.form.takesVolatilePublications) return
    if (this.#takesVolatile()) this.#append(publication)
  }

  #takesVolatile(): boolean {
    if (this.#transport === undefined || this.#cursors > 0 || this.#blocked) return false
    return this.#sink.writable && this.#sink.unsentBytes === 0
  }

  /**
   * Reads on in the logs from these positions; `place` is where a reader that carries one stands. The cursor stands at
   * the tail, open, if it reads for all rooms the client is in: else it would take in what it does not read.
   */
  read(from: Map<Room, Position>, place?: Place): Cursor {
    this.closeTail()
    const cursor = new Cursor(this.#context.logs, from, place)
    this.#pushCursor(cursor)
    if (this.memberships.every(({ room, kept }) => !kept || from.has(room))) this.#tail = cursor
    else cursor.close(this.#context.logs.heads)
    return cursor
  }

  /** An open cursor at the tail ends at the heads as they are now. */
  closeTail(heads: readonly number[] = this.#context.logs.heads): void {
    this.#tail?.close(heads)
    this.#tail = undefined
  }

  /**
   * Takes an entry that is being delivered, of the log with this index. `kept`: the log can replay it to this reader.
   * Only queues; a client that is over its hard limit is closed by the flush.
   */
  take(publication: Publication, log: number, kept: boolean): void {
    if (this.#tail !== undefined) {
      if (kept) return
      this.closeTail(before(publication, log))
    }
    const bytes = this.#queuedBytes + publication.size
    if (this.#blocked || bytes > this.#context.maxBufferedBytes) this.#takeSlowly(publication, log, kept)
    else this.#push(publication)
  }

  #takeSlowly(publication: Publication, log: number, kept: boolean): void {
    const unsent = this.unsentBytes
    const tooMuch = unsent > 0 && unsent + publication.size > this.#context.maxBufferedBytes
    if (!tooMuch || !kept) {
      if (this.#fits(publication.size)) this.#push(publication)
      return
    }
    const { logs } = this.#context
    const place = before(publication, log).map((seq, i): Position => ({ epoch: logs.epochs[i] as string, seq }))
    const from = new Map<Room, Position>()
    for (const { room, kept } of this.memberships) if (kept) from.set(room, place[logs.indexOf(room)] as Position)
    const cursor = new Cursor(logs, from, place)
    this.#pushCursor(cursor)
    this.#tail = cursor
  }

  #append(item: Item): void {
    this.closeTail()
    if (!this.#fits(item.size)) return
    this.#push(item)
    if (this.#queuedBytes > this.#context.maxBufferedBytes) this.#pause()
  }

  #fits(size: number): boolean {
    if (this.#transport === undefined || this.#overflowed) return false
    const unsent = this.unsentBytes
    if (unsent === 0 || unsent + size <= this.#context.hardMaxBufferedBytes) return true
    this.#overflowed = true
    this.#context.flush.mark(this)
    return false
  }

  #push(item: Item): void {
    if (this.#transport === undefined) return
    if (this.#items === nothing) this.#items = [item]
    else this.#items.push(item)
    this.#queuedBytes += item.size
    if (!this.marked) this.#context.flush.mark(this)
  }

  #pushCursor(cursor: Cursor): void {
    if (this.alive) this.#cursors++
    this.#push(cursor)
  }

  /** The transport has drained. */
  onWritable(): void {
    this.#blocked = false
    if (this.#items.length > 0) this.#context.flush.mark(this)
    else this.#resume()
  }

  /** Writes what waits. Called by the flush, once a turn. */
  flush(): void {
    const transport = this.#transport
    if (transport === undefined) return
    if (this.#overflowed) {
      this.#giveUp(transport, 'too much is unsent')
      return
    }
    this.#write(false)
  }

  /** Writes what waits whether or not the transport is writable, up to what must be read from a log first: the client goes. */
  writeOut(): void {
    if (this.#transport !== undefined && !this.#overflowed) this.#write(true)
  }

  #write(anyway: boolean): void {
    const transport = this.#transport as Transport
    while (this.#items.length > 0) {
      if (!anyway && !this.#sink.writable) {
        this.#blocked = true
        return
      }
      const first = this.#items[0] as Item
      if (first.kind !== 'cursor') this.#writeRun()
      else if (!this.#readOn(first, transport)) return
    }
    if (this.#paused) this.#resume()
  }

  /** Writes everything up to the next cursor. */
  #writeRun(): void {
    const { runs, placeText } = this.#context
    let run = this.#items
    if (this.#cursors === 0) {
      this.#items = nothing
      this.#queuedBytes = 0
    } else {
      run = run.splice(
        0,
        run.findIndex((item) => item.kind === 'cursor'),
      )
      for (const item of run) this.#queuedBytes -= item.size
    }
    this.#sink.write(runs.of(run, this.form, placeText))
  }

  /** Writes a cursor's next page; true where it is through and out of the way. */
  #readOn(cursor: Cursor, transport: Transport): boolean {
    if (cursor.waiting) return false
    let page: ReturnType<Cursor['nextPage']>
    try {
      page = cursor.nextPage(this)
    } catch {
      this.#giveUp(transport, 'the log is unavailable')
      return false
    }
    if (page === undefined) {
      this.#items.shift()
      this.#cursors--
      this.#queuedBytes -= cursor.size
      if (this.#tail === cursor) this.#tail = undefined
      return true
    }
    if (page instanceof Promise) {
      cursor.waiting = true
      page.then(
        (frames) => {
          cursor.waiting = false
          this.#writePage(cursor, frames)
        },
        () => this.#giveUp(transport, 'the log is unavailable'),
      )
      return false
    }
    return this.#takePage(cursor, page, transport)
  }

  /** Writes a page, unless something is missing in it of which this reader cannot be told: then it comes anew. */
  #takePage(cursor: Cursor, page: Buffer[], transport: Transport): boolean {
    if (this.form.endsAtGap === true && cursor.gapped.size > 0) {
      this.#giveUp(transport, 'what was missed is no longer there')
      return false
    }
    if (page.length > 0) this.#sink.write(page)
    return true
  }

  /** This client cannot be served: it is told to come back. What waits for it is let go of now, not when the stream has ended. */
  #giveUp(transport: Transport, why: string): void {
    this.drop()
    transport.close(closeCodes.try_later.code, closeReason(why, COME_BACK_MS))
  }

  #writePage(cursor: Cursor, frames: Buffer[]): void {
    const transport = this.#transport
    if (transport !== undefined && this.#takePage(cursor, frames, transport)) this.#context.flush.mark(this)
  }

  #pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#transport?.pause()
  }

  #resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#transport?.resume()
  }

  joinedAt(room: Room, log: number): number | undefined {
    const membership = this.membershipIn(room)
    if (membership === undefined) return undefined
    const joined = membership.joined[log]
    return joined?.epoch === this.#context.logs.epochs[log] ? joined?.seq : 0 // joined before this epoch began
  }

  membershipIn(room: Room): Membership | undefined {
    for (const membership of this.memberships) if (membership.room === room) return membership
    return undefined
  }

  /** The client is gone: nothing more is kept for it. */
  drop(): void {
    this.#transport = undefined
    this.#items = nothing
    this.#tail = undefined
    this.#cursors = 0
    this.#queuedBytes = 0
  }
}

const sizeOf = (said: Said): number =>
  Array.isArray(said) ? said.reduce((bytes, { length }) => bytes + length, 0) : said.length

/** The heads as they were before an entry was delivered. */
function before(publication: Publication, log: number): number[] {
  const heads = publication.heads.slice()
  heads[log] = publication.entry.seq - 1
  return heads
}
