import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { SilentSockets } from '../src/silent-sockets.ts'

describe('silent sockets', () => {
  it('are ended, but for those on which something was asked', () => {
    const silent = new SilentSockets()
    const [a, b] = [new Socket(), new Socket()]
    silent.add(a)
    silent.add(b)
    silent.delete(b)
    silent.end()
    expect([a.destroyed, b.destroyed, silent.size]).toEqual([true, false, 0])
    b.destroy()
  })

  it('are forgotten once they have gone without a word', () => {
    const silent = new SilentSockets()
    for (let i = 0; i < 5_000; i++) {
      const socket = new Socket()
      silent.add(socket)
      socket.destroy()
    }
    expect(silent.size).toBeLessThan(1_100)
  })
})
