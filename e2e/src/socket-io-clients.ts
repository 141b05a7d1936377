import { createRequire } from 'node:module'
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client'
import { onTestFinished } from 'vitest'
import { until } from './until.ts'

export type { Socket } from 'socket.io-client'

/** Its package hides its types from imports; what we use of it is as it is today. */
const first: { readonly io: typeof io } = createRequire(import.meta.url)('socket.io-client-4-0')

/** The stock client as it is now, and as it was first of its protocol. */
const clients = [
  { version: 'newest', lookup: io },
  { version: '4.0', lookup: first.io },
] as const

/** How a client may be told to go, and the transport that it is on in the end. */
const ways = [
  { way: 'polling', transports: ['polling'], ends: 'polling' },
  { way: 'WebSocket', transports: ['websocket'], ends: 'websocket' },
  { way: 'upgrade', transports: ['polling', 'websocket'], ends: 'websocket' },
] as const

export type Stock = (typeof stocks)[number]

/** Every client on every way. */
export const stocks = clients.flatMap((client) => ways.map((way) => ({ ...client, ...way })))

/** Dials, and waits for nothing. It is gone when the test is over. */
export function dial(stock: Stock, url: string, options: Partial<ManagerOptions & SocketOptions> = {}): Socket {
  const socket = stock.lookup(url, {
    transports: [...stock.transports],
    forceNew: true,
    reconnectionDelay: 20,
    reconnectionDelayMax: 40,
    ...options,
  })
  onTestFinished(() => void socket.disconnect())
  return socket
}

/** Dials, and waits until it is connected and on the transport that it wants to be on. */
export async function connected(
  stock: Stock,
  url: string,
  options: Partial<ManagerOptions & SocketOptions> = {},
): Promise<Socket> {
  const socket = dial(stock, url, options)
  await untilConnected(socket)
  await untilOn(socket, stock.ends)
  return socket
}

export function untilConnected(socket: Socket): Promise<void> {
  if (socket.connected) return Promise.resolve()
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
}

/** The transport by which it speaks now. */
export const transportOf = (socket: Socket): string => socket.io.engine.transport.name

export async function untilOn(socket: Socket, transport: string): Promise<void> {
  await until(
    () => transportOf(socket),
    (name) => name === transport,
  )
}

/** Emits, and resolves with all that the acknowledgement holds. */
export function ask(socket: Socket, event: string, ...args: unknown[]): Promise<unknown[]> {
  return new Promise((resolve) => socket.emit(event, ...args, (...answers: unknown[]) => resolve(answers)))
}

/** The arguments of the next event of this name. */
export function next(socket: Socket, event: string): Promise<unknown[]> {
  return new Promise((resolve) => socket.once(event, (...args: unknown[]) => resolve(args)))
}

/** All arguments of the events of this name, as they come. */
export function heard(socket: Socket, event: string): unknown[][] {
  const all: unknown[][] = []
  socket.on(event, (...args: unknown[]) => all.push(args))
  return all
}
