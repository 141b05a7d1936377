import {
  type ClientPacket,
  encodeAck,
  encodeAckText,
  encodePresence,
  type RequestId,
  type SubscribePacket,
} from '@partyline/protocol'
import { type Room, roomOf } from '../../broker.ts'
import { nowhere } from '../../hub/logs.ts'
import { type Maybe, whenReady } from '../../maybe.ts'
import type { ResolvedRule } from '../../rules.ts'
import { authenticate } from './authenticate.ts'
import { lenientForm } from './forms.ts'
import type { PlainPeer } from './peer.ts'

type Packet<K extends ClientPacket['kind']> = Extract<ClientPacket, { kind: K }>
export type RequestPacket = Packet<'auth' | 'subscribe' | 'unsubscribe' | 'publish' | 'history' | 'presence'>

/** Does what a client asks for, and acknowledges it where it has an id. What is refused is thrown or rejected. */
export function answerRequest(client: PlainPeer, packet: RequestPacket): Maybe<void> {
  switch (packet.kind) {
    case 'auth':
      return authenticate(client, packet)
    case 'subscribe':
      return subscribe(client, packet)
    case 'unsubscribe':
      return unsubscribe(client, packet)
    case 'publish':
      return publish(client, packet)
    case 'history':
      return history(client, packet)
    case 'presence':
      return presence(client, packet)
  }
}

function acknowledge(client: PlainPeer, id: RequestId | undefined, data: unknown): void {
  if (id !== undefined) client.outbox.say(encodeAck(id, data))
}

function subscribe(client: PlainPeer, packet: SubscribePacket): Maybe<void> {
  const { context, namespace } = client
  if (client.mode === 'lenient') client.outbox.speak(lenientForm)
  return whenReady(context.requests.allow(namespace, packet.room, 'subscribe', client.user), (rule) => {
    const room = roomOf(namespace.name, packet.room)
    if (!client.outbox.alive) return
    return client.rooms.join(room, true, () => joined(client, packet, room, rule))
  })
}

/** Acknowledges a join in the turn it happened; with `since` what was missed comes first. */
function joined(client: PlainPeer, packet: SubscribePacket, room: Room, rule: ResolvedRule): void {
  const { logs } = client.context.hub
  const { id, since } = packet
  const head = { room: packet.room, epoch: logs.epoch, seq: logs.heads[logs.indexOf(room)] as number }
  if (since === undefined) {
    acknowledge(client, id, head)
    return
  }
  const from = rule.recover === 'kept' ? logs.fromClient(room, since) : nowhere
  const cursor = client.outbox.read(new Map([[room, from]]))
  // what is said later must stand behind what was missed, with and without an acknowledgement between them
  if (id === undefined) client.outbox.closeTail()
  else client.outbox.sayLater(() => encodeAck(id, { ...head, recovered: !cursor.gapped.has(room) }))
}

function unsubscribe(client: PlainPeer, { room, id }: Packet<'unsubscribe'>): Maybe<void> {
  client.context.requests.ruleOf(client.namespace, room)
  return whenReady(client.rooms.leave(roomOf(client.namespace.name, room)), () => acknowledge(client, id, { room }))
}

function publish(client: PlainPeer, packet: Packet<'publish'>): Maybe<void> {
  const answer = client.context.requests.publish(client.namespace, client.user, packet, (rule) =>
    client.rates.publication(rule),
  )
  return whenReady(answer, ({ position }) => acknowledge(client, packet.id, position ?? {}))
}

function history(client: PlainPeer, packet: Packet<'history'>): Maybe<void> {
  const page = client.context.requests.history(client.namespace, client.user, packet)
  return whenReady(page, (text) => client.outbox.say(encodeAckText(packet.id, text)))
}

function presence(client: PlainPeer, { room, limit, after, id }: Packet<'presence'>): Maybe<void> {
  const { context, namespace, outbox, user } = client
  return whenReady(context.requests.users(namespace, user, room, limit, after), (page) => {
    if (!outbox.alive) return
    client.rooms.watch(roomOf(namespace.name, room), (came, went) => outbox.say(encodePresence(room, came, went)))
    acknowledge(client, id, page)
  })
}
