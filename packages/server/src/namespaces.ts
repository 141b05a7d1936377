import type { DefaultEventsMap } from './events.ts'
import type { Maybe } from './maybe.ts'
import { Namespace, type NamespaceServer } from './namespace.ts'
import { type NamespaceMatch, ParentNamespace } from './parent-namespace.ts'
import { type RoomRules, Rules } from './rules.ts'

/** A namespace's options, where they differ from the server's. */
export interface NamespaceOptions {
  readonly rooms?: RoomRules
}

export interface NamespacesOptions {
  readonly rules: Rules
  /** Whether a dynamic namespace goes with its last socket. */
  readonly cleanupEmptyChildNamespaces: boolean
}

/** The namespaces of a server: those that were made by name, and those that are made when they are asked for. */
export class Namespaces<
  ListenEvents = DefaultEventsMap,
  EmitEvents = ListenEvents,
  ServerSideEvents = DefaultEventsMap,
  // biome-ignore lint/suspicious/noExplicitAny: as with Socket.IO, data is the application's
  SocketData = any,
> {
  readonly #server: NamespaceServer
  readonly #options: NamespacesOptions
  readonly #byName = new Map<string, Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>()
  readonly #parents: ParentNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>[] = []

  constructor(server: NamespaceServer, options: NamespacesOptions) {
    this.#server = server
    this.#options = options
  }

  get names(): string[] {
    return [...this.#byName.keys()]
  }

  /** All of them; live. */
  get all(): ReadonlyMap<string, Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>> {
    return this.#byName
  }

  /** The namespace of this name, made where a pattern fits it; undefined where there is none. */
  get(name: string): Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> | undefined {
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    const parent = this.#parents.find((each) => each.fits(name) === true)
    return parent && this.#makeChild(parent, name)
  }

  /** The same for a client that asks: functions are asked too, in the order of registration. */
  find(
    name: string,
    auth: Readonly<Record<string, unknown>>,
  ): Maybe<Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> | undefined> {
    const known = this.#byName.get(name)
    if (known !== undefined || this.#parents.length === 0) return known
    return this.#ask(name, auth)
  }

  async #ask(
    name: string,
    auth: Readonly<Record<string, unknown>>,
  ): Promise<Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> | undefined> {
    for (const parent of this.#parents) {
      if (await parent.allows(name, auth)) return this.#byName.get(name) ?? this.#makeChild(parent, name)
    }
    return undefined
  }

  /** The namespace of this name, made where there is none. */
  of(name: string, options: NamespaceOptions): Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> {
    return this.get(name) ?? this.#make(name, options, undefined)
  }

  /** Namespaces that are made when they are asked for. */
  ofMatch(match: NamespaceMatch): ParentNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> {
    const parent = new ParentNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>(this.#server, match)
    this.#parents.push(parent)
    return parent
  }

  #makeChild(
    parent: ParentNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
    name: string,
  ): Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> {
    const child = this.#make(name, {}, () => {
      if (!this.#options.cleanupEmptyChildNamespaces) return
      this.#byName.delete(name)
      child.retire()
      parent.children.delete(child)
    })
    parent.adopt(child)
    return child
  }

  #make(
    name: string,
    { rooms }: NamespaceOptions,
    onEmpty: (() => void) | undefined,
  ): Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> {
    const rules = rooms === undefined ? this.#options.rules : new Rules(rooms)
    const made = new Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>(this.#server, name, rules)
    if (onEmpty !== undefined) made.onEmpty = onEmpty
    this.#byName.set(name, made)
    if (name !== '/') this.#byName.get('/')?.announceNamespace(made)
    return made
  }
}
