import type { WireForm } from './wire-form.ts'

/** Where ready frames go. */
export interface Sink {
  /** False while the stream wants to drain, or no GET is parked. */
  readonly writable: boolean
  /** Bytes that were written and have not been handed to the kernel. */
  readonly unsentBytes: number
  /** Ready frames, in one write where the stream allows. */
  write(frames: readonly Buffer[]): void
}

/** One ordered, two-way lane of messages to one client, as the outbox sees it. */
export interface Transport extends Sink {
  /** The form in which this client gets what is said in a plain one, where its messages may be compressed. */
  formOf?(plain: WireForm): WireForm
  /** What the transport writes through, where it may be written to directly: what is touched for every client and turn counts. */
  readonly sink?: Sink
  /** Stops and goes on reading from the client. */
  pause(): void
  resume(): void
  /** Ends it politely, behind what has been written. */
  close(code: number, reason: string): void
  terminate(): void
}
