import type { Duplex } from 'node:stream'

/** What a connection hears of its stream. */
export interface StreamListener {
  /** @internal A chunk was read. */
  read(chunk: Buffer): void
  /** @internal The stream has drained. */
  drained(): void
  /** @internal The peer said FIN. */
  ended(): void
  /** @internal The stream is closed, and says nothing more. */
  gone(): void
}

/** Where the shared functions below find who listens to a stream. */
const LISTENER = Symbol('partyline.listener')

type HeardStream = Duplex & { [LISTENER]: StreamListener }

/** Listens to a stream, and lets it flow. The functions are shared by all streams: closures would be most of what an idle one costs us. */
export function listenTo(stream: Duplex, listener: StreamListener): void {
  ;(stream as HeardStream)[LISTENER] = listener
  stream.on('error', onError).on('close', onClose).on('end', onEnd).on('drain', onDrain).on('data', onData)
  if (stream.isPaused()) stream.resume()
}

function onData(this: HeardStream, chunk: Buffer): void {
  this[LISTENER].read(chunk)
}

function onDrain(this: HeardStream): void {
  this[LISTENER].drained()
}

function onEnd(this: HeardStream): void {
  this[LISTENER].ended()
}

/** What went wrong with the stream is the peer's 1006; `close` follows. */
function onError(this: HeardStream): void {
  this.destroy()
}

function onClose(this: HeardStream): void {
  this[LISTENER].gone()
}
