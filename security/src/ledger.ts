import type { Socket } from 'node:net'
import type { Logger, Server, ServerOptions } from '@partyline/server'

type Clock = NonNullable<ServerOptions['clock']>

export interface LogLine {
  readonly level: string
  readonly fields: object
  readonly text: string
}

/** Notes what a server says, which timers it has running, and which sockets it has open. */
export class Ledger {
  readonly log: LogLine[] = []
  readonly timers = new Set<unknown>()
  readonly sockets = new Set<Socket>()
  readonly logger: Logger = {
    warn: (fields, text) => void this.log.push({ level: 'warn', fields, text }),
    error: (fields, text) => void this.log.push({ level: 'error', fields, text }),
  }

  readonly clock: Clock

  /** `speed`: how many seconds pass for the server in one of ours. */
  constructor(speed: number) {
    this.clock = {
      now: () => performance.now() * speed,
      date: () => Date.now(),
      setTimeout: (run, delayMs) => {
        const timer = setTimeout(() => {
          this.timers.delete(timer)
          run()
        }, delayMs / speed)
        this.timers.add(timer)
        return timer.unref()
      },
      clearTimeout: (timer) => {
        this.timers.delete(timer)
        clearTimeout(timer as NodeJS.Timeout)
      },
    }
  }

  watch(io: Server): void {
    io.httpServer?.on('connection', (socket: Socket) => {
      this.sockets.add(socket)
      socket.once('close', () => this.sockets.delete(socket))
    })
  }
}
