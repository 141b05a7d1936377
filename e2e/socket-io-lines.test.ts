import type { Server } from '@partyline/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  ask,
  connected,
  dial,
  heard,
  next,
  type Socket,
  type Stock,
  stocks,
  transportOf,
  untilConnected,
} from './src/socket-io-clients.ts'
import { type House, startHouse } from './src/socket-io-house.ts'
import { TcpProxy } from './src/tcp-proxy.ts'
import { until } from './src/until.ts'

const untilCount = (list: readonly unknown[], count: number) =>
  until(
    () => list.length,
    (length) => length >= count,
  )

/** A client on a line that can be cut, at rest: what the server has to say would reach it now. */
async function connectedBy(stock: Stock, { io, port }: House): Promise<{ socket: Socket; proxy: TcpProxy }> {
  const proxy = await TcpProxy.start(port)
  onTestFinished(() => proxy.close())
  const socket = await connected(stock, `http://127.0.0.1:${proxy.port}`)
  await until(
    () => io.of('/').sockets.get(socket.id as string)?.conn.transport,
    (transport) => transport?.name === stock.ends && transport.writable,
  )
  return { proxy, socket }
}

describe.each(stocks)('the end of socket.io-client $version by $way', (stock) => {
  it.each([
    {
      how: 'the client leaves',
      leave: (socket: Socket) => void socket.disconnect(),
      told: 'client namespace disconnect',
      heard: 'io client disconnect',
    },
    {
      how: 'the server sends it away',
      leave: (socket: Socket) => void socket.emit('kick me'),
      told: 'server namespace disconnect',
      heard: 'io server disconnect',
    },
    {
      how: 'the server sends it away for good',
      leave: (socket: Socket) => void socket.emit('kick all of me'),
      told: 'server namespace disconnect',
      heard: 'io server disconnect',
    },
    {
      how: 'the server sends all away',
      leave: (_socket: Socket, io: Server) => io.disconnectSockets(),
      told: 'server namespace disconnect',
      heard: 'io server disconnect',
    },
  ])('where $how is known to both sides by its name, and it does not come back by itself', async (end) => {
    const { io, url, left } = await startHouse()
    const socket = await connected(stock, url)
    const [ends, attempts] = [heard(socket, 'disconnect'), heard(socket, 'connect')]
    const { id } = socket
    end.leave(socket, io)
    await untilCount(left, 1)
    await untilCount(ends, 1)
    expect(left).toEqual([{ id, namespace: '/', reason: end.told }])
    expect(ends.map(([reason]) => reason)).toEqual([end.heard])
    expect(socket.connected).toBe(false)
    // Called back, it is somebody new.
    socket.connect()
    await untilConnected(socket)
    expect(await ask(socket, 'echo', 'back')).toEqual(['back'])
    expect(socket.id).not.toBe(id)
    expect(attempts).toHaveLength(1)
    expect(left).toHaveLength(1)
  })

  it('where its line is cut is noticed by both sides, and it comes back with what it said meanwhile', async () => {
    const house = await startHouse()
    const { socket, proxy } = await connectedBy(stock, house)
    const { id } = socket
    const ended = next(socket, 'disconnect')
    proxy.refuse()
    const [reason] = await ended
    expect(reason).toMatch(/^transport (close|error)$/)
    await untilCount(house.left, 1)
    expect(house.left).toEqual([{ id, namespace: '/', reason: expect.stringMatching(/^transport (close|error)$/) }])
    const answers = Promise.all([ask(socket, 'echo', 'said'), ask(socket, 'echo', 'while away')])
    proxy.restore()
    expect(await answers).toEqual([['said'], ['while away']])
    expect(socket.id).not.toBe(id)
  })

  it('where its line falls silent is noticed by both sides', async () => {
    const house = await startHouse({ pingInterval: 400, pingTimeout: 800 })
    const { socket, proxy } = await connectedBy(stock, house)
    const { id } = socket
    const ended = next(socket, 'disconnect')
    proxy.hold()
    expect((await ended)[0]).toBe('ping timeout')
    await untilCount(house.left, 1)
    expect(house.left).toEqual([{ id, namespace: '/', reason: 'ping timeout' }])
  })

  it('where the server is started anew: it comes back, with what it said meanwhile', async () => {
    const before = await startHouse()
    const { socket, proxy } = await connectedBy(stock, before)
    const { id } = socket
    const ended = next(socket, 'disconnect')
    await before.close()
    expect((await ended)[0]).toBe('transport close')
    expect(before.left).toEqual([{ id, namespace: '/', reason: 'server shutting down' }])
    const answer = ask(socket, 'echo', 'while it was down')
    const after = await startHouse()
    proxy.leadTo(after.port)
    expect(await answer).toEqual(['while it was down'])
    expect([...after.io.of('/').sockets.keys()]).toEqual([socket.id])
  })
})

const COUNT = 2_000

/** Says numbers, a few in each turn of the event loop, the last quarter only where `mayEnd`. */
function count(say: (number: number) => void, mayEnd: () => boolean): void {
  let number = 0
  const turn = () => {
    for (let few = 0; few < 10 && number < (mayEnd() ? COUNT : 0.75 * COUNT); few++) say(++number)
    if (number < COUNT) setImmediate(turn)
  }
  turn()
}

describe.each(stocks)('what socket.io-client $version by $way says and hears', (stock) => {
  it('is 2,000 messages each way in their order, none lost and none twice, whatever transport they find', async () => {
    const { io, url } = await startHouse()
    const up = { numbers: [] as number[], transports: [] as string[] }
    const down = { numbers: [] as number[], transports: [] as string[] }
    // The upgrade begins when a quarter has arrived, and the last quarter is said when it is through.
    const isUnderWay = () => [up, down].every(({ numbers }) => numbers.length >= COUNT / 4)
    io.engine.use(async (request, _response, proceed) => {
      if (request.headers.upgrade !== undefined && stock.way === 'upgrade') await until(isUnderWay, (is) => is)
      proceed()
    })
    io.on('connection', (server) => {
      const transport = () => server.conn.transport.name
      server.on('number', (number: number) => {
        up.numbers.push(number)
        up.transports.push(transport())
      })
      count(
        (number) => server.emit('number', number),
        () => transport() === stock.ends,
      )
    })
    const socket = dial(stock, url)
    socket.on('number', (number: number) => {
      down.numbers.push(number)
      down.transports.push(transportOf(socket))
    })
    socket.on('connect', () =>
      count(
        (number) => socket.emit('number', number),
        () => transportOf(socket) === stock.ends,
      ),
    )
    const all = Array.from({ length: COUNT }, (_, index) => index + 1)
    for (const { numbers, transports } of [up, down]) {
      await untilCount(numbers, COUNT)
      expect(numbers).toEqual(all)
      expect([...new Set(transports)]).toEqual(stock.transports)
    }
    expect(await ask(socket, 'echo', 'nothing comes behind')).toEqual(['nothing comes behind'])
    expect([up.numbers.length, down.numbers.length]).toEqual([COUNT, COUNT])
  })
})
