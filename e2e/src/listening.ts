import { connect } from 'node:net'
import { expect } from 'vitest'

/** Waits until something listens on a port of loopback. */
export async function untilListening(port: number): Promise<void> {
  await expect.poll(() => isListening(port), { timeout: 30_000, interval: 20 }).toBe(true)
}

/** Whether something does. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const stream = connect(port, '127.0.0.1')
    stream.once('error', () => resolve(false))
    stream.once('connect', () => {
      stream.destroy()
      resolve(true)
    })
  })
}
