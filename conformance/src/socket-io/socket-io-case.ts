import type { Talk } from '../engine-io/talk.ts'
import { Conversation } from './conversation.ts'
import type { TransportName } from './line.ts'

/**
 * Servers that are set up in different ways, each at a URL of its own. Everywhere runs the same application,
 * {@link serveSocketIo}; the options are Socket.IO's.
 */
export const socketIoPlaces = {
  main: 'the defaults, but for a pingInterval so long that no ping comes meanwhile',
  brisk: 'pingInterval 300',
  impatient: 'connectTimeout 1000, pingInterval 300',
} as const

export type SocketIoPlace = keyof typeof socketIoPlaces

const transports: readonly TransportName[] = ['polling', 'websocket']

/** One case over one transport. It throws what it has against the server. */
export interface SocketIoCase {
  /** The section of the protocol's facts, a running number and the transport. */
  readonly id: string
  readonly title: string
  readonly at: SocketIoPlace
  run(talk: Talk): Promise<void>
}

type Run = (conversation: Conversation) => Promise<void>

/** Cases of one section, numbered in their order. */
export class SocketIoSection {
  readonly cases: SocketIoCase[] = []
  readonly #number: string
  #rows = 0

  constructor(number: string) {
    this.#number = number
  }

  /** A conversation, written down or told, over both transports or the one that is named. */
  row(title: string, how: string | Run, over?: TransportName, at: SocketIoPlace = 'main'): void {
    this.#rows++
    for (const transport of over === undefined ? transports : [over]) {
      const run = async (talk: Talk): Promise<void> => {
        const conversation = await Conversation.open(talk, transport)
        await (typeof how === 'string' ? conversation.play(how) : how(conversation))
      }
      this.cases.push({ id: `${this.#number}.${this.#rows} ${transport}`, title, at, run })
    }
  }

  /** The same conversation for each of several inputs. */
  rows<T>(inputs: readonly T[], title: (input: T) => string, how: (input: T) => string): void {
    for (const input of inputs) this.row(title(input), how(input))
  }
}
