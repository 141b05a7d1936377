import { isErrorCode, RequestError } from '@partyline/protocol'

/** Lets in or through by `next()`, refuses by `next(error)`. The error's message is told; so is its `code`, where it is one of ours. */
type Next = (error?: ExtendedError) => void

/** An error of a middleware's, with what a Socket.IO client is told beside its message. */
export interface ExtendedError extends Error {
  // biome-ignore lint/suspicious/noExplicitAny: what a client is told is the application's
  data?: any
}

/** Refuses a client with an error, or lets it in. */
export type Middleware<S> = (socket: S, next: Next) => unknown

/** An event on its way to its handlers: its name, its arguments, and the acknowledgement where one is asked for. May be changed. */
// biome-ignore lint/suspicious/noExplicitAny: what a client said is anything
export type EventPacket = [event: string, ...args: any[]]

/** Refuses an event of a client's with an error, or lets it through. */
export type EventMiddleware = (packet: EventPacket, next: Next) => unknown

/** An error of a middleware's: `data` is told to Socket.IO's clients, `code` to all, where it is one of ours. */
type Refusal = Error & { readonly code?: unknown; readonly data?: unknown }

/** What a middleware refuses with, as clients are told: its message, and `forbidden` unless it says another code. */
export function refusalOf(error: unknown): RequestError {
  if (error instanceof RequestError) return error
  const { message, code, data } = (error instanceof Error ? error : { message: String(error) }) as Refusal
  const refusal = new RequestError(isErrorCode(code) ? code : 'forbidden', message)
  return data === undefined ? refusal : Object.assign(refusal, { data })
}

/** How an event came out of its middlewares. */
export interface EventOutcome {
  /** All let it through. The answer is a promise where what follows takes its time. */
  through(): Promise<unknown> | undefined
  /** One said no. */
  refused(error: RequestError): void
  /** One threw or rejected. */
  failed(error: unknown): void
}

/**
 * Asks one middleware after the other. The answer is undefined where all have been asked by now, else a promise of the
 * time when the asynchronous ones among them are through. One that returns without having called `next` is not waited
 * for: it may call it later, or never.
 */
export function askEventMiddlewares(
  middlewares: readonly EventMiddleware[],
  packet: EventPacket,
  outcome: EventOutcome,
): Promise<unknown> | undefined {
  const ask = (index: number): Promise<unknown> | undefined => {
    const middleware = middlewares[index]
    if (middleware === undefined) return outcome.through()
    let isAnswered = false
    /** Where the next ones take their time, they are waited for here. */
    let rest: Promise<unknown> | undefined
    const next: Next = (error) => {
      if (isAnswered) return
      isAnswered = true
      if (error) outcome.refused(refusalOf(error))
      else rest = ask(index + 1)
    }
    const fail = (error: unknown): void => {
      isAnswered = true
      outcome.failed(error)
    }
    try {
      const done = middleware(packet, next)
      if (done instanceof Promise) return done.then(() => rest, fail)
    } catch (error) {
      fail(error)
    }
    return rest
  }
  return ask(0)
}
