import type { AckPacket, RequestId, ServerEventPacket } from '@partyline/protocol'
import { encodeText, isLonger } from './bytes.ts'
import type { Connection } from './connection.ts'
import { PartylineError, rethrowLater } from './error.ts'
import { type EventListeners, Failure } from './listeners.ts'

/** Answers an event of the server's: the first listener that has an answer gives it; where none has, it was heard at least. */
export async function answerEvent(
  { event, args }: ServerEventPacket,
  id: RequestId,
  listeners: EventListeners,
  connection: Connection,
): Promise<void> {
  const results = listeners.tell(event, args)
  const ack: AckPacket = { kind: 'ack', id, args: [], error: undefined }
  if (results.length === 0) ack.error = { code: 'unknown_event', message: `nobody listens to "${event}"` }
  for (const result of results) {
    try {
      if (result instanceof Failure) throw result.cause
      const value = await result
      if (value === undefined) continue
      ack.args = [value]
    } catch (error) {
      ack.error =
        error instanceof PartylineError
          ? { code: error.code, message: error.message }
          : { code: 'internal', message: 'the listener failed' }
    }
    break
  }
  // On the connection that asked: on another one the number may mean something else.
  send(connection, ack)
}

/** What cannot be said is the listener's fault, and no reason to leave the server without an answer. */
function send(connection: Connection, ack: AckPacket): void {
  try {
    const text = encodeText(ack)
    // A server closes on what is too large, and with a code that says not to come back.
    if (isLonger(text, connection.maxBytesOf(text))) refuse('too_large', 'the answer is larger than the server takes')
    else connection.sendMessage(text)
  } catch (error) {
    refuse('internal', 'the answer cannot be sent')
    rethrowLater(error)
  }

  function refuse(code: 'too_large' | 'internal', message: string): void {
    connection.send({ ...ack, args: [], error: { code, message } })
  }
}
