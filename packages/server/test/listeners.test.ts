import { describe, expect, it } from 'vitest'
import { Listeners } from '../src/listeners.ts'

function make() {
  const listeners = new Listeners<string>()
  const errors: { error: unknown; event: string; context: unknown }[] = []
  const self = {
    disconnected: false,
    onListenerError: (error: unknown, event: string, context: unknown) => errors.push({ error, event, context }),
  }
  const later = (event: string, ...args: unknown[]) => listeners.call(event, self, args, 'context')
  const call = (event: string, ...args: unknown[]): void => void later(event, ...args)
  return { listeners, errors, self, call, later }
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

  it('are called before the others where that was said', () => {
    const { listeners, call } = make()
    const heard: string[] = []
    listeners.on('a', () => heard.push('first come'))
    listeners.on('a', () => heard.push('first called'), { first: true })
    call('a')
    expect(heard).toEqual(['first called', 'first come'])
    expect(listeners.events).toEqual(['a'])
  })

  it('must be functions', () => {
    const { listeners } = make()
    expect(() => listeners.on('a', 'not one' as never)).toThrow(/"a" must be a function/)
  })
})

describe('a check before a listener', () => {
  it('answers what the listener gets, and knows what it belongs to', () => {
    const { listeners, later } = make()
    const heard: unknown[] = []
    listeners.on('a', (value: unknown) => heard.push(value), { check: ([n], context) => [`${n} ${context}`] })
    expect(later('a', 1)).toBeUndefined()
    expect(heard).toEqual(['1 context'])
  })

  it.each([
    [
      'throws',
      (error: Error) => () => {
        throw error
      },
    ],
    ['rejects', (error: Error) => () => Promise.reject(error)],
  ])('that %s keeps its listener from being called, and no other', async (_, failing) => {
    const { listeners, errors, later } = make()
    const refusal = new Error('no')
    const heard: string[] = []
    listeners.on('a', () => heard.push('checked'), { check: failing(refusal) })
    listeners.on('a', () => heard.push('other'))
    await later('a')
    expect(heard).toEqual(['other'])
    expect(errors).toEqual([{ error: refusal, event: 'a', context: 'context' }])
  })

  it('that takes its time is told of by a promise, and its listener comes then', async () => {
    const { listeners, later } = make()
    const heard: unknown[] = []
    for (let i = 0; i < 2; i++) listeners.on('a', () => heard.push(i), { check: async () => [] })
    listeners.on('a', () => heard.push('unchecked'))
    const done = later('a')
    expect(heard).toEqual(['unchecked'])
    await done
    expect(heard).toEqual(['unchecked', 0, 1])
  })

  it.each<[string, (made: ReturnType<typeof make>, listener: () => void) => unknown]>([
    ['its listener was taken off', ({ listeners }, listener) => listeners.off('a', listener)],
    [
      'their owner has gone',
      ({ self }) => {
        self.disconnected = true
      },
    ],
  ])('calls nobody where %s meanwhile', async (_, change) => {
    const made = make()
    let heard = 0
    const listener = () => void heard++
    made.listeners.on('a', listener, { check: async () => [] })
    const done = made.later('a')
    change(made, listener)
    await done
    expect(heard).toBe(0)
  })

  it('leaves a listener that is called once where it is until something passes', async () => {
    const { listeners, later } = make()
    const heard: unknown[] = []
    const check = async ([n]: readonly unknown[]) => {
      if (n === 0) throw new Error('not this one')
      return [n]
    }
    listeners.on('a', (n: unknown) => heard.push(n), { once: true, check })
    for (const n of [0, 1, 2]) await later('a', n)
    expect(heard).toEqual([1])
  })
})
