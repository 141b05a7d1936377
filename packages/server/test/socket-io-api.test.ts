import { describe, expect, it } from 'vitest'
import { onBoth, type Stage } from './both-servers.ts'
import { once } from './served.ts'
import { ways } from './stock-client.ts'

type Program = (stage: Stage) => unknown

/** What something throws, as text. */
const thrownBy = (work: () => unknown): string => {
  try {
    work()
    return 'nothing'
  } catch (error) {
    return (error as Error).message
  }
}

/** What something rejects with. */
const rejectionOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (value) => ['resolved', value],
    (error) => [error.message, [...(error.responses ?? ['none'])].sort()],
  )

/** One event after the other: npm's server calls an event's listeners some turns after it came. */
const grown = (told: readonly unknown[], length: number): Promise<void> =>
  expect.poll(() => told.length).toBe(length) as unknown as Promise<void>

/** Lets each client answer with its letter; `c` never answers where it is silent. */
const answering = ({ a, b, c }: Stage, isSilent = false): void => {
  for (const [letter, { client }] of Object.entries({ a, b, c })) {
    if (letter === 'c' && isSilent) continue
    client.on('question', (...args: unknown[]) => (args.at(-1) as (...answer: unknown[]) => void)(letter, args.length))
  }
}

const programs: readonly (readonly [string, Program])[] = [
  [
    'join and leave: a room, several, again, and one that it is not in',
    async ({ a, letters }) => {
      const seen: unknown[] = []
      const look = (): void => void seen.push(letters(a.socket.rooms))
      await a.socket.join('x')
      await a.socket.join(['y', 'z', 'x'])
      look()
      await a.socket.leave('y')
      await a.socket.leave('nowhere')
      look()
      const { id } = a.socket
      await a.socket.leave(id)
      look()
      a.socket.disconnect()
      look()
      await a.socket.join('late')
      look()
      return seen
    },
  ],
  [
    'whom rooms and exceptions address, from the server and from a socket',
    async ({ io, a, b, c, heard }) => {
      await a.socket.join(['x', 'both'])
      await b.socket.join(['y', 'both'])
      io.emit('io')
      io.to('x').emit('to x')
      io.to(['x', 'y']).emit('to x and y')
      io.to('x').to('y').in('both').emit('chained')
      io.in('nobody').emit('nobody')
      io.to([]).emit('to an empty list')
      io.except('x').emit('except x')
      io.to('both').except('y').emit('both but y')
      io.except(['x', b.socket.id]).emit('except x and b')
      io.to(c.socket.id).emit('to c')
      a.socket.to('both').emit('a to both')
      a.socket.to('x').emit('a to x, where it is alone')
      a.socket.to(a.socket.id).emit('a to itself')
      a.socket.broadcast.emit('a to the others')
      a.socket.except('y').emit('a to all but y')
      a.socket.broadcast.except('y').to('both').emit('a to both but y')
      a.socket.local.emit('a to the others here')
      io.local.compress(true).emit('local')
      return heard()
    },
  ],
  [
    'an operator that is used more than once',
    async ({ io, a, b, heard }) => {
      await a.socket.join('x')
      await b.socket.join('y')
      const toX = io.to('x')
      toX.to('y').emit('both')
      toX.except('x').emit('nobody')
      toX.emit('x alone')
      return heard()
    },
  ],
  [
    'fetchSockets and allSockets, with what they show',
    async ({ io, a, b, letterOf, letters }) => {
      await a.socket.join('x')
      await b.socket.join('x')
      a.socket.data.name = 'Ada'
      const shown = (await io.in('x').fetchSockets()).map(({ id, data, rooms, handshake }) => [
        letterOf(id),
        { ...data },
        letters(rooms),
        { ...handshake.auth },
      ])
      const idsOf = async (sockets: Promise<{ id: string }[]>): Promise<string[]> =>
        letters((await sockets).map(({ id }) => id))
      return [
        shown.sort(),
        await idsOf(io.fetchSockets()),
        await idsOf(io.except('x').fetchSockets()),
        await idsOf(io.in('x').except(a.socket.id).fetchSockets()),
        await idsOf(io.in('nowhere').fetchSockets()),
        await idsOf(a.socket.broadcast.fetchSockets()),
        letters(await io.in('x').allSockets()),
        letters(await io.of('/').allSockets()),
      ]
    },
  ],
  [
    'socketsJoin, socketsLeave and disconnectSockets',
    async ({ io, a, b, c, letters }) => {
      io.socketsJoin(['x', 'y'])
      io.in(a.socket.id).socketsLeave('x')
      io.in('x').except(b.socket.id).socketsJoin('z')
      const rooms = [a, b, c].map(({ socket }) => letters(socket.rooms))
      const left = once(c.client, 'disconnect')
      io.in('z').disconnectSockets()
      const [reason] = await left
      io.socketsLeave(['y', 'x'])
      return [rooms, reason, c.client.io.engine.readyState, [a, b].map(({ socket }) => letters(socket.rooms))]
    },
  ],
  [
    'adapter.rooms and adapter.sids',
    async ({ io, a, b, letters, letterOf }) => {
      await a.socket.join('x')
      await b.socket.join('x')
      await b.socket.join('y')
      const { rooms, sids } = io.of('/').adapter
      const seen: unknown[] = [
        letters(rooms.keys()),
        rooms.size,
        [rooms.get('x')?.size, rooms.has('x'), rooms.has('nowhere'), rooms.get('nowhere')],
        letters(rooms.get('x') ?? []),
        [...rooms].map(([room, ids]) => [letterOf(room), letters(ids)]).sort(),
        letters(sids.keys()),
        letters(sids.get(b.socket.id) ?? []),
        [rooms instanceof Map, sids.size, sids.has('nobody')],
      ]
      await a.socket.leave('x')
      b.socket.disconnect()
      rooms.forEach((ids, room) => {
        seen.push([letterOf(room), letters(ids)])
      })
      return seen.map((each) => JSON.stringify(each)).sort()
    },
  ],
  [
    'timeout().emitWithAck and its callback, where all answer',
    async (stage) => {
      const { io, a, b } = stage
      answering(stage)
      const responses = (await io.timeout(10_000).emitWithAck('question', 1)) as string[]
      const called = await new Promise((resolve) =>
        io
          .except(a.socket.id)
          .timeout(10_000)
          .emit('question', (...answer: unknown[]) => resolve(answer)),
      )
      const [error, some] = called as [unknown, string[]]
      const single = await a.socket.timeout(10_000).emitWithAck('question', 1, 2)
      const plain = await b.socket.emitWithAck('question')
      const callback = await new Promise((resolve) =>
        a.socket.timeout(10_000).emit('question', (...answer: unknown[]) => resolve(answer)),
      )
      const bare = await new Promise((resolve) => a.socket.emit('question', (...answer: unknown[]) => resolve(answer)))
      return [responses.sort(), error, some.sort(), single, plain, callback, bare]
    },
  ],
  [
    'timeout().emitWithAck and its callback, where one does not answer',
    async (stage) => {
      const { io, c } = stage
      answering(stage, true)
      const timedOut = new Promise((resolve) =>
        io.timeout(200).emit('question', (error: Error, responses: string[]) => {
          resolve([error.message, responses.sort()])
        }),
      )
      return [
        await rejectionOf(io.timeout(200).emitWithAck('question')),
        await timedOut,
        await rejectionOf(c.socket.timeout(20).emitWithAck('question')),
        await new Promise((resolve) => c.socket.timeout(20).emit('question', (error: Error) => resolve(error.message))),
      ]
    },
  ],
  [
    'timeout().emitWithAck, where nobody is addressed',
    async ({ io }) => [
      await io.to('nowhere').timeout(10_000).emitWithAck('question'),
      await new Promise((resolve) =>
        io
          .to('nowhere')
          .timeout(10_000)
          .emit('question', (...answer: unknown[]) => resolve(answer)),
      ),
    ],
  ],
  [
    'acknowledgements of a client’s events: several values, bytes, twice',
    async ({ a }) => {
      a.socket.on('several', (x: number, ack: (...answer: unknown[]) => void) => {
        ack(x, 'two', { three: [3] })
        ack('again')
      })
      a.socket.on('bytes', (bytes: Buffer, ack: (...answer: unknown[]) => void) => ack(bytes, Buffer.isBuffer(bytes)))
      a.socket.on('nothing', (ack: () => void) => ack())
      const several = await new Promise((resolve) =>
        a.client.emit('several', 1, (...answer: unknown[]) => resolve(answer)),
      )
      const bytes = await new Promise((resolve) =>
        a.client.emit('bytes', new Uint8Array([1, 2]), (...answer: unknown[]) => resolve(answer)),
      )
      return [several, bytes, await a.client.emitWithAck('nothing')]
    },
  ],
  [
    'values of every kind, both ways',
    async ({ io, a, heard }) => {
      const values = [
        [undefined, null, true, 1.5, 'ü€😀', [], {}],
        [new Date(0), { deep: { toJSON: () => 'json' } }, Number.NaN],
        [Buffer.from([1]), { deep: [new Uint8Array([2, 3])] }, new Uint8Array([4]).buffer],
        ['', '\u001e', '\u0000"\\'],
      ]
      for (const each of values) a.socket.emit('values', ...each)
      for (const each of values) io.to(a.socket.id).emit('values', ...each)
      const got: unknown[] = []
      a.socket.on('values', (...args: unknown[]) => got.push(args))
      for (const each of values) a.client.emit('values', ...each)
      a.socket.on('done', (ack: () => void) => ack())
      await a.client.emitWithAck('done')
      return [(await heard()).a, got]
    },
  ],
  [
    'names that nobody may emit',
    ({ io, a }) =>
      ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'].map((name) =>
        [() => io.emit(name), () => a.socket.emit(name), () => io.to('x').emit(name)].map(thrownBy),
      ),
  ],
  [
    'what calls answer',
    ({ io, a }) => [
      io.emit('x'),
      a.socket.emit('x'),
      io.to('x').emit('x'),
      a.socket.broadcast.emit('x'),
      io.send('x') === io,
      io.write('x') === io,
      a.socket.send('x') === a.socket,
      a.socket.volatile === a.socket,
      a.socket.compress(false) === a.socket,
      a.socket.timeout(1) === (a.socket as unknown),
      io.of('/').send('x') === io.of('/'),
      io.use((_socket, next) => next()) === io,
      a.socket.use((_packet, next) => next()) === a.socket,
      a.socket.disconnect() === a.socket,
    ],
  ],
  [
    'send, write and volatile',
    async ({ io, a, heard }) => {
      a.socket.send('one', 2)
      io.write('all')
      io.of('/').send({ n: 3 })
      await heard()
      a.socket.volatile.emit('volatile', 1)
      await heard()
      io.volatile.emit('volatile to all', 1)
      return heard()
    },
  ],
  [
    'listeners to everything, coming and going',
    async ({ io, a, heard }) => {
      const told: unknown[] = []
      const any = (event: string, ...args: unknown[]): unknown => told.push(['any', event, args.length])
      a.socket.onAny(any)
      a.socket.prependAny((event: string) => told.push(['first', event]))
      a.socket.onAnyOutgoing((event: string, ...args: unknown[]) => told.push(['outgoing', event, ...args]))
      a.socket.on('known', () => told.push(['known']))
      a.socket.on('asked', (ack: (answer: string) => void) => ack('answer'))
      a.client.emit('known', 1)
      await grown(told, 3)
      a.client.emit('unknown', 1, 2)
      await a.client.emitWithAck('asked')
      a.socket.emit('own', 1)
      io.emit('to all', 2)
      a.socket.broadcast.emit('not to it')
      a.socket.offAny(any)
      await a.client.emitWithAck('asked')
      const counts = [a.socket.listenersAny().length, a.socket.listenersAnyOutgoing().length]
      a.socket.offAny().offAnyOutgoing()
      await heard()
      return [told, counts]
    },
  ],
  [
    'middlewares of a socket: changed, refused, in order',
    async ({ a }) => {
      const told: unknown[] = []
      a.socket.use((packet, next) => {
        told.push(['middleware', packet[0]])
        if (packet[0] === 'bad') next(new Error('not this one'))
        else {
          packet[1] = `${packet[1]}!`
          next()
        }
      })
      a.socket.on('error', (error) => told.push(['error', error.message]))
      for (const event of ['good', 'bad']) a.socket.on(event, (text: string) => told.push([event, text]))
      a.socket.on('done', (_text: string, ack: () => void) => ack())
      for (const [n, event] of ['good', 'bad', 'good'].entries()) {
        a.client.emit(event, 'text')
        await grown(told, 2 * (n + 1))
      }
      await a.client.emitWithAck('done', '')
      return told
    },
  ],
  [
    'listeners of a socket and of a namespace, as of an EventEmitter',
    async ({ io, a }) => {
      const told: unknown[] = []
      const listener = (): unknown => told.push('on')
      a.socket.on('x', listener).once('x', () => told.push('once'))
      a.socket.prependListener('x', () => told.push('prepended'))
      a.socket.prependOnceListener('x', () => told.push('prepended once'))
      a.socket.addListener('y', listener)
      const counts = [
        a.socket.listenerCount('x'),
        a.socket.listeners('x').length,
        a.socket.listeners('x')[2] === listener,
      ]
      a.socket.on('done', (ack: () => void) => ack())
      for (let n = 0; n < 2; n++) a.client.emit('x')
      await a.client.emitWithAck('done')
      a.socket.off('x', listener).removeListener('y', listener)
      a.client.emit('x')
      a.socket.setMaxListeners(0)
      await a.client.emitWithAck('done')
      a.socket.removeAllListeners('x')
      const space = io.of('/space')
      space.on('connection', () => {}).prependListener('connection', () => {})
      const after = [a.socket.listenerCount('x'), space.listenerCount('connection'), space.eventNames()]
      space.removeAllListeners()
      io.setMaxListeners(0)
      return [told, counts, after, space.listeners('connection')]
    },
  ],
  [
    'the order of disconnecting and disconnect, and what is left then',
    async ({ io, a, letters }) => {
      const told: unknown[] = []
      await a.socket.join('x')
      for (const event of ['disconnecting', 'disconnect'] as const) {
        a.socket.on(event, (reason) => {
          const { connected, disconnected, rooms } = a.socket
          told.push([event, reason, connected, disconnected, letters(rooms), io.sockets.sockets.has(a.socket.id)])
        })
      }
      const gone = once(a.socket, 'disconnect')
      a.client.disconnect()
      await gone
      a.socket.emit('nobody hears')
      return told
    },
  ],
]

describe('a Socket.IO program', () => {
  it.each(programs)('does the same here as on npm socket.io: %s', async (_, program) => {
    const { ours, theirs } = await onBoth(program)
    expect(ours).toEqual(theirs)
  })

  it.each(ways)('addresses the same clients by rooms and exceptions, by %s', async (_, way) => {
    const addressing = programs.find(([title]) => title.startsWith('whom rooms'))?.[1] as Program
    const { ours, theirs } = await onBoth(addressing, {}, way)
    expect(ours).toEqual(theirs)
  })
})
