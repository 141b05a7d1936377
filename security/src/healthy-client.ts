import { setTimeout as delay } from 'node:timers/promises'
import { frame, Opcode, type ServerFrame, text } from './frame.ts'
import { Peer } from './peer.ts'
import { until } from './until.ts'

/** Between an echo and the next that is asked for. */
const PACE_MS = 2

/** A well-behaved client that asks for an echo again and again, one at a time, and notes how long each took. */
export class HealthyClient {
  readonly peer: Peer
  readonly echoesMs: number[] = []
  /** Texts that came beside the echoes. */
  others = 0
  #stopped = false
  #asked = ''
  #askedAt = 0
  #running: Promise<void> = Promise.resolve()
  readonly #paceMs: number

  private constructor(peer: Peer, paceMs: number) {
    this.peer = peer
    this.#paceMs = paceMs
    peer.onFrame = (frame) => this.#receive(frame)
  }

  /** `path` leads to a namespace that echoes. Where messages have a rate, the pace keeps to it. */
  static async connect(port: number, path = '/', paceMs = PACE_MS): Promise<HealthyClient> {
    const client = new HealthyClient(await Peer.webSocket(port, { path }), paceMs)
    client.#running = client.#run()
    await client.echo()
    return client
  }

  /** Waits for an echo that was asked for from now on. */
  async echo(): Promise<void> {
    const enough = this.echoesMs.length + 2
    await until(() => this.echoesMs.length >= enough || this.peer.isOver, 'the healthy client gets its echo')
    if (this.peer.isOver) throw new Error('the healthy client was dropped')
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #run(): Promise<void> {
    for (let count = 0; !this.#stopped && !this.peer.isOver; count++) {
      this.#asked = `healthy ${count}`
      this.#askedAt = performance.now()
      this.peer.send(text(this.#asked))
      while (this.#asked !== '' && !this.peer.isOver) await delay(this.#paceMs)
    }
  }

  #receive({ opcode, payload }: ServerFrame): void {
    if (opcode === Opcode.ping) this.peer.send(frame(Opcode.pong, payload))
    if (opcode !== Opcode.text) return
    if (payload.toString() !== `Echo: ${this.#asked}`) this.others++
    else {
      this.echoesMs.push(performance.now() - this.#askedAt)
      this.#asked = ''
    }
  }
}
