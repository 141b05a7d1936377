import { expect } from 'vitest'
import { isListening } from './listening.ts'
import type { Running } from './process.ts'

/** Waits until a program has ended by itself (undefined), or listens on one of the ports that it names. Throws where it ends badly. */
export async function listeningPortOf(program: Running, ports: readonly number[]): Promise<number | undefined> {
  const { child, output, exited } = program
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null
  let found: number | undefined
  const look = async (): Promise<boolean> => {
    for (const port of ports) if (await isListening(port)) found = port
    return found !== undefined || isOver()
  }
  await expect.poll(look, { timeout: 30_000, interval: 20 }).toBe(true)
  if (isOver() && (await exited) !== 0) throw new Error(output.stderr || output.stdout)
  return isOver() ? undefined : found
}
