import { encodeAck, RequestError } from '@partyline/protocol'
import type { Authenticated } from '../../guard/authentication.ts'
import { isGuest } from '../../guest.ts'
import { type Maybe, whenReady } from '../../maybe.ts'
import type { RequestPacket } from './answer-request.ts'
import type { PlainPeer } from './peer.ts'

type AuthPacket = Extract<RequestPacket, { kind: 'auth' }>

/** Whoever has not come in has shown this token, or none. Answers who it is; undefined for a guest. */
export function identify(client: PlainPeer): Maybe<Authenticated | undefined> {
  const { context, namespace, handshake } = client
  return context.authentication.identify(handshake.auth.token || undefined, { namespace: namespace.name, handshake })
}

/** An `auth` message of somebody who is in: a fresh token of the same user, a guest's token, or a guest's new name. */
export function authenticate(client: PlainPeer, packet: AuthPacket): Maybe<void> {
  const { auth } = client.handshake
  const isLookedAt = packet.token && client.context.authentication.isConfigured
  if (packet.token) auth.token = isLookedAt ? packet.token : (auth.token ?? packet.token)
  if (packet.name !== undefined) auth.name ??= packet.name
  client.setName(packet.name)
  if (!isLookedAt) return acknowledge(client, packet)
  return whenReady(identify(client), (who) => {
    if (who !== undefined && client.outbox.alive) become(client, who)
    acknowledge(client, packet)
  })
}

/** From now on it is this user, until the token expires. Throws `forbidden` where it is another one already. */
function become(client: PlainPeer, { user, expiresAt }: Authenticated): void {
  if (!isGuest(client.user) && client.user.id !== user.id) {
    throw new RequestError('forbidden', 'a connection has one user: come back with the other token')
  }
  client.setUser(user, expiresAt)
}

/** Tells who it is now. */
export function acknowledge(client: PlainPeer, { id }: AuthPacket): void {
  const { user, expiresAt } = client
  if (id !== undefined) client.outbox.say(encodeAck(id, { user, ...(expiresAt === undefined ? {} : { expiresAt }) }))
}
