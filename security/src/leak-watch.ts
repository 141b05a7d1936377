import type { EventEmitter } from 'node:events'
import type { Server } from '@partyline/server'
import { collectGarbage } from './collect-garbage.ts'
import type { Footing } from './footing.ts'

/** What lives as long as the server, and must not gather listeners; and what must not live on: the sockets of who has gone. */
export class LeakWatch {
  readonly #io: Server
  readonly #sockets: WeakRef<object>[] = []

  constructor(io: Server) {
    this.#io = io
    io.on('connection', (socket) => void this.#sockets.push(new WeakRef(socket)))
  }

  /** Listeners by whose they are, and sockets that something holds on to. */
  counts(): Footing {
    collectGarbage()
    const { httpServer } = this.#io
    return {
      'listeners of the process': listenersOf(process),
      'listeners of the HTTP server': httpServer === undefined ? 0 : listenersOf(httpServer),
      'listeners of the server': this.#io.listeners('connection').length,
      'sockets in memory': this.#sockets.filter((socket) => socket.deref() !== undefined).length,
    }
  }
}

function listenersOf(emitter: EventEmitter): number {
  return emitter.eventNames().reduce((sum, event) => sum + emitter.listenerCount(event), 0)
}
