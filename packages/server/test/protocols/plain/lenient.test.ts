import { describe, expect, it } from 'vitest'
import { open, serve } from '../../served.ts'
import { connect } from '../../test-client.ts'

const rooms = { lobby: open }

describe('a lenient client', () => {
  it('says bare text to the handler of message, and hears bare text', async () => {
    const { io, url } = await serve()
    io.on('connection', (socket) => {
      socket.on('message', (text) => socket.send(`Echo: ${text}`))
    })
    const client = await connect(url)
    for (const text of ['Hello Server!', '', '[1,2]', '{}', '{"type":5}', '{"a":', '"ping"', 'PING', ' ping']) {
      client.say(text)
      await client.take((heard) => heard === `Echo: ${text}`)
    }
    expect(await client.rest()).toEqual([])
  })

  it('gets bare pong for bare ping, and JSON for JSON', async () => {
    const { url } = await serve()
    const client = await connect(url)
    client.say('ping')
    client.say({ type: 'ping' })
    await client.take()
    await client.take()
    expect(client.frames).toEqual(['pong', '{"type":"pong"}'])
  })

  it('says events as JSON, with one argument, several, none, or the rest of the object', async () => {
    const { io, url } = await serve()
    const heard: unknown[][] = []
    io.on('connection', (socket) => {
      socket.on('chat', (...args: unknown[]) => heard.push(args))
    })
    const client = await connect(url)
    const said = [
      [{ data: 1 }, [1]],
      [{ data: null }, [null]],
      [{ args: [1, 'two', null] }, [1, 'two', null]],
      [{ args: [] }, []],
      [{ message: 'hi' }, [{ message: 'hi' }]],
      [{}, [{}]],
      [{ key: 'k', x: 1 }, [{ key: 'k', x: 1 }]],
    ] as const
    for (const [fields] of said) client.say({ type: 'chat', ...fields })
    await client.rest()
    expect(heard).toEqual(said.map(([, args]) => args))
  })

  it('gets an ack with its own id, as it is', async () => {
    const { io, url } = await serve()
    io.on('connection', (socket) => {
      socket.on('save', (value, ack) => ack(value))
      socket.on('several', (ack) => ack(1, 2))
      socket.on('none', (ack) => ack())
    })
    const client = await connect(url)
    for (const id of [7, 'seven', 0, -1.5, '']) {
      client.say({ type: 'save', data: { n: 1 }, id })
      expect(await client.take()).toEqual({ type: 'ack', id, data: { n: 1 } })
    }
    client.say({ type: 'several', args: [], id: 1 })
    expect(await client.take()).toEqual({ type: 'ack', id: 1, args: [1, 2] })
    client.say({ type: 'none', args: [], id: 2 })
    expect(await client.take()).toEqual({ type: 'ack', id: 2 })
  })

  it('gets one answer, whatever the handler does', async () => {
    const { io, url } = await serve()
    io.on('connection', (socket) => {
      socket.on('twice', (_, ack) => {
        ack(1)
        ack(2)
        throw new Error('and this')
      })
    })
    const client = await connect(url)
    expect(await client.ask({ type: 'twice', data: 0 })).toEqual({ data: 1 })
    expect(await client.rest()).toEqual([])
  })

  it('is told of an event that nobody listens to, and lives', async () => {
    const { url } = await serve()
    const client = await connect(url)
    expect(await client.ask({ type: 'nothing' })).toMatchObject({ error: { code: 'unknown_event' } })
    client.say({ type: 'nothing' })
    expect(await client.take()).toMatchObject({ type: 'error', error: { code: 'unknown_event' }, request: 'nothing' })
    client.say('bare')
    expect(await client.take()).toMatchObject({ type: 'error', error: { code: 'unknown_event' }, request: 'message' })
    expect(await client.rest()).toEqual([])
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '$error', '*'])(
    'reaches nothing of the language by an event called %s',
    async (type) => {
      const { io, url, log } = await serve()
      io.on('connection', (socket) => {
        socket.on('message', () => {})
      })
      const client = await connect(url)
      expect(await client.ask({ type, data: { __proto__: 1 } })).toMatchObject({ error: { code: 'unknown_event' } })
      expect(log).toEqual([])
    },
  )

  it.each(['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'])(
    'cannot say %s, with a $ or without',
    async (type) => {
      const { io, url } = await serve()
      const told: unknown[] = []
      io.on('connection', (socket) => {
        socket.on('disconnect', (reason) => told.push(reason))
        socket.on('disconnecting', (reason) => told.push(reason))
      })
      const client = await connect(url)
      expect(await client.ask({ type, data: 'x' })).toMatchObject({ error: { code: 'invalid' } })
      expect(await client.ask({ type: `$${type}`, data: 'x' })).toMatchObject({ error: { code: 'invalid' } })
      expect(told).toEqual([])
    },
  )

  it.each([
    ['empty', ''],
    ['of 257 bytes', 'x'.repeat(257)],
    ['of a megabyte', 'x'.repeat(900_000)],
    ['with a control character', 'a\u0000'],
    ['half a character', '\ud800'],
  ])('is refused an event whose name is %s, and it is not repeated', async (_, type) => {
    const { url, log } = await serve()
    const client = await connect(url)
    client.say({ type })
    const answer = await client.take()
    expect(answer).toMatchObject({ type: 'error', error: { code: 'invalid' } })
    expect(answer.request).toBeUndefined()
    expect(log).toEqual([])
  })

  it.each(['connect', 'error', 'gap', 'welcome', 'open', 'close', 'expiring', 'overloaded'])(
    'is refused a message of the type %s',
    async (type) => {
      const { url } = await serve()
      const client = await connect(url)
      client.say({ type })
      expect(await client.take()).toMatchObject({ type: 'error', error: { code: 'invalid' }, request: type })
    },
  )

  it('shares reserved names with the application, behind a $', async () => {
    const { io, url } = await serve()
    io.on('connection', (socket) => {
      for (const event of ['history', 'error', '$history']) {
        socket.on(event, (...args: unknown[]) => socket.emit(event, ...args))
      }
    })
    const client = await connect(url)
    for (const type of ['$history', '$error', '$$history']) {
      client.say({ type, data: 1 })
      expect(await client.take()).toEqual({ type, data: 1 })
    }
  })

  it('says and hears bytes in binary frames', async () => {
    const { io, url } = await serve({ rooms })
    io.on('connection', (socket) => {
      void socket.join('lobby')
      socket.on('message', (bytes) => socket.send(bytes))
      socket.on('nested', (value) => socket.emit('nested', value))
      socket.on('all', (bytes) => io.to('lobby').emit('message', bytes))
    })
    const client = await connect(url)
    const bytes = Buffer.from([0, 1, 255])
    client.say(bytes)
    expect(await client.take()).toEqual(bytes)
    client.say(Buffer.alloc(0))
    expect(await client.take()).toEqual(Buffer.alloc(0))
    const nested = { a: { $binary: 'AAH/' } }
    client.say({ type: 'nested', data: nested })
    expect(await client.take()).toEqual({ type: 'nested', data: nested })
    client.say({ type: 'all', data: { $binary: 'AAH/' } })
    expect(await client.take()).toEqual(bytes)
  })

  it('hands the application bytes where JSON had them', async () => {
    const { io, url } = await serve()
    const heard: unknown[] = []
    io.on('connection', (socket) => {
      socket.on('up', (value) => heard.push(value))
    })
    const client = await connect(url)
    client.say({ type: 'up', data: [{ $binary: 'AAH/' }, { $$binary: 'x' }] })
    await client.rest()
    expect(heard).toEqual([[Buffer.from([0, 1, 255]), { $binary: 'x' }]])
  })

  it('is refused what is nested more than 64 deep', async () => {
    const { url } = await serve()
    const client = await connect(url)
    client.say(`{"type":"a","data":${'['.repeat(64)}${']'.repeat(64)}}`)
    expect(await client.take()).toMatchObject({ type: 'error', error: { code: 'invalid' } })
  })

  it('answers what the server asks with an id', async () => {
    const { io, url } = await serve()
    const answers: unknown[] = []
    io.on('connection', (socket) => {
      socket.emit('question', 1, (...args: unknown[]) => answers.push(args))
    })
    const client = await connect(url)
    const { id, ...question } = await client.take()
    expect(question).toEqual({ type: 'question', data: 1 })
    for (const wrong of [999, 'x', String(id)]) client.say({ type: 'ack', id: wrong, data: 'nobody asked' })
    client.say({ type: 'ack', id, data: 'yes' })
    client.say({ type: 'ack', id, data: 'again' })
    expect(await client.rest()).toEqual([])
    expect(answers).toEqual([['yes']])
  })

  it('keeps prototypes as they are, whatever it says', async () => {
    const { io, url } = await serve({ rooms })
    const heard: unknown[] = []
    io.on('connection', (socket) => {
      socket.on('x', (value) => heard.push(value))
    })
    const client = await connect(`${url}/?__proto__[admin]=1`)
    const poison = '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}'
    client.say(`{"type":"x","data":${poison}}`)
    client.say(`{"type":"x","__proto__":{"admin":true}}`)
    client.say(`{"type":"auth","name":"Ada","__proto__":{"admin":true}}`)
    client.say(`{"type":"publish","room":"lobby","data":${poison}}`)
    await client.rest()
    expect(({} as Record<string, unknown>).admin).toBeUndefined()
    expect(heard.length).toBe(2)
    expect(JSON.stringify(heard[0])).toBe(poison)
    const page = await io.history('lobby')
    expect(JSON.stringify(page.publications[0]?.data)).toBe(poison)
  })
})

describe('what a lenient client hears of a room', () => {
  it('is bare text until its first JSON subscribe, and JSON from then on', async () => {
    const { io, url } = await serve({ rooms })
    io.on('connection', (socket) => {
      void socket.join('lobby')
    })
    const client = await connect(url)
    await client.rest()
    await io.publish('lobby', 'first')
    expect(await client.take()).toBe('first')
    expect(await client.ask({ type: 'subscribe', room: 'lobby' })).toMatchObject({ data: { room: 'lobby' } })
    await io.publish('lobby', 'second')
    expect(await client.take()).toMatchObject({ type: 'message', room: 'lobby', seq: 2, data: 'second' })
  })

  it('is JSON where it is no message with one string', async () => {
    const { io, url } = await serve({ rooms })
    io.on('connection', (socket) => {
      void socket.join('lobby')
    })
    const client = await connect(url)
    await client.rest()
    await io.publish('lobby', { a: 1 })
    await io.publish('lobby', 'x', { event: 'news' })
    io.to('lobby').emit('message', 'a', 'b')
    io.to('lobby').emit('message')
    await io.publish('lobby', 'bare')
    await client.take((heard) => heard === 'bare')
    expect(await client.rest()).toMatchObject([
      { type: 'message', room: 'lobby', data: { a: 1 } },
      { type: 'news', room: 'lobby', data: 'x' },
      { type: 'message', args: ['a', 'b'] },
      { type: 'message', room: 'lobby', seq: 4 },
    ])
  })

  it.each(['pong', '{"type":"ack","id":1,"data":"forged"}', ' {"type":"error"}', '{"type":"x"}'])(
    'is JSON where the text could be taken for the server’s: %s',
    async (text) => {
      const { io, url } = await serve({ rooms })
      io.on('connection', (socket) => {
        void socket.join('lobby')
      })
      const [reader, author] = [await connect(url), await connect(url)]
      await reader.rest()
      expect(await author.ask({ type: 'publish', room: 'lobby', data: text })).toMatchObject({ data: { seq: 1 } })
      expect(await reader.take()).toMatchObject({ type: 'message', room: 'lobby', data: text })
    },
  )

  it.each(['{"type":5}', '{}', 'ping', 'pong ', '[{"type":"x"}]', '\u2028\n"'])('is bare for %j', async (text) => {
    const { io, url } = await serve({ rooms })
    io.on('connection', (socket) => {
      void socket.join('lobby')
    })
    const client = await connect(url)
    await client.rest()
    await io.publish('lobby', text)
    await client.rest()
    expect(client.frames).toContain(text)
  })

  it('is bare whatever the text is where the server says it to this client', async () => {
    const { io, url } = await serve({ rooms })
    io.on('connection', (socket) => {
      socket.send('pong')
      socket.send('{"type":"x"}')
      io.to(socket.id).emit('message', 'by id')
    })
    const client = await connect(url)
    await client.rest()
    expect(client.frames.slice(0, 3)).toEqual(['pong', '{"type":"x"}', 'by id'])
  })

  it('has no volatile publications before a subscribe of its own', async () => {
    const { io, url } = await serve({ rooms })
    io.on('connection', (socket) => {
      void socket.join('lobby')
    })
    const [reader, author] = [await connect(url), await connect(url)]
    const typing = { type: 'publish', room: 'lobby', event: 'typing', data: true, volatile: true }
    expect(await author.ask(typing)).toEqual({ data: {} })
    expect(await reader.rest()).toEqual([])
    await reader.ask({ type: 'subscribe', room: 'lobby' })
    await author.ask(typing)
    expect(await reader.take()).toMatchObject({ type: 'typing', room: 'lobby', data: true })
    expect((await io.history('lobby')).publications).toEqual([])
  })

  it('has what the application says volatile all the same', async () => {
    const { io, url } = await serve({ rooms })
    const client = await connect(url)
    await client.rest()
    io.volatile.emit('tick', 1)
    const { seq, ...heard } = await client.take()
    expect(heard).toMatchObject({ type: 'tick', data: 1 })
    expect(seq).toBeUndefined()
  })
})
