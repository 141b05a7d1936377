import { describe, expect, it } from 'vitest'
import { type StopSignal, stopOnSignal, stopSignals } from '../src/stop.ts'

/** A process that can be sent signals, at a time of our own. */
function processWithSignals() {
  let listener: (signal: StopSignal) => void = () => {}
  const heard: StopSignal[] = []
  const exits: number[] = []
  return {
    nowMs: 0,
    heard,
    exits,
    on(signal: StopSignal, each: (signal: StopSignal) => void) {
      heard.push(signal)
      listener = each
    },
    exit: (code: number) => void exits.push(code),
    send: (signal: StopSignal) => listener(signal),
  }
}

describe('a signal', () => {
  it('stops in order, and then the process ends with 0', async () => {
    const process = processWithSignals()
    let finish = (): void => {}
    const told: string[] = []
    stopOnSignal(process, (signal) => {
      told.push(signal)
      return new Promise((resolve) => {
        finish = resolve
      })
    })
    expect(process.heard).toEqual(stopSignals)
    process.send('SIGTERM')
    expect([told, process.exits]).toEqual([['SIGTERM'], []])
    finish()
    await expect.poll(() => process.exits).toEqual([0])
  })

  it('that arrives twice at once is one, and forces the end half a second later', () => {
    const process = processWithSignals()
    let stops = 0
    const stop = (): Promise<void> => {
      stops++
      return new Promise(() => {})
    }
    stopOnSignal(process, stop, stopSignals, () => process.nowMs)
    process.send('SIGINT')
    process.nowMs = 3
    process.send('SIGINT')
    process.nowMs = 500
    process.send('SIGINT')
    expect([stops, process.exits]).toEqual([1, []])
    process.nowMs = 501
    process.send('SIGINT')
    expect([stops, process.exits]).toEqual([1, [130]])
  })

  it('whose stop fails ends the process with 1', async () => {
    const process = processWithSignals()
    stopOnSignal(process, () => Promise.reject(new Error('no')))
    process.send('SIGINT')
    await expect.poll(() => process.exits).toEqual([1])
  })
})
