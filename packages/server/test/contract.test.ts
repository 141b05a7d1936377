import { RequestError } from '@partyline/protocol'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Contract, Socket } from '../src/index.ts'
import { serve } from './served.ts'
import { connect, type TestClient } from './test-client.ts'

type Ack = (value: unknown) => void

/** A lenient client, and what its server logs, after this has been done with its socket. */
async function talk(onConnection: (socket: Socket) => void) {
  const { io, url, log } = await serve()
  io.on('connection', onConnection)
  return { io, log, client: await connect(url) }
}

/** A schema of no library, which does what it is told. */
function schemaOf(validate: (value: unknown) => unknown): StandardSchemaV1<unknown, unknown> {
  return { '~standard': { version: 1, vendor: 'test', validate: validate as never } }
}

/** Resolves when a test says so. */
function gate() {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

const libraries: [string, Contract][] = [
  ['zod', z.object({ text: z.string(), n: z.number().default(1) })],
  ['valibot', v.object({ text: v.string(), n: v.optional(v.number(), 1) })],
  ['arktype', type({ text: 'string', n: 'number = 1' })],
]

describe('a handler with a schema', () => {
  it.each(libraries)('of %s gets what the schema made of the argument', async (_, schema) => {
    const { client } = await talk((socket) => {
      socket.on('chat', schema, (...[data, ack]: unknown[]) => (ack as Ack)(data))
    })
    expect(await client.ask({ type: 'chat', data: { text: 'hi' } })).toEqual({ data: { text: 'hi', n: 1 } })
  })

  it.each(libraries)('of %s is not called with what does not fit, and the client is told where', async (_, schema) => {
    let called = 0
    const { client, log } = await talk((socket) => {
      socket.on('chat', schema, (...[, ack]: unknown[]) => (ack as Ack)(++called))
    })
    const { error } = await client.ask({ type: 'chat', data: { text: 5 } })
    expect(error.code).toBe('invalid')
    expect(error.message).toMatch(/^"chat": text: ./)
    client.say({ type: 'chat', data: { text: 5 } })
    expect(await client.take()).toEqual({ type: 'error', error, request: 'chat' })
    expect(await client.ask({ type: 'chat', data: { text: 'fits' } })).toEqual({ data: 1 })
    expect(log).toEqual([])
  })

  it('always gets an acknowledgement, also where nobody waits for one', async () => {
    const acks: unknown[] = []
    const { client } = await talk((socket) => {
      socket.on('chat', z.string(), (_text, ack) => {
        acks.push(typeof ack)
        ack('heard')
      })
    })
    client.say({ type: 'chat', data: 'x' })
    expect(await client.rest()).toEqual([])
    expect(await client.ask({ type: 'chat', data: 'x' })).toEqual({ data: 'heard' })
    expect(acks).toEqual(['function', 'function'])
  })

  it('that is called once waits for one that fits', async () => {
    const { client } = await talk((socket) => {
      socket.once('chat', z.string(), (text, ack) => ack(text))
    })
    expect(await client.ask({ type: 'chat', data: 1 })).toMatchObject({ error: { code: 'invalid' } })
    expect(await client.ask({ type: 'chat', data: 'a' })).toEqual({ data: 'a' })
    expect(await client.ask({ type: 'chat', data: 'b' })).toMatchObject({ error: { code: 'unknown_event' } })
  })

  it('leaves handlers without one as they are', async () => {
    const heard: unknown[] = []
    const { client } = await talk((socket) => {
      socket.on('chat', z.string(), (text) => void heard.push(['checked', text]))
      socket.on('chat', (...args) => void heard.push(['unchecked', ...args]))
    })
    client.say({ type: 'chat', data: 5 })
    client.say({ type: 'chat', data: 'x' })
    expect(await client.rest()).toMatchObject([{ type: 'error', error: { code: 'invalid' } }])
    expect(heard).toEqual([
      ['unchecked', 5],
      ['checked', 'x'],
      ['unchecked', 'x'],
    ])
  })

  it('is told of bytes as a Buffer', async () => {
    const { client } = await talk((socket) => {
      socket.on('upload', z.instanceof(Uint8Array), (bytes, ack) => ack(Buffer.isBuffer(bytes), bytes.length))
    })
    expect(await client.ask({ type: 'upload', data: { $binary: 'AQID' } })).toEqual({ args: [true, 3] })
  })
})

describe('the arguments of an event', () => {
  it('are checked in their order, each by its own schema', async () => {
    const { client } = await talk((socket) => {
      socket.on('move', [z.string(), z.object({ x: z.number() })], (piece, to, ack) => ack(`${piece} ${to.x}`))
    })
    expect(await client.ask({ type: 'move', args: ['rook', { x: 3 }] })).toEqual({ data: 'rook 3' })
    const { error } = await client.ask({ type: 'move', args: ['rook', { x: 'three' }] })
    expect(error).toMatchObject({ code: 'invalid', message: expect.stringMatching(/^"move": argument 2: x: ./) })
  })

  it.each<[string, Contract, object, string | undefined]>([
    ['one too many', z.string(), { args: ['a', 'b'] }, '"e" takes 1 argument, not 2'],
    ['none', z.string(), { args: [] }, '"e" takes 1 argument, not 0'],
    ['one too few', [z.string(), z.any()], { data: 'a' }, '"e" takes 2 arguments, not 1'],
    ['one where none is taken', [], { data: 'a' }, '"e" takes 0 arguments, not 1'],
    ['none where none is taken', [], { args: [] }, undefined],
    ['none, as a plain client says it', [], {}, undefined],
  ])('are counted: %s', async (_, contract, payload, message) => {
    const { client } = await talk((socket) => {
      socket.on('e', contract, (...args: unknown[]) => (args.at(-1) as () => void)())
    })
    const answer = await client.ask({ type: 'e', ...payload })
    expect(answer).toEqual(message === undefined ? {} : { error: { code: 'invalid', message } })
  })
})

describe('the refusal', () => {
  const words = async (schema: Contract, data: unknown): Promise<string> => {
    const { client } = await talk((socket) => {
      socket.on('e', schema, () => {})
    })
    const { error } = await client.ask({ type: 'e', data })
    expect(error.code).toBe('invalid')
    return error.message
  }

  it('names the way to an issue', async () => {
    expect(await words(z.object({ users: z.array(z.object({ age: z.number() })) }), { users: [{ age: 'x' }] })).toMatch(
      /^"e": users\[0\]\.age: /,
    )
    const issue = { message: 'no', path: [{ key: 'a' }, 'b', 3, Symbol('s')] }
    expect(
      await words(
        schemaOf(() => ({ issues: [issue] })),
        1,
      ),
    ).toBe('"e": a.b[3].Symbol(s): no')
    expect(
      await words(
        schemaOf(() => ({ issues: [{ message: 'no' }] })),
        1,
      ),
    ).toBe('"e": no')
    expect(
      await words(
        schemaOf(() => ({ issues: [] })),
        1,
      ),
    ).toBe('"e": refused')
  })

  it('tells three issues at most', async () => {
    const issues = Array.from({ length: 10 }, (_, i) => ({ message: `wrong ${i}` }))
    expect(
      await words(
        schemaOf(() => ({ issues })),
        1,
      ),
    ).toBe('"e": wrong 0; wrong 1; wrong 2')
  })

  it.each([
    ['a message', { message: '😀'.repeat(1_000) }],
    ['a path', { message: 'x', path: ['😀'.repeat(1_000)] }],
  ])('is cut where %s is long, between two characters', async (_, issue) => {
    const message = await words(
      schemaOf(() => ({ issues: [issue] })),
      1,
    )
    expect(message.length).toBeLessThanOrEqual(400)
    expect(message).toContain('…')
    expect(message.isWellFormed()).toBe(true)
  })

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('secret words')
      },
    ],
    ['rejects', () => Promise.reject(new Error('secret words'))],
  ])('of a schema that %s is our fault, and logged', async (_, fails) => {
    let called = 0
    const { client, log } = await talk((socket) => {
      socket.on('e', [schemaOf(fails), schemaOf(fails)], () => void called++)
    })
    const { error } = await client.ask({ type: 'e', args: [1, 2] })
    expect(error.code).toBe('internal')
    expect(error.message).not.toContain('secret words')
    expect(log).toMatchObject([{ level: 'error', fields: { error: expect.stringContaining('secret words') } }])
    expect(called).toBe(0)
  })
})

describe('an asynchronous schema', () => {
  /** A server whose schema for `slow` waits for the test; `fast` has none. */
  async function slow(validate: (opened: Promise<void>, value: unknown) => Promise<unknown>) {
    const { opened, open } = gate()
    const heard: unknown[] = []
    const made = await talk((socket) => {
      socket.on(
        'slow',
        schemaOf((value) => validate(opened, value)),
        (value, ack) => {
          heard.push(['slow', value])
          ack(value)
        },
      )
      socket.on('fast', (value) => void heard.push(['fast', value]))
    })
    return { ...made, open, heard }
  }
  const accept = async (opened: Promise<void>, value: unknown) => {
    await opened
    return { value }
  }

  it('keeps the order of the client’s events, whatever their names', async () => {
    const { client, open, heard } = await slow(accept)
    for (const [type, data] of [
      ['slow', 1],
      ['fast', 2],
      ['slow', 3],
      ['fast', 4],
    ])
      client.say({ type, data })
    expect(await client.rest()).toEqual([])
    expect(heard).toEqual([])
    open()
    await expect.poll(() => heard.length).toBe(4)
    expect(heard).toEqual([
      ['slow', 1],
      ['fast', 2],
      ['slow', 3],
      ['fast', 4],
    ])
    client.say({ type: 'fast', data: 5 })
    await client.rest()
    expect(heard.at(-1)).toEqual(['fast', 5])
  })

  it('does not hold up other clients', async () => {
    const { opened } = gate()
    const { io, url } = await serve()
    io.on('connection', (socket) => {
      socket.on(
        'e',
        schemaOf(async (value) => (value === 'slow' ? opened.then(() => ({ value })) : { value })),
        (value, ack) => ack(value),
      )
    })
    const [one, two] = [await connect(url), await connect(url)]
    one.say({ type: 'e', data: 'slow' })
    await one.rest()
    expect(await two.ask({ type: 'e', data: 'fast' })).toEqual({ data: 'fast' })
  })

  it('refuses as others do, and goes on', async () => {
    const { client, open } = await slow(async (opened, value) => {
      await opened
      return value === 'bad' ? { issues: [{ message: 'bad' }] } : { value }
    })
    open()
    client.say({ type: 'slow', data: 'bad' })
    expect(await client.take()).toEqual({
      type: 'error',
      error: { code: 'invalid', message: '"slow": bad' },
      request: 'slow',
    })
    expect(await client.ask({ type: 'slow', data: 'good' })).toEqual({ data: 'good' })
  })

  it('lets so many events wait, and refuses more', async () => {
    const { client, open, heard } = await slow(accept)
    for (let i = 0; i < 40; i++) client.say({ type: i === 0 ? 'slow' : 'fast', data: i })
    const refused = await client.rest()
    expect(refused.length).toBe(7)
    for (const each of refused) expect(each).toMatchObject({ error: { code: 'too_many' }, request: 'fast' })
    open()
    await expect.poll(() => heard.length).toBe(33)
  })

  it('calls nobody once the client has gone, and logs nothing', async () => {
    const { io, client, log, open, heard } = await slow(async (opened, value) => {
      await opened
      if (value === 1) throw new RequestError('invalid', 'what the client said')
      return { value }
    })
    for (const data of [1, 2]) client.say({ type: 'slow', data })
    await client.rest()
    client.drop()
    await expect.poll(() => io.stats.clients.total).toBe(0)
    open()
    await new Promise(setImmediate)
    expect([heard, log]).toEqual([[], []])
  })
})

describe('a listener that is registered', () => {
  const register = async (...how: unknown[]): Promise<unknown> => {
    const { io, url } = await serve()
    const thrown = new Promise<unknown>((resolve) => {
      io.on('connection', (socket) => {
        try {
          ;(socket.on as (...how: unknown[]) => void)('e', ...how)
          resolve(undefined)
        } catch (error) {
          resolve(error)
        }
      })
    })
    const client: TestClient = await connect(url)
    await client.rest()
    return thrown
  }

  it.each<[string, unknown[], string]>([
    ['with what is no schema', [{ parse: () => 1 }, () => {}], 'the schema of "e" is none of Standard Schema'],
    ['with one that is none among others', [[z.string(), null], () => {}], 'the schema of "e" is none'],
    ['with a schema and no listener', [z.string()], 'must be a function'],
    ['with a schema that is a function, and no listener', [type('string')], 'wants a listener behind the schema'],
    ['with a schema and something else', [z.string(), 5], 'must be a function'],
  ])('%s throws', async (_, how, message) => {
    expect(await register(...how)).toMatchObject({ name: 'TypeError', message: expect.stringContaining(message) })
  })
})
