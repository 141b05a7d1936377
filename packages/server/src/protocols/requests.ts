import { createHash } from 'node:crypto'
import { encodeHistoryPage, encodeRecord, RequestError, stringifyArgs } from '@partyline/protocol'
import { type Draft, type Entry, nameOf, type Published, type Room, roomOf, type Sender } from '../broker.ts'
import type { Clock } from '../clock.ts'
import { isGuest } from '../guest.ts'
import type { Hub } from '../hub/hub.ts'
import { isSocketId } from '../ids.ts'
import { type Maybe, whenReady } from '../maybe.ts'
import type { Presence, PresentUser } from '../presence.ts'
import { type Action, isOpen, type ResolvedRule, type Rules } from '../rules.ts'

/** A namespace's name and its rules: all that a request needs of it. */
export interface RuledNamespace {
  readonly name: string
  readonly rules: Rules
}

export interface PublishRequest {
  readonly room: string
  readonly event: string
  readonly args: readonly unknown[]
  readonly key?: string | undefined
  readonly volatile?: boolean | undefined
}

/** Where a publication stands; nothing where it was volatile. `known`: the key had been there, nothing was published anew. */
export interface PublishAnswer {
  readonly position: { epoch: string; seq: number } | undefined
  readonly known: boolean
}

export interface HistoryRequest {
  readonly room: string
  readonly before?: number | undefined
  readonly limit?: number | undefined
}

export interface RequestsOptions {
  readonly hub: Hub
  readonly presence: Presence
  readonly clock: Clock
  readonly historyPage: number
  readonly maxHistoryPage: number
  readonly maxHistoryPageBytes: number
  readonly maxPresencePage: number
}

/** What clients may ask of rooms, the same over every protocol and transport: the rule is looked at here. */
export class Requests {
  readonly #options: RequestsOptions

  constructor(options: RequestsOptions) {
    this.#options = options
  }

  /**
   * The rule of a room that is there for clients. Throws `unknown_room`: also for the room in which all of a namespace
   * are, and for those that sockets are alone in, whatever pattern their names fit.
   */
  ruleOf(namespace: RuledNamespace, room: string): ResolvedRule {
    const rule = namespace.rules.of(room)
    if (isOpen(rule) && room !== namespace.name && !isSocketId(room)) return rule
    throw new RequestError('unknown_room', `there is no room "${room}" here`)
  }

  /** Lets through who has the right; throws or rejects with `forbidden` or `unknown_room`. */
  allow(namespace: RuledNamespace, room: string, action: Action, user: Sender): Maybe<ResolvedRule> {
    const rule = this.ruleOf(namespace, room)
    const right = rule[action]
    return whenReady(typeof right === 'function' ? right(user, room) : right, (allowed) => {
      if (allowed !== true) throw new RequestError('forbidden', `${action} is not allowed in "${room}"`)
      return rule
    })
  }

  /** `limit` is asked where the room's rule has a rate. It throws where that is used up. */
  publish(
    namespace: RuledNamespace,
    user: Sender,
    request: PublishRequest,
    limit: (rule: ResolvedRule) => void,
  ): Maybe<PublishAnswer> {
    return whenReady(this.allow(namespace, request.room, 'publish', user), (rule) => {
      if (rule.rate !== undefined) limit(rule)
      return this.publishAs(namespace.name, user, request)
    })
  }

  /** Publishes in a sender's name without looking at rights: server code may. `null` is the server itself. */
  publishAs(namespace: string, from: Sender | null, request: PublishRequest): Maybe<PublishAnswer> {
    const { hub, clock } = this.#options
    const args = stringifyArgs(request.args)
    const draft: Draft = {
      rooms: [roomOf(namespace, request.room)],
      except: [],
      event: request.event,
      args,
      arity: request.args.length,
      published: true,
      from,
      at: clock.date(),
      ...(request.key === undefined ? undefined : keyed(namespace, from, request, args)),
    }
    if (request.volatile === true) {
      hub.publishVolatile(draft)
      return { position: undefined, known: false }
    }
    return whenReady(hub.publish(draft), ({ position, known }: Published) => ({
      position: { epoch: hub.logs.epoch, seq: position.seq },
      known,
    }))
  }

  /** A page of history as the JSON text of an acknowledgement's data. */
  history(namespace: RuledNamespace, user: Sender, request: HistoryRequest): Maybe<string> {
    return whenReady(this.allow(namespace, request.room, 'history', user), () =>
      this.historyPage(roomOf(namespace.name, request.room), request),
    )
  }

  /** The same without looking at rights. */
  historyPage(room: Room, { before, limit }: HistoryRequest): Maybe<string> {
    const { hub, historyPage, maxHistoryPage, maxHistoryPageBytes } = this.#options
    const query = {
      ...(before === undefined ? undefined : { before }),
      limit: Math.max(1, Math.min(limit || historyPage, maxHistoryPage)), // a number that is none, too
      bytes: maxHistoryPageBytes,
    }
    return whenReady(hub.logs.of(room).history(room, query), ({ entries, more }) =>
      encodeHistoryPage(
        entries.map((entry) => recordOf(entry, room)),
        hub.logs.epoch,
        more,
      ),
    )
  }

  users(
    namespace: RuledNamespace,
    user: Sender,
    room: string,
    limit?: number,
    after?: string,
  ): Maybe<{ users: PresentUser[]; count: number }> {
    const { presence, maxPresencePage } = this.#options
    return whenReady(this.allow(namespace, room, 'presence', user), () =>
      presence.users(roomOf(namespace.name, room), Math.min(limit ?? maxPresencePage, maxPresencePage), after),
    )
  }
}

/** An entry as an item of a history page, through the room that was asked for. */
export function recordOf({ seq, event, from, at, args, arity }: Entry, room: Room): string {
  return encodeRecord({ room: nameOf(room), seq, event, from, at, argsText: args, arity })
}

/** Keys are remembered per room and user; all guests of a room count as one. */
function keyed(
  namespace: string,
  from: Sender | null,
  { room, event, key }: PublishRequest,
  args: string,
): { key: string; keyHash: string } {
  const who = from === null ? 'server' : isGuest(from) ? 'guest' : `user ${from.id}`
  const keyHash = createHash('sha256').update(JSON.stringify(event)).update(args).digest('base64')
  const scoped = JSON.stringify([namespace, room, who, key])
  return { key: createHash('sha256').update(scoped).digest('base64'), keyHash }
}
