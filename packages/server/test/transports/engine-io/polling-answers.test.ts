import { describe, expect, it } from 'vitest'
import { answerPayload, confirmPost, encodingFor } from '../../../src/transports/engine-io/polling-answers.ts'
import { FakeRequest, FakeResponse } from './fake-exchange.ts'

describe('the compression of an answer', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['gzip', 'gzip'],
    ['GZip', 'gzip'],
    ['deflate', 'deflate'],
    ['gzip, deflate, br', 'gzip'],
    ['deflate, gzip', 'deflate'],
    ['br', undefined],
    ['identity', undefined],
    ['*', 'gzip'],
    ['*;q=0', undefined],
    ['br, *;q=0.1', 'gzip'],
    ['gzip;q=0', undefined],
    ['gzip;q=0, *', 'deflate'],
    ['gzip;q=0.2,deflate;q=0.8', 'deflate'],
    ['deflate;q=0.2 , gzip ; q=0.8', 'gzip'],
    ['gzip;q=x', undefined],
    ['x-gzip', undefined],
  ])('for %j is %s', (accepted, encoding) => {
    expect(encodingFor(accepted)).toBe(encoding)
  })
})

describe('the headers of an answer', () => {
  const headersFor = (userAgent: string): Record<string, unknown> => {
    const response = new FakeResponse()
    const request = new FakeRequest('GET', { 'user-agent': userAgent })
    const answers = {
      compressFromBytes: undefined,
      onHeaders: (headers: Record<string, string | readonly string[]>) => {
        headers['Set-Cookie'] = 'a=1'
        headers['X-More'] = 'yes'
      },
    }
    response.setHeader('Set-Cookie', ['io=x'])
    answerPayload(request.asked, response.given, [Buffer.from('4€\x1e')], answers)
    return response.headers
  }

  it('are those of a payload, the application’s, and its cookies beside ours', () => {
    expect(headersFor('curl')).toEqual({
      'content-type': 'text/plain; charset=UTF-8',
      'content-length': '4',
      'cache-control': 'no-store',
      'set-cookie': ['io=x', 'a=1'],
      'x-more': 'yes',
    })
  })

  it.each(['Mozilla/4.0 (compatible ;MSIE 7.0)', 'Mozilla/5.0 (Trident/7.0)'])('forbid %s to guess', (userAgent) => {
    expect(headersFor(userAgent)['x-xss-protection']).toBe('0')
  })

  it('are not written where the client is gone, or has its answer', () => {
    const gone = new FakeResponse()
    gone.lose()
    const answers = { compressFromBytes: undefined, onHeaders: () => {} }
    confirmPost(new FakeRequest('POST').asked, gone.given, answers)
    expect(gone.headersSent).toBe(false)
    const answered = new FakeResponse().writeHead(400).end()
    confirmPost(new FakeRequest('POST').asked, answered.given, answers)
    expect(answered.answer).toEqual([400, ''])
  })
})
