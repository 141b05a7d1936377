/** A rule of the algorithm taken away, and the test that must notice. */
export interface Mutation {
  readonly rule: string
  /** Below packages/server/src. */
  readonly file: string
  readonly find: string
  readonly replace: string
  /** Below packages/server/test, and how the test's title begins. */
  readonly test: readonly [file: string, title: string]
}

const inDelivery = (title: string): Mutation['test'] => ['hub/delivery.test.ts', title]

const inSessions = (title: string): Mutation['test'] => ['sessions.test.ts', title]

/** The rules marked † in the description of the algorithm first, then what else carries the promise. */
export const mutations: readonly Mutation[] = [
  {
    rule: '† an entry bears the heads at its delivery',
    file: 'hub/hub.ts',
    find: 'publication.heads = this.logs.heads.slice()\n    return publication',
    replace: 'publication.heads = this.logs.heads\n    return publication',
    test: inDelivery('stamps an entry with the heads at its delivery'),
  },
  {
    rule: '† so does what no log orders',
    file: 'hub/hub.ts',
    find: 'publication.heads = this.logs.heads.slice()\n      for',
    replace: 'publication.heads = this.logs.heads\n      for',
    test: inDelivery('stamps a volatile publication'),
  },
  {
    rule: '† an open cursor at the tail takes the entry in',
    file: 'hub/outbox.ts',
    find: 'if (this.#tail !== undefined) {\n      if (kept) return\n',
    replace: 'if (this.#tail !== undefined && !kept) {\n',
    test: inDelivery('leaves an entry to an open cursor'),
  },
  {
    rule: '† a new cursor stands before the entry that made it',
    file: 'hub/outbox.ts',
    find: 'publication.entry.seq - 1',
    replace: 'publication.entry.seq',
    test: inDelivery('lets a cursor begin before the entry'),
  },
  {
    rule: '† a new cursor has all memberships',
    file: 'hub/outbox.ts',
    find: 'for (const { room, kept } of this.memberships) if (kept) from',
    replace: 'for (const { room, kept } of this.memberships) if (kept && room === publication.via) from',
    test: inDelivery('lets the cursor of a slow reader read all rooms'),
  },
  {
    rule: '† nothing overtakes a cursor: a frame ends it',
    file: 'hub/outbox.ts',
    find: '#append(item: Item): void {\n    this.closeTail()',
    replace: '#append(item: Item): void {',
    test: inDelivery('does not overtake a cursor'),
  },
  {
    rule: '† what nobody keeps ends a cursor before itself',
    file: 'hub/outbox.ts',
    find: 'this.closeTail(before(publication, log))',
    replace: '',
    test: inDelivery('ends an open cursor before an entry that nobody keeps'),
  },
  {
    rule: 'a volatile frame is dropped while a cursor waits',
    file: 'hub/outbox.ts',
    find: 'this.#cursors > 0 || ',
    replace: '',
    test: inDelivery('is dropped where it is volatile'),
  },
  {
    rule: 'a join ends an open cursor',
    file: 'hub/hub.ts',
    find: 'outbox.closeTail()\n    const members',
    replace: 'const members',
    test: inDelivery('end an open cursor: it does not take in'),
  },
  {
    rule: 'a leave ends an open cursor',
    file: 'hub/hub.ts',
    find: 'outbox.closeTail()\n    this.#remove',
    replace: 'this.#remove',
    test: inDelivery('end an open cursor: it does not read on'),
  },
  {
    rule: "† a cursor stamps one log's progress at a time",
    file: 'hub/cursor.ts',
    find: 'this.#logs.placeText(this.#at, this.#epochs)',
    replace: 'this.#logs.placeText(this.#logs.heads)',
    test: inDelivery('stamps what it reads with its own progress'),
  },
  {
    rule: 'a log that was not read yet keeps its former epoch in the stamps',
    file: 'hub/cursor.ts',
    find: 'this.#logs.placeText(this.#at, this.#epochs)',
    replace: 'this.#logs.placeText(this.#at)',
    test: inDelivery('keeps the former epoch in its stamps'),
  },
  {
    rule: '† progress is never beyond the target',
    file: 'hub/cursor.ts',
    find: 'Math.min(page.upTo, target)',
    replace: 'page.upTo',
    test: inDelivery('never stamps beyond its end'),
  },
  {
    rule: 'a cursor ends at its end',
    file: 'hub/cursor.ts',
    find: 'if (entry.seq > target) break\n',
    replace: '',
    test: inDelivery('end an open cursor: it does not read on'),
  },
  {
    rule: 'the target is read again when the page arrives',
    file: 'hub/cursor.ts',
    find: '(page) => this.#encode(index, page, reader)',
    replace: `((end, heads) => (page: Replay) => {
      this.#end = end ?? heads
      const frames = this.#encode(index, page, reader)
      this.#end = end
      return frames
    })(this.#end, this.#logs.heads.slice())`,
    test: inDelivery('looks at the head again'),
  },
  {
    rule: 'gaps come before any entry of their log',
    file: 'hub/cursor.ts',
    find: 'frames.push(reader.form.gap(room, this.#logs.epoch, seq))',
    replace: 'queueMicrotask(() => frames.push(reader.form.gap(room, this.#logs.epoch, seq)))',
    test: inDelivery('tells the gaps of a log before'),
  },
  {
    rule: '† an entry is due through a room only where its seq is above the position in it',
    file: 'hub/cursor.ts',
    find: '(from.epoch !== entry.epoch || entry.seq > from.seq)',
    replace: 'true',
    test: inDelivery('brings an entry of several rooms through the room'),
  },
  {
    rule: 'who is in an except room since an earlier epoch was in it at the time',
    file: 'hub/outbox.ts',
    find: 'joined?.epoch === this.#context.logs.epochs[log] ? joined?.seq : 0',
    replace: 'joined?.seq',
    test: inDelivery('does not bring what excluded a room'),
  },
  {
    rule: 'a cursor for some rooms takes nothing in for the others',
    file: 'hub/outbox.ts',
    find: 'if (this.memberships.every(({ room, kept }) => !kept || from.has(room))) this.#tail',
    replace: 'if (from.size > 0) this.#tail',
    test: inDelivery('that reads for some rooms only'),
  },
  {
    rule: 'a reader of a room that keeps nothing gets the entry live, whatever its other rooms keep',
    file: 'hub/hub.ts',
    find: 'entry.rooms.every((room) => outbox.membershipIn(room)?.kept !== false)',
    replace: 'entry.rooms.some((room) => outbox.membershipIn(room)?.kept)',
    test: inDelivery('does not leave to a cursor what a room'),
  },
  {
    rule: '† the current epoch beats any other (a)',
    file: 'hub/logs.ts',
    find: 'if (a.epoch !== epoch) return b\n',
    replace: '',
    test: inDelivery('is the current epoch behind a former one'),
  },
  {
    rule: '† the current epoch beats any other (b)',
    file: 'hub/logs.ts',
    find: 'if (b.epoch !== epoch) return a\n',
    replace: '',
    test: inDelivery('is the current epoch before a former one'),
  },
  {
    rule: '† the connection that was opened last has the session',
    file: 'sessions.ts',
    find: "if (session.process === this.#process && session.opened > holder.opened) return 'taken_over'\n",
    replace: '',
    test: inSessions('stays with the connection that was opened last'),
  },
  {
    rule: '† even after it has dropped',
    file: 'sessions.ts',
    find: 'session.opened = holder.opened\n',
    replace: '',
    test: inSessions('is not given to an older connection even after'),
  },
  {
    rule: '† the later of two positions',
    file: 'hub/logs.ts',
    find: 'a.seq >= b.seq ? a : b',
    replace: 'b',
    test: inDelivery('is the higher seq, whichever comes first'),
  },
]
