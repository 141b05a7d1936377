/** The part of a process that a stop needs, so that a test can give its own. */
export interface Stoppable {
  on(signal: StopSignal, listener: (signal: StopSignal) => void): unknown
  exit(code: number): void
}

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

export const stopSignals: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** A second signal within this time is the first one again: under npm one Ctrl-C arrives twice within 3 ms. */
const SAME_SIGNAL_MS = 500

/** As shells tell the end by a signal: 128 and its number. */
const forcedCodes: Readonly<Record<StopSignal, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }

/** Stops in order at the first of the signals, and at once at a later one. */
export function stopOnSignal(
  process: Stoppable,
  stop: (signal: StopSignal) => Promise<void>,
  signals: readonly StopSignal[] = stopSignals,
  now: () => number = () => performance.now(),
): void {
  let since: number | undefined
  const onSignal = (signal: StopSignal): void => {
    if (since === undefined) {
      since = now()
      stop(signal).then(
        () => process.exit(0),
        () => process.exit(1),
      )
    } else if (now() - since > SAME_SIGNAL_MS) process.exit(forcedCodes[signal])
  }
  for (const signal of signals) process.on(signal, onSignal)
}
