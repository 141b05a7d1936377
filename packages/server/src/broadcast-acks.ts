import type { Clock } from './clock.ts'
import type { Settle } from './pending-acks.ts'

/** What a broadcast asks its clients. */
export interface Question {
  readonly event: string
  readonly args: readonly unknown[]
  readonly timeoutMs: number | undefined
  /** `false`: never compressed. */
  readonly compress: boolean
}

/** A socket that can be asked. */
export interface Answerer {
  /** Says the event with an acknowledgement of its own; answers its id. Settles at once where the client is gone or has too many open. */
  ask(question: Question, settle: Settle): number
  /** Its answer is not waited for any longer. */
  forgetAck(id: number): void
}

/** Some of the clients did not answer. `responses` are the answers of those who did. */
export class BroadcastError extends Error {
  readonly responses: readonly unknown[]

  constructor(message: string, responses: readonly unknown[]) {
    super(message)
    this.name = 'BroadcastError'
    this.responses = responses
  }
}

/**
 * Asks every socket by itself, and is done once: when all have answered, when those who have not answered never will
 * (they are gone, or refused), or when the time is over. The answers are each client's first argument, in the order they came.
 */
export function askAll(
  sockets: readonly Answerer[],
  question: Question,
  clock: Clock,
  done: (error: BroadcastError | null, responses: unknown[]) => void,
): void {
  const responses: unknown[] = []
  const ids = new Map<Answerer, number>()
  let unsettled = sockets.length
  let isOver = false
  let timer: unknown
  const finish = (why: string | undefined): void => {
    isOver = true
    if (timer !== undefined) clock.clearTimeout(timer)
    for (const [socket, id] of ids) socket.forgetAck(id)
    done(why === undefined ? null : new BroadcastError(why, responses), responses)
  }
  const settled = (): void => {
    if (--unsettled > 0 || isOver) return
    const missing = sockets.length - responses.length
    finish(missing === 0 ? undefined : `${missing} of ${sockets.length} clients did not answer`)
  }
  if (sockets.length === 0) {
    queueMicrotask(() => finish(undefined)) // like all others: after the caller's own turn
    return
  }
  if (question.timeoutMs !== undefined) {
    timer = clock.setTimeout(() => finish('operation has timed out'), question.timeoutMs)
  }
  for (const socket of sockets) {
    const id = socket.ask(question, (error, args) => {
      ids.delete(socket)
      if (isOver) return
      if (error === null) responses.push(args[0])
      settled()
    })
    if (id > 0 && !isOver) ids.set(socket, id)
  }
}
