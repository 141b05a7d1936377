import { describe, expect, it } from 'vitest'
import type { EngineMiddleware } from '../../../src/engine-options.ts'
import { askEngineMiddlewares } from '../../../src/transports/engine-io/middlewares.ts'
import { FakeRequest, FakeResponse } from './fake-exchange.ts'

const ask = async (...middlewares: EngineMiddleware[]) => {
  const response = Object.assign(new FakeResponse(), { writableEnded: false })
  response.on('finish', () => {
    response.writableEnded = true
  })
  const outcome = await askEngineMiddlewares(middlewares, new FakeRequest('GET').asked, response.given)
  return { outcome, response }
}

const failure = (error: unknown) => ({
  refusal: { code: 3, context: { name: 'MIDDLEWARE_FAILURE', error } },
  isAnswered: false,
})

describe('middlewares', () => {
  it('are asked one after the other, and leave nothing behind', async () => {
    const order: number[] = []
    const middlewares = Array.from(
      { length: 30 },
      (_, index): EngineMiddleware =>
        (_request, _response, next) => {
          order.push(index)
          if (index % 2 === 0) next()
          else setImmediate(next)
        },
    )
    const { outcome, response } = await ask(...middlewares)
    expect(outcome).toEqual({ refusal: undefined, isAnswered: false })
    expect(order).toEqual(Array.from({ length: 30 }, (_, index) => index))
    expect(response.listenerCount('finish')).toBe(1)
  })

  it('refuse by an error that they pass on', async () => {
    const error = new Error('no')
    const { outcome } = await ask((_request, _response, next) => next(error))
    expect(outcome).toEqual(failure(error))
  })

  it('refuse by an error that they throw', async () => {
    const error = new Error('no')
    const { outcome } = await ask(() => {
      throw error
    })
    expect(outcome).toEqual(failure(error))
  })

  it('refuse by a promise that they reject', async () => {
    const error = new Error('no')
    const { outcome } = await ask((async () => {
      throw error
    }) as EngineMiddleware)
    expect(outcome).toEqual(failure(error))
  })

  it('may answer by themselves: no other is asked', async () => {
    let asked = false
    const answers: EngineMiddleware = (_request, response) => {
      response.writeHead(204).end()
    }
    const { outcome } = await ask(answers, () => {
      asked = true
    })
    expect([outcome, asked]).toEqual([{ refusal: undefined, isAnswered: true }, false])
  })

  it('may answer later', async () => {
    const { outcome } = await ask((_request, response) => {
      setImmediate(() => response.writeHead(204).end())
    })
    expect(outcome.isAnswered).toBe(true)
  })

  it('may call next twice', async () => {
    let asked = 0
    await ask(
      (_request, _response, next) => {
        next()
        next(new Error('too late'))
      },
      (_request, _response, next) => {
        asked++
        next()
      },
    )
    expect(asked).toBe(1)
  })
})
