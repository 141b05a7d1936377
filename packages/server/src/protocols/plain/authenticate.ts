import { encodeAck, RequestError } from '@partyline/protocol'
import type { Authenticated } from '../../guard/authentication.ts'
import { isGuest } from '../../guest.ts'
import { type Maybe, whenReady } from '../../maybe.ts'
import type { RequestPacket } from './answer-request.ts'
import type { PlainPeer } from './peer.ts'

type AuthPacket = Extract<RequestPacket, { kind: 'auth' }>

/** Answers whose token this is, or without one that it is a guest (undefined). Throws or rejects where it is not good. */
export function identify(client: PlainPeer, token: string | undefined): Maybe<Authenticated | undefined> {
  const { context, namespace, handshake } = client
  return context.authentication.identify(token || undefined, { namespace: namespace.name, handshake })
}

/** Whose token the handshake brought. */
export function identifyFirst(client: PlainPeer): Maybe<Authenticated | undefined> {
  if (!client.context.authentication.isConfigured) return undefined
  return identify(client, client.handshake.auth.token)
}

/** An `auth` message of somebody who is in: a fresh token of the same user, a guest's token, or a guest's new name. */
export function authenticate(client: PlainPeer, packet: AuthPacket): Maybe<void> {
  const { auth } = client.handshake
  const { token, name } = packet
  if (name !== undefined) auth.name ??= name
  client.setName(name)
  if (!token || !client.context.authentication.isConfigured) {
    if (token) auth.token ??= token
    return acknowledge(client, packet)
  }
  return whenReady(identify(client, token), (who) => {
    auth.token = token
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
