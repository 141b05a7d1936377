import type { Server } from '@partyline/server'
import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  type Client,
  type ConnectOptions,
  connect,
  PartylineError,
  type PublicationMeta,
  type Subscription,
} from '../src/index.ts'
import { FakeClock, settled } from './fake-clock.ts'
import { FakeServer } from './fake-server.ts'
import { setting } from './setting.ts'

interface ServerEvents {
  chat: (text: string, from: { name: string }) => void
  question: (text: string) => boolean
  ask: (text: string, answer: (yes: boolean) => void) => void
  nothing: () => void
}

interface ClientEvents {
  save: (document: { id: number }) => Promise<{ version: number }>
  rename: (name: string, done: (ok: boolean) => void) => void
  bye: () => void
}

const options: ConnectOptions = { autoConnect: false, clock: new FakeClock(), WebSocket: new FakeServer().WebSocket }

describe('events', () => {
  it('are typed on both sides', () => {
    const client = connect<ServerEvents, ClientEvents>('http://test', options)
    expectTypeOf(client).toEqualTypeOf<Client<ServerEvents, ClientEvents>>()

    client.on('chat', (text, from) => {
      expectTypeOf(text).toEqualTypeOf<string>()
      expectTypeOf(from).toEqualTypeOf<{ name: string }>()
    })
    client.on('question', (text) => text === 'why')
    client.on('question', async (text) => text === 'why')
    client.on('ask', (text) => text === 'why')
    // @ts-expect-error a question is answered with a boolean
    client.on('question', () => 'because')
    // @ts-expect-error there is no such event
    client.on('unknown', () => {})

    expectTypeOf(client.emitWithAck<'save'>).parameters.toEqualTypeOf<['save', { id: number }]>()
    expectTypeOf(client.emitWithAck<'save'>).returns.resolves.toEqualTypeOf<{ version: number }>()
    expectTypeOf(client.emitWithAck<'rename'>).parameters.toEqualTypeOf<['rename', string]>()
    expectTypeOf(client.emitWithAck<'rename'>).returns.resolves.toEqualTypeOf<boolean>()
    expectTypeOf(client.timeout(5).emitWithAck<'save'>).returns.resolves.toEqualTypeOf<{ version: number }>()
    client.emit('bye')
    // @ts-expect-error this event takes no arguments
    client.emit('bye', 1)
    // @ts-expect-error the argument is missing
    client.emit('save')
    client.close()
    expect(client.state.name).toBe('closed')
  })

  it('take a callback for the answer, as it was declared or as the result says', () => {
    const client = connect<ServerEvents, ClientEvents>('http://test', options)
    client.emit('save', { id: 1 })
    client.emit('save', { id: 1 }, (answer) => {
      expectTypeOf(answer).toEqualTypeOf<{ version: number }>()
    })
    client.emit('rename', 'Ada', (ok) => {
      expectTypeOf(ok).toEqualTypeOf<boolean>()
    })
    client.emit('bye', () => {})
    client.timeout(5).emit('rename', 'Ada', (error, ok) => {
      expectTypeOf(error).toEqualTypeOf<PartylineError | null>()
      expectTypeOf(ok).toEqualTypeOf<boolean>()
    })
    // @ts-expect-error the answer is a boolean
    client.emit('rename', 'Ada', (ok: string) => ok)
    // @ts-expect-error the name is missing
    expect(() => client.emit('rename', () => {})).not.toThrow()
    // @ts-expect-error the callback is missing
    expect(() => client.timeout(5).emit('rename', 'Ada')).toThrow(TypeError)
    client.close()
  })

  it('are declared once, for a server and for its clients', () => {
    interface ServerToClient {
      chat: (text: string, from: { name: string }) => void
      ask: (question: string, answer: (yes: boolean) => void) => void
    }
    interface ClientToServer {
      save: (document: { id: number }, done: (version: number, at: Date) => void) => void
    }
    type OnServer = Parameters<Parameters<Server<ClientToServer, ServerToClient>['on']>[1]>[0]
    expectTypeOf<OnServer['emit']>().toBeCallableWith('chat', 'hi', { name: 'Ada' })
    const client = connect<ServerToClient, ClientToServer>('http://test', options)
    client.on('chat', (text, from) => {
      expectTypeOf(text).toEqualTypeOf<string>()
      expectTypeOf(from).toEqualTypeOf<{ name: string }>()
    })
    client.on('ask', (question) => question === 'why')
    client.emit('save', { id: 1 }, (version, at) => {
      expectTypeOf(version).toEqualTypeOf<number>()
      expectTypeOf(at).toEqualTypeOf<Date>()
    })
    const saved = client.emitWithAck('save', { id: 1 })
    expectTypeOf(saved).resolves.toEqualTypeOf<number>()
    client.close()
    expect(client.state.name).toBe('closed')
  })

  it('may be declared as loosely as with Socket.IO', () => {
    interface Loose {
      // biome-ignore lint/suspicious/noExplicitAny: as its DefaultEventsMap has it
      [event: string]: (...args: any[]) => void
    }
    const client = connect<Loose, Loose>('http://test', options)
    client.on('anything', (a, b) => [a, b])
    client.emit('anything', 1, 'two', () => {})
    client.emit('anything')
    client.close()
    expect(client.state.name).toBe('closed')
  })

  it('are what is published in a room, too', () => {
    interface RoomEvents {
      message: (text: string) => void
      move: (at: { x: number }) => void
    }
    const client = connect<ServerEvents>('http://test', options)
    const games = client.subscribe<RoomEvents>('games')
    void games.publish('hi')
    void games.publish('hi', { volatile: true })
    void games.publish({ x: 1 }, { event: 'move' })
    // @ts-expect-error a message is a text
    void games.publish(5)
    // @ts-expect-error a move is a place
    void games.publish('hi', { event: 'move' })
    // @ts-expect-error there is no such event in this room
    void games.publish('hi', { event: 'chat' })
    const other = client.subscribe('other')
    void other.publish({ any: 'thing' })
    void other.publish('hi', { event: 'chat' })
    client.close()
    expect(games.state).toBe('joining')
  })

  it('of rooms are those of the server, unless the room has its own', () => {
    const client = connect<ServerEvents>('http://test', options)
    const lobby = client.subscribe('lobby')
    expectTypeOf(lobby).toEqualTypeOf<Subscription<ServerEvents>>()
    lobby.on('chat', (text, from, meta) => {
      expectTypeOf(text).toEqualTypeOf<string>()
      expectTypeOf(from).toEqualTypeOf<{ name: string }>()
      expectTypeOf(meta).toEqualTypeOf<PublicationMeta>()
    })
    lobby.on('nothing', (meta) => {
      expectTypeOf(meta).toEqualTypeOf<PublicationMeta>()
    })
    const games = client.subscribe<{ move: (x: number) => void }>('games')
    games.on('move', (x, meta) => {
      expectTypeOf(x).toEqualTypeOf<number>()
      expectTypeOf(meta).toEqualTypeOf<PublicationMeta>()
    })
    // @ts-expect-error there is no such event in this room
    games.on('chat', () => {})
    client.close()
    expect(lobby.room).toBe('lobby')
  })

  it('are anything where nobody says what they are', () => {
    const client = connect('http://test', options)
    expectTypeOf(client).toEqualTypeOf<Client>()
    client.on('anything', (a, b) => [a, b])
    client.on('anything', () => 5)
    const answer = client.emitWithAck('anything', 1, 'two')
    answer.catch(() => {})
    expectTypeOf(answer).resolves.toBeAny()
    const lobby = client.subscribe('lobby')
    lobby.on('message', (data, meta) => {
      expectTypeOf(data).toBeAny()
      expectTypeOf(meta).toEqualTypeOf<PublicationMeta>()
    })
    lobby.on('pair', (...args: unknown[]) => args)
    const published = lobby.publish('x')
    published.catch(() => {})
    expectTypeOf(published).resolves.toEqualTypeOf<{ epoch: string; seq: number } | Record<string, never>>()
    client.close()
    expect(client.id).toBeUndefined()
  })

  it('reach their listeners with the arguments they were said with', async () => {
    const { client, server } = setting()
    const heard: unknown[][] = []
    client.on('chat', (...args) => heard.push(args))
    const socket = await server.welcome()
    socket.say({ type: 'chat', data: 'one' })
    socket.say({ type: 'chat', args: ['two', 2] })
    socket.say({ type: 'chat' })
    socket.say({ type: 'chat', room: 'lobby', seq: 1, from: null, at: 1, args: ['three', 3] })
    expect(heard).toEqual([['one'], ['two', 2], [], ['three', 3]])
  })

  it('may bear names of the protocol, which travel with a $', async () => {
    const { client, server } = setting()
    const heard: unknown[] = []
    client.on('history', (data) => heard.push(data))
    const socket = await server.welcome()
    socket.say({ type: '$history', data: 'mine' })
    client.emit('error', 'mine too')
    expect(heard).toEqual(['mine'])
    expect(socket.received.at(-1)).toEqual({ type: '$error', data: 'mine too' })
  })

  it('are answered with what the first listener that has an answer returns', async () => {
    const { client, server } = setting()
    const socket = await server.welcome()
    client.on('question', () => {})
    client.on('question', async () => 'later')
    client.on('question', () => 'never asked')
    socket.say({ type: 'question', id: 3, data: 'why?' })
    await settled()
    expect(socket.last('ack')).toEqual({ type: 'ack', id: 3, data: 'later' })
  })

  it('are acknowledged without data where no listener has an answer', async () => {
    const { client, server } = setting()
    const socket = await server.welcome()
    client.on('note', () => {})
    socket.say({ type: 'note', id: 'n1' })
    await settled()
    expect(socket.last('ack')).toEqual({ type: 'ack', id: 'n1' })
  })

  it('that wait for an answer are refused where nobody listens', async () => {
    const { server } = setting()
    const socket = await server.welcome()
    socket.say({ type: 'question', id: 3 })
    await settled()
    expect(socket.last('ack')).toMatchObject({ id: 3, error: { code: 'unknown_event' } })
  })

  it('are refused with the code of a PartylineError, and without the words of any other', async () => {
    const { client, server } = setting()
    const socket = await server.welcome()
    client.on('question', async () => {
      throw new PartylineError('forbidden', 'not you')
    })
    client.on('other', async () => {
      throw new Error('a secret')
    })
    socket.say({ type: 'question', id: 1 })
    await settled()
    expect(socket.last('ack')).toEqual({ type: 'ack', id: 1, error: { code: 'forbidden', message: 'not you' } })
    socket.say({ type: 'other', id: 2 })
    await settled()
    expect(socket.last('ack')).toEqual({
      type: 'ack',
      id: 2,
      error: { code: 'internal', message: 'the listener failed' },
    })
  })

  it('are not answered on another connection than the one that asked', async () => {
    const { client, server, clock } = setting()
    let give: ((answer: string) => void) | undefined
    client.on('question', () => new Promise((resolve) => (give = resolve)))
    const first = await server.welcome()
    first.say({ type: 'question', id: 1 })
    first.drop()
    await clock.pass(750)
    const second = await server.welcome()
    give?.('late')
    await settled()
    expect(first.all('ack')).toEqual([])
    expect(second.all('ack')).toEqual([])
  })
})
