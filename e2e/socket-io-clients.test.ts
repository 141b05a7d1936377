import { describe, expect, it } from 'vitest'
import {
  ask,
  connected,
  dial,
  heard,
  next,
  type Socket,
  stocks,
  transportOf,
  untilOn,
} from './src/socket-io-clients.ts'
import { startHouse } from './src/socket-io-house.ts'
import { until } from './src/until.ts'

const untilCount = (list: readonly unknown[], count: number) =>
  until(
    () => list.length,
    (length) => length >= count,
  )

describe.each(stocks)('socket.io-client $version by $way', (stock) => {
  it('comes in with what it says of itself, and is known by one id', async () => {
    const { io, url } = await startHouse()
    const socket = dial(stock, url, { auth: { token: 't-1', nested: { ä: [1, null] } } })
    expect(transportOf(socket)).toBe(stock.transports[0])
    expect(await next(socket, 'welcome')).toEqual(['the house', { token: 't-1', nested: { ä: [1, null] } }])
    await untilOn(socket, stock.ends)
    const known = () => [...io.of('/').sockets.values()].map(({ id, conn }) => [id, conn.transport.name])
    await until(known, ([first]) => first?.[1] === stock.ends)
    expect(known()).toEqual([[socket.id, stock.ends]])
  })

  it('emits and hears any JSON in any number of arguments', async () => {
    const { url } = await startHouse()
    const socket = await connected(stock, url)
    const echoes = heard(socket, 'echo')
    const said = [[], ['hi'], [1, 'zwei – 三 – 😀', null, [true, { a: { b: [] } }]], [{ text: '"\\ \u001e \u2028' }]]
    for (const args of said) socket.emit('echo', ...args)
    await untilCount(echoes, said.length)
    expect(echoes).toEqual(said)
  })

  it('acknowledges and is acknowledged', async () => {
    const { url } = await startHouse()
    const socket = await connected(stock, url)
    expect(await Promise.all([ask(socket, 'echo', 1, [2]), ask(socket, 'echo'), ask(socket, 'echo', 'three')])).toEqual(
      [[1, [2]], [], ['three']],
    )
    socket.once('question', (number: number, bytes: Buffer, answer: (...args: unknown[]) => void) =>
      answer(2 * number, [...bytes], Buffer.from([9, 8])),
    )
    socket.emit('ask me')
    expect(await next(socket, 'your answer')).toEqual([[40, [1, 2], Buffer.from([9, 8])]])
  })

  it('sends and gets bytes, several in an event, deep in its arguments, of none and of many', async () => {
    const { url } = await startHouse()
    const socket = await connected(stock, url)
    const large = Buffer.alloc(300_000, 'large')
    const [areBuffers, bytes, facts] = await ask(socket, 'measure', large, { deep: Buffer.from([0, 255]) })
    expect({ areBuffers, facts }).toEqual({ areBuffers: [true, true], facts: { length: 300_000 } })
    expect(Buffer.compare(bytes as Buffer, Buffer.concat([large, Buffer.from([0, 255])]))).toBe(0)
    socket.emit('echo', Buffer.from([1]), { list: [new Uint8Array([2, 3]), 'text'] }, Buffer.alloc(0))
    expect(await next(socket, 'echo')).toEqual([
      Buffer.from([1]),
      { list: [Buffer.from([2, 3]), 'text'] },
      Buffer.alloc(0),
    ])
    socket.emit('echo', 'and text again')
    expect(await next(socket, 'echo')).toEqual(['and text again'])
  })

  it('is in several namespaces over one connection, each by itself', async () => {
    const { io, url, left } = await startHouse()
    const socket = await connected(stock, url, { forceNew: false, multiplex: true })
    const news = socket.io.socket('/news', { auth: { reader: 'Ada' } })
    expect(await next(news, 'welcome')).toEqual(['the news', { reader: 'Ada' }])
    expect(news.id).not.toBe(socket.id)
    const [inHouse, inNews] = [heard(socket, 'said'), heard(news, 'said')]
    news.emit('say', 'only here')
    socket.emit('announce', 'only there')
    expect(await ask(news, 'echo', 'by ack')).toEqual(['by ack'])
    expect(await ask(socket, 'echo', 'by ack too')).toEqual(['by ack too'])
    expect({ inHouse, inNews }).toEqual({ inHouse: [['only there']], inNews: [['only here']] })
    expect(io.engine.clientsCount).toBe(1)

    const id = news.id
    news.disconnect()
    await untilCount(left, 1)
    expect(left).toEqual([{ id, namespace: '/news', reason: 'client namespace disconnect' }])
    expect(await ask(socket, 'echo', 'still here')).toEqual(['still here'])
  })

  it('is told why it may not come into a namespace, and stays in the others', async () => {
    const { url } = await startHouse()
    const socket = await connected(stock, url)
    const closed = socket.io.socket('/closed')
    const [refusal] = (await next(closed, 'connect_error')) as [Error & { data?: unknown }]
    expect(refusal).toBeInstanceOf(Error)
    expect({ message: refusal.message, data: refusal.data }).toEqual({
      message: 'not today',
      data: { code: 7, until: '9:00' },
    })
    const [unknown] = (await next(socket.io.socket('/nowhere'), 'connect_error')) as [Error]
    expect(unknown.message).toBe('Invalid namespace')
    expect(await ask(socket, 'echo', 'still here')).toEqual(['still here'])
  })

  it('hears what is said in its rooms, and what is said to all but the one who says it', async () => {
    const { url } = await startHouse()
    const [ada, ben, cy] = (await Promise.all([1, 2, 3].map(() => connected(stock, url)))) as [Socket, Socket, Socket]
    const logs = [ada, ben, cy].map((socket) => heard(socket, 'said'))
    expect(await ask(ada, 'join', 'red')).toEqual([['red']])
    expect(await ask(ben, 'join', 'red')).toEqual([['red']])
    expect(await ask(ben, 'join', 'blue')).toEqual([['red', 'blue']])
    cy.emit('say', 'red', 'to red')
    cy.emit('say', 'blue', 'to blue')
    cy.emit('shout', 'to all but Cy')
    cy.emit('announce', 'to all')
    for (const log of logs)
      await until(
        () => log.at(-1),
        (last) => last?.[0] === 'to all',
      )
    expect(await ask(ben, 'leave', 'red')).toEqual([['blue']])
    ada.emit('say', 'red', 'without Ben')
    ada.emit('announce', 'the end')
    for (const log of logs)
      await until(
        () => log.at(-1),
        (last) => last?.[0] === 'the end',
      )
    expect(logs.map((log) => log.flat())).toEqual([
      ['to red', 'to all but Cy', 'to all', 'without Ben', 'the end'],
      ['to red', 'to blue', 'to all but Cy', 'to all', 'the end'],
      ['to all', 'the end'],
    ])
  })
})
