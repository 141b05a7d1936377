import { describe, expect, it, vi } from 'vitest'
import { EventListeners, Listeners } from '../src/listeners.ts'

describe('Listeners', () => {
  it('tells in the order of adding, and returns what was returned', () => {
    const listeners = new Listeners<[number]>()
    listeners.add((n) => n + 1)
    listeners.add((n) => n + 2)
    expect(listeners.tell(1)).toEqual([2, 3])
  })

  it('lets a listener remove itself and others while all are told', () => {
    const listeners = new Listeners<[]>()
    const second = vi.fn()
    const stop = listeners.add(() => {
      stop()
      listeners.remove(second)
    })
    listeners.add(second)
    listeners.tell()
    listeners.tell()
    expect(second).toHaveBeenCalledTimes(1)
    expect(listeners.size).toBe(0)
  })

  it('removes one of two that are the same', () => {
    const listeners = new Listeners<[]>()
    const same = vi.fn()
    listeners.add(same)
    listeners.add(same)
    listeners.remove(same)
    listeners.tell()
    expect(same).toHaveBeenCalledTimes(1)
  })
})

describe('EventListeners', () => {
  it('tells a listener of once a single time, even when it is told from within', () => {
    const events = new EventListeners()
    const heard = vi.fn(() => events.tell('x', []))
    events.once('x', heard)
    events.tell('x', [])
    expect(heard).toHaveBeenCalledTimes(1)
  })

  it('removes a listener of once by itself', () => {
    const events = new EventListeners()
    const heard = vi.fn()
    events.once('x', heard)
    events.remove('x', heard)
    events.tell('x', [])
    expect(heard).not.toHaveBeenCalled()
  })

  it.each(['__proto__', 'constructor', 'toString', 'newListener'])('has nothing of its own under %s', (event) => {
    const events = new EventListeners()
    expect(events.tell(event, [])).toEqual([])
    const heard = vi.fn()
    events.add(event, heard)
    events.tell(event, [1])
    expect(heard).toHaveBeenCalledWith(1)
  })
})
