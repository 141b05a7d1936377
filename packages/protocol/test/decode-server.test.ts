import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeServerMessage, encodeAckError, encodeError, ProtocolViolation } from '../src/index.ts'

describe('decodeServerMessage', () => {
  it.each([
    'hello',
    '{}',
    '[]',
    '{"type":5}',
    '{"type":"open"}',
    '{"type":"subscribe"}',
    '{"type":"ack","data":1}',
    '{"type":"ack","id":1,"error":"no"}',
    '{"type":"error"}',
    '{"type":"gap","room":"lobby","epoch":"e"}',
    '{"type":"presence","room":"lobby","joined":[null],"left":[]}',
    '{"type":"welcome"}',
    '{"type":"welcome","id":"c","session":"s","epoch":"e","rooms":[1],"recovered":true,"user":{"id":"u","name":"n"},"heartbeatMs":1,"maxPayloadBytes":1}',
    '{"type":"news","args":{}}',
    '{"type":"news","data":{"$binary":"A"}}',
    '{"type":"message","room":"lobby","seq":-1,"from":null,"at":1}',
    '{"type":"message","room":"lobby","seq":1,"from":"me","at":1}',
    '{"type":"message","room":"lobby","seq":1,"from":null}',
  ])('refuses %s', (text) => {
    expect(() => decodeServerMessage(text)).toThrow(ProtocolViolation)
  })

  it('throws nothing else, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          decodeServerMessage(text)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolViolation)
        }
      }),
    )
  })

  it('ignores fields that it does not know', () => {
    expect(decodeServerMessage('{"type":"gap","room":"r","epoch":"e","seq":1,"later":true}')).toEqual({
      kind: 'gap',
      room: 'r',
      epoch: 'e',
      seq: 1,
    })
  })

  it('reads an error code of a later server as internal, with its words', () => {
    expect(decodeServerMessage('{"type":"error","error":{"code":"novel","message":"new"}}')).toMatchObject({
      error: { code: 'internal', message: 'new' },
    })
  })

  it('reads delays', () => {
    const error = { code: 'rate_limited' as const, message: 'slower', retryAfterMs: 1_500 }
    expect(decodeServerMessage(encodeAckError(1, error))).toMatchObject({ id: 1, error })
    expect(decodeServerMessage(encodeError(error, 'publish'))).toMatchObject({ error, request: 'publish' })
  })
})
