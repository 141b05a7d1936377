import { Acquaintances } from './known.ts'

/** A socket, as this application needs it. Socket.IO's own is one, and so is that of any server with its API. */
export interface ApplicationSocket {
  readonly handshake: { readonly auth: Record<string, unknown> }
  readonly conn: { on(event: 'close', listener: () => void): unknown }
  readonly volatile: { emit(event: string, ...args: unknown[]): unknown }
  on(event: string, listener: (...args: unknown[]) => void): unknown
  emit(event: string, ...args: unknown[]): unknown
  join(room: string): unknown
  timeout(ms: number): { emit(event: string, ...args: unknown[]): unknown }
  disconnect(close?: boolean): unknown
}

export interface ApplicationNamespace {
  use(middleware: (socket: ApplicationSocket, next: (error?: Error) => void) => void): unknown
  on(event: 'connection', listener: (socket: ApplicationSocket) => void): unknown
  to(room: string): { emit(event: string, ...args: unknown[]): unknown }
}

/** A Socket.IO server, as this application needs it. */
export interface ApplicationServer {
  of(name: string | RegExp): ApplicationNamespace
}

type Ack = (...answer: unknown[]) => void
type Handler = (socket: ApplicationSocket, args: unknown[], ack: Ack | undefined) => void

/** Who may not come into `/ops`, by `auth.pass`, and what is said. */
const refusals: Readonly<Record<string, Error>> = {
  denied: Object.assign(new Error('denied'), { data: { code: 7 } }),
  wordless: new Error('no'),
  zero: Object.assign(new Error('zero'), { data: 0 }),
  null: Object.assign(new Error('null'), { data: null }),
}

/** What every client may ask for, in every namespace. */
const handlers: Readonly<Record<string, Handler>> = {
  echo: (socket, args, ack) => (ack === undefined ? socket.emit('echo', ...args) : ack(...args)),
  auth: (socket) => socket.emit('auth', socket.handshake.auth),
  /** An event whose name is a number. */
  7: (socket, args) => socket.emit('seven', ...args),
  /** What binary data is when it arrives. */
  kinds: (socket, args) => socket.emit('kinds', ...args.map((arg) => (Buffer.isBuffer(arg) ? 'Buffer' : typeof arg))),
  up: (_socket, [bytes], ack) => ack?.('got', (bytes as Buffer).length),
  burst: (socket, [count]) => {
    for (let i = 0; i < Number(count); i++) socket.emit('n', i)
  },
  /** Text and bytes by turns. */
  mixture: (socket, [count]) => {
    for (let i = 0; i < Number(count); i++) socket.emit('n', i % 2 === 0 ? i : Buffer.from([i]))
  },
  'one buffer twice': (socket) => {
    const bytes = Buffer.from([1, 2])
    socket.emit('bytes', bytes, bytes)
  },
  views: (socket) => {
    const { buffer } = Uint8Array.of(1, 2, 3, 4)
    socket.emit('views', buffer, new Uint8Array(buffer, 1, 2), new DataView(buffer, 3), { deep: [Buffer.alloc(0)] })
  },
  values: (socket) => {
    const told = { toJSON: () => 'by toJSON' }
    socket.emit('values', undefined, null, Number.NaN, new Date(0), { left: undefined, told }, () => {}, 'end')
  },
  'ack twice': (_socket, _args, ack) => {
    ack?.('first')
    ack?.('second')
  },
  'ack nothing': (_socket, _args, ack) => ack?.(),
  'ack when gone': (socket, _args, ack) => {
    socket.disconnect()
    ack?.('late')
  },
  ask: (socket, args) => socket.emit('question', ...args, (...answers: unknown[]) => socket.emit('answer', ...answers)),
  'ask for': (socket, [ms, ...args]) =>
    socket.timeout(Number(ms)).emit('question', ...args, (error: Error | null, ...answers: unknown[]) => {
      socket.emit('answer', error?.message ?? 'no error', ...answers)
    }),
  volatile: (socket, args) => socket.volatile.emit('volatile', ...args),
  'volatile behind': (socket) => {
    socket.emit('first')
    socket.volatile.emit('second')
  },
  leave: (socket) => socket.disconnect(),
  'say and leave': (socket) => {
    socket.emit('bye')
    socket.disconnect()
  },
  'leave all': (socket) => socket.disconnect(true),
}

/** What is asked and said about clients by others, in `/desk`. */
function serveDesk(desk: ApplicationNamespace, acquaintances: Acquaintances): void {
  const asked: Record<string, (key: unknown, answer: Ack, ...more: unknown[]) => void> = {
    reason: (key, answer) => acquaintances.of(key).reason.ask(answer),
    errors: (key, answer) => answer(acquaintances.of(key).errors),
    notes: (key, answer) => answer(acquaintances.of(key).notes),
    connections: (key, answer) => answer(acquaintances.of(key).connections),
    arrival: (key, answer) => acquaintances.of(key).arrival.ask(answer),
    end: (key, answer) => acquaintances.of(key).end.ask(answer),
    'let in': (key, answer, isLetIn) => {
      acquaintances.of(key).leave.tell(isLetIn === true)
      answer(true)
    },
    say: (key, answer, event, ...args) => {
      acquaintances.of(key).socket?.emit(String(event), ...args)
      answer(true)
    },
  }
  desk.on('connection', (socket) => {
    for (const [name, ask] of Object.entries(asked)) {
      socket.on(name, (key, ...rest) => ask(key, rest.pop() as Ack, ...rest))
    }
  })
}

/**
 * The application that this suite speaks to: `/`, `/ops` with a middleware that refuses, `/slow` with one that waits,
 * `/dynamic-` with any number, and `/desk`. It is the same on every server.
 */
export function serveSocketIo(io: ApplicationServer): Acquaintances {
  const acquaintances = new Acquaintances()
  const ops = io.of('/ops')
  ops.use(({ handshake }, next) => next(refusals[String(handshake.auth.pass)]))
  const slow = io.of('/slow')
  slow.use((socket, next) => {
    const { arrival, leave, end } = acquaintances.of(socket.handshake.auth.key)
    socket.conn.on('close', () => end.tell(true))
    leave.ask((isLetIn) => next(isLetIn ? undefined : new Error('not today')))
    arrival.tell(true)
  })
  for (const namespace of [io.of('/'), ops, slow, io.of(/^\/dynamic-\d+$/)]) {
    namespace.on('connection', (socket) => serveClient(socket, namespace, acquaintances))
  }
  serveDesk(io.of('/desk'), acquaintances)
  return acquaintances
}

function serveClient(socket: ApplicationSocket, namespace: ApplicationNamespace, acquaintances: Acquaintances): void {
  const { key, greeting } = socket.handshake.auth
  const acquaintance = acquaintances.of(key)
  acquaintance.connections++
  acquaintance.socket = socket
  socket.on('disconnect', (reason) => acquaintance.reason.tell(String(reason)))
  socket.on('error', (error) => acquaintance.errors.push((error as Error).message))
  socket.on('note', (note) => acquaintance.notes.push(note))
  if (greeting !== undefined) socket.emit('greeting', greeting)
  for (const [name, handle] of Object.entries(handlers)) {
    socket.on(name, (...args) => {
      const ack = typeof args.at(-1) === 'function' ? (args.pop() as Ack) : undefined
      handle(socket, args, ack)
    })
  }
  socket.on('room', (...args) => {
    socket.join('room of one')
    namespace.to('room of one').emit('room', ...args)
  })
}
