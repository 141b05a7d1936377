import { randomBytes } from 'node:crypto'
import { same } from '../engine-io/fault.ts'
import type { Talk } from '../engine-io/talk.ts'
import { type Line, openLine, type Packet, type TransportName } from './line.ts'
import { parseScript, type Step, Variables } from './script.ts'

/** A key that no other client has, on this server or another. */
export const newKey = (): string => randomBytes(9).toString('base64url')

/** A namespace that there is none of: who asks for it is told so at once, whatever it is in. */
const NOWHERE = '40/nowhere,'
const NOWHERE_ANSWER = '44/nowhere,{"message":"Invalid namespace"}'

/** One client's conversation with the server, and a second one who asks the application about it. */
export class Conversation {
  readonly talk: Talk
  readonly transport: TransportName
  readonly line: Line
  readonly #variables = new Variables(newKey)
  #desk: Desk | undefined

  private constructor(talk: Talk, transport: TransportName, line: Line) {
    this.talk = talk
    this.transport = transport
    this.line = line
  }

  static async open(talk: Talk, transport: TransportName): Promise<Conversation> {
    return new Conversation(talk, transport, await openLine(talk, transport))
  }

  /** Plays what is written down. */
  async play(text: string): Promise<void> {
    for (const step of parseScript(text)) await this.#do(step)
  }

  /** The value of a `$name`. */
  value(name: string): string {
    return this.#variables.value(name)
  }

  async #do(step: Step): Promise<void> {
    switch (step.kind) {
      case 'say':
        return this.line.say(...step.packets.map((packet) => this.#variables.packet(packet)))
      case 'hear':
        for (const wanted of step.packets) this.#variables.match(await this.line.next(), wanted)
        return
      case 'closes':
        // a server that goes on answers this
        await this.line.try(NOWHERE)
        return this.line.end()
      case 'lives':
        return this.#lives(step.namespace)
      default: {
        const desk = await this.desk()
        same(await desk.ask(step.kind, this.value(step.key)), step.value, `the application's ${step.kind}`)
      }
    }
  }

  async #lives(namespace: string): Promise<void> {
    if (namespace === 'outside') {
      await this.line.say(NOWHERE)
      same(await this.line.next(), NOWHERE_ANSWER, 'what comes next')
      return
    }
    const echo = `42${namespace === '/' ? '' : `${namespace},`}["echo","still here"]`
    await this.line.say(echo)
    same(await this.line.next(), echo, 'what comes next')
  }

  say(...packets: readonly Packet[]): Promise<void> {
    return this.line.say(...packets)
  }

  async hear(...packets: readonly Packet[]): Promise<void> {
    for (const packet of packets) same(await this.line.next(), packet, 'what comes next')
  }

  /** Who asks the application about others. */
  async desk(): Promise<Desk> {
    this.#desk ??= await Desk.open(this.talk)
    return this.#desk
  }
}

/** A client that asks the application what it has seen of others. */
export class Desk {
  readonly #line: Line
  #asked = 0

  private constructor(line: Line) {
    this.#line = line
  }

  static async open(talk: Talk): Promise<Desk> {
    const line = await openLine(talk, 'websocket')
    await line.say('40/desk,')
    await line.next()
    return new Desk(line)
  }

  /** Answers when the application knows. */
  async ask(what: string, key: string, ...more: readonly unknown[]): Promise<unknown> {
    const id = this.#asked++
    await this.#line.say(`42/desk,${id}${JSON.stringify([what, key, ...more])}`)
    const answer = (await this.#line.next()) as string
    const start = `43/desk,${id}`
    same(answer.slice(0, start.length), start, 'the answer to a question')
    return (JSON.parse(answer.slice(start.length)) as unknown[])[0]
  }
}
