import { describe, expect, it } from 'vitest'
import { Listeners } from '../src/listeners.ts'

function make() {
  const listeners = new Listeners()
  const errors: { error: unknown; event: string; context: unknown }[] = []
  const self = {
    onListenerError: (error: unknown, event: string, context: unknown) => errors.push({ error, event, context }),
  }
  const call = (event: string, ...args: unknown[]): void => listeners.call(event, self, args, 'context')
  return { listeners, errors, self, call }
}

describe('listeners', () => {
  it('are called in the order in which they came, with what they belong to as this', () => {
    const { listeners, self, call } = make()
    const heard: unknown[] = []
    listeners.on('a', function (this: unknown, ...args: unknown[]) {
      heard.push([this === self, ...args])
    })
    listeners.on('a', () => heard.push('second'))
    listeners.on('b', () => heard.push('other'))
    call('a', 1, 2)
    expect(heard).toEqual([[true, 1, 2], 'second'])
    expect([listeners.has('a'), listeners.has('c')]).toEqual([true, false])
  })

  it('registered once are called once, also where the same function listens on', () => {
    const { listeners, call } = make()
    let count = 0
    const listener = () => void count++
    listeners.once('a', listener)
    listeners.on('a', listener)
    listeners.once('b', listener)
    call('a')
    expect(count).toBe(2)
    call('a')
    expect(count).toBe(3)
    call('b')
    call('b')
    expect(count).toBe(4)
    expect(listeners.has('b')).toBe(false)
  })

  it('registered once are off before they are called', () => {
    const { listeners, call } = make()
    let count = 0
    listeners.once('a', () => {
      if (++count < 5) call('a')
    })
    call('a')
    expect(count).toBe(1)
  })

  it('are taken off one by one, by event, or all', () => {
    const { listeners } = make()
    const [one, two] = [() => {}, () => {}]
    for (const event of ['a', 'b']) for (const each of [one, two]) listeners.on(event, each)
    listeners.off('a', one)
    expect(listeners.functions('a')).toEqual([two])
    listeners.off('a')
    expect(listeners.functions('a')).toEqual([])
    listeners.off('unknown', one)
    expect(listeners.functions('b')).toEqual([one, two])
    listeners.off()
    expect(listeners.has('b')).toBe(false)
  })

  it('that come or go during a call count from the next one on', () => {
    const { listeners, call } = make()
    const heard: string[] = []
    const second = () => heard.push('second')
    listeners.on('a', () => {
      heard.push('first')
      listeners.off('a', second)
      listeners.on('a', () => heard.push('third'))
    })
    listeners.on('a', second)
    call('a')
    expect(heard).toEqual(['first', 'second'])
    listeners.off('a')
  })

  it('that throw or reject keep nobody else from being called', async () => {
    const { listeners, errors, call } = make()
    const [thrown, rejected] = [new Error('thrown'), new Error('rejected')]
    let reached = false
    listeners.on('a', () => {
      throw thrown
    })
    listeners.on('a', () => Promise.reject(rejected))
    listeners.on('a', () => {
      reached = true
    })
    call('a')
    expect(reached).toBe(true)
    await expect.poll(() => errors.length).toBe(2)
    expect(errors).toEqual([
      { error: thrown, event: 'a', context: 'context' },
      { error: rejected, event: 'a', context: 'context' },
    ])
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'error', ''])(
    'of "%s" are none but its own',
    (event) => {
      const { listeners, errors, call } = make()
      listeners.on('other', () => {})
      expect(listeners.has(event)).toBe(false)
      call(event, new Error('nobody listens'))
      expect(errors).toEqual([])
      let heard = 0
      listeners.on(event, () => void heard++)
      call(event)
      expect(heard).toBe(1)
    },
  )

  it('must be functions', () => {
    const { listeners } = make()
    expect(() => listeners.on('a', 'not one' as never)).toThrow(/"a" must be a function/)
  })
})
