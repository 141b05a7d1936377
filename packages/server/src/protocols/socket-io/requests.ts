import { type ClientPacket, decodeClientMessage, RequestError, stringifyValue } from '@partyline/protocol'
import { type Room, roomOf } from '../../broker.ts'
import { type Maybe, whenReady } from '../../maybe.ts'
import type { EventAnswer } from '../client.ts'
import { missedSince } from '../missed.ts'
import type { SocketIoClient } from './socket-io-client.ts'

/** What the plain protocol has messages for, said as events: each with one object, acknowledged with `{ data }` or `{ error }`. */
const requests = new Set(['auth', 'subscribe', 'unsubscribe', 'publish', 'history', 'presence'])

export const isRequest = (event: string): boolean => requests.has(event)

type Packet<K extends ClientPacket['kind']> = Extract<ClientPacket, { kind: K }>

/** Does what a client asks for. What is refused is thrown or rejected. */
export function answerRequest(
  client: SocketIoClient,
  event: string,
  args: readonly unknown[],
  answer: EventAnswer | undefined,
): Maybe<void> {
  const packet = packetOf(event, args)
  const tell = (data: unknown): void => answer?.succeed([{ data }])
  switch (packet.kind) {
    case 'auth':
      return whenReady(client.authenticate(packet.token, packet.name), tell)
    case 'subscribe':
      return subscribe(client, packet, tell)
    case 'unsubscribe':
      return unsubscribe(client, packet, tell)
    case 'publish':
      return publish(client, packet, tell)
    case 'history':
      return whenReady(client.context.requests.history(client.namespace, client.user, packet), (text) =>
        tell(JSON.parse(text)),
      )
    case 'presence':
      return presence(client, packet, tell)
    default:
      throw new RequestError('invalid', `"${event}" is no request`)
  }
}

/** The fields are those of the plain protocol's message, and are checked as there. */
function packetOf(event: string, [fields]: readonly unknown[]): ClientPacket {
  if (typeof fields !== 'object' || fields === null) throw new RequestError('invalid', `"${event}" wants an object`)
  return decodeClientMessage(stringifyValue({ ...fields, type: event, id: 1 }), 'strict')
}

function subscribe(client: SocketIoClient, packet: Packet<'subscribe'>, tell: (data: unknown) => void): Maybe<void> {
  const { context, namespace } = client
  const { logs } = context.hub
  return whenReady(context.requests.allow(namespace, packet.room, 'subscribe', client.user), (rule) => {
    if (!client.outbox.alive) return
    const room = roomOf(namespace.name, packet.room)
    const head = () => ({ room: packet.room, epoch: logs.epoch, seq: logs.heads[logs.indexOf(room)] })
    if (packet.since === undefined) return client.rooms.join(room, true, () => tell(head()))
    const since = rule.recover === 'kept' ? logs.fromClient(room, packet.since) : undefined
    return missedSince(context.hub, room, since, (missed) =>
      client.rooms.join(room, true, () => tell({ ...head(), ...missed })),
    )
  })
}

function unsubscribe(
  client: SocketIoClient,
  { room }: Packet<'unsubscribe'>,
  tell: (data: unknown) => void,
): Maybe<void> {
  client.context.requests.ruleOf(client.namespace, room)
  return whenReady(client.rooms.leave(roomOf(client.namespace.name, room)), () => tell({ room }))
}

function publish(client: SocketIoClient, packet: Packet<'publish'>, tell: (data: unknown) => void): Maybe<void> {
  const answer = client.context.requests.publish(client.namespace, client.user, packet, (rule) =>
    client.rates.publication(rule),
  )
  return whenReady(answer, ({ position }) => tell(position ?? {}))
}

function presence(client: SocketIoClient, packet: Packet<'presence'>, tell: (data: unknown) => void): Maybe<void> {
  const { context, namespace, outbox, user } = client
  const { room, limit, after } = packet
  return whenReady(context.requests.users(namespace, user, room, limit, after), (page) => {
    if (!outbox.alive) return
    const watched: Room = roomOf(namespace.name, room)
    client.rooms.watch(watched, (joined, left) => client.sendEvent('presence', [{ room, joined, left }], undefined))
    tell(page)
  })
}
