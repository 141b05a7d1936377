import { describe, expect, it } from 'vitest'
import {
  closeAction,
  decodeBinaryMessage,
  decodeClientMessage,
  decodeServerMessage,
  type ErrorCode,
  encodeClientPacket,
  errorCodes,
  eventOfType,
  isErrorCode,
  isName,
  isReservedName,
  type Mode,
  mayHoldBinary,
  ProtocolViolation,
  RequestError,
  retryAfterFrom,
  reviveBinary,
  stringifyArgs,
  stringifyValue,
  typeOfEvent,
} from '../src/index.ts'
import {
  clientPacketFrom,
  encodeForLenient,
  encodeServerPacket,
  fromNotation,
  readVectors,
  serverPacketFrom,
  toNotation,
} from './vectors.ts'

interface Incoming {
  name: string
  mode: Mode
  in?: string
  inHex?: string
  packet: unknown
}

interface Refusal {
  name: string
  mode: Mode
  in: string
  refused?: { code: ErrorCode; request?: string; id?: string | number }
  closes?: number
}

interface Outgoing {
  name: string
  packet: unknown
  out?: string
  outHex?: string
}

function thrownBy(text: string, mode: Mode): unknown {
  try {
    decodeClientMessage(text, mode)
  } catch (error) {
    return error
  }
  return undefined
}

describe.each(['lenient-in.json', 'strict-in.json'])('%s', (file) => {
  const vectors = readVectors<Incoming>(file)

  it.each(vectors)('$name', ({ mode, in: text, inHex, packet }) => {
    const decoded =
      text === undefined
        ? decodeBinaryMessage(new Uint8Array(Buffer.from(inHex ?? '', 'hex')))
        : decodeClientMessage(text, mode)
    expect(toNotation(decoded)).toEqual(packet)
  })

  it.each(vectors.filter((vector) => vector.mode === 'strict'))('$name: and back again', ({ mode, packet }) => {
    const text = encodeClientPacket(clientPacketFrom(packet))
    expect(toNotation(decodeClientMessage(text, mode))).toEqual(packet)
  })
})

describe('refusals.json', () => {
  it.each(readVectors<Refusal>('refusals.json'))('$name', ({ mode, in: text, refused, closes }) => {
    const error = thrownBy(text, mode)
    if (closes !== undefined) {
      expect(error).toBeInstanceOf(ProtocolViolation)
      expect((error as ProtocolViolation).closeCode).toBe(closes)
      return
    }
    expect(error).toBeInstanceOf(RequestError)
    const { code, request, id } = error as RequestError
    expect(toNotation({ code, request, id })).toEqual(refused)
  })
})

describe('server-out.json', () => {
  it.each(readVectors<Outgoing>('server-out.json'))('$name', ({ packet, out }) => {
    expect(encodeServerPacket(serverPacketFrom(packet))).toBe(out)
    expect(toNotation(decodeServerMessage(out ?? ''))).toEqual(packet)
  })
})

describe('lenient-out.json', () => {
  it.each(readVectors<Outgoing>('lenient-out.json'))('$name', ({ packet, out, outHex }) => {
    const written = encodeForLenient(serverPacketFrom(packet))
    if (outHex === undefined) expect(written).toBe(out)
    else expect(toNotation(written)).toEqual({ $hex: outHex })
  })
})

describe('client-out.json', () => {
  it.each(readVectors<Outgoing>('client-out.json'))('$name', ({ packet, out }) => {
    expect(encodeClientPacket(clientPacketFrom(packet))).toBe(out)
    expect(toNotation(decodeClientMessage(out ?? '', 'strict'))).toEqual(packet)
  })
})

describe('names.json', () => {
  it.each(readVectors<{ name: string; text: string; valid: boolean }>('names.json'))('$name', ({ text, valid }) => {
    expect(isName(text)).toBe(valid)
  })
})

describe('event-names.json', () => {
  it.each(readVectors<{ name: string; event: string; type: string }>('event-names.json'))(
    '$name',
    ({ event, type }) => {
      expect(typeOfEvent(event)).toBe(type)
      expect(eventOfType(type)).toBe(event)
      expect(isReservedName(type)).toBe(false)
    },
  )
})

describe('binary.json', () => {
  it.each(readVectors<{ name: string; value: unknown; json: string }>('binary.json'))('$name', ({ value, json }) => {
    expect(stringifyValue(fromNotation(value))).toBe(json)
    expect(stringifyArgs([fromNotation(value), 1])).toBe(`[${json},1]`)
    const parsed: unknown = JSON.parse(json)
    expect(toNotation(mayHoldBinary(json) ? reviveBinary(parsed) : parsed)).toEqual(value)
  })
})

describe('codes.json', () => {
  const vectors = readVectors<{ name: string } & Record<string, unknown>>('codes.json')

  it.each(vectors.filter((vector) => 'code' in vector))('$name', ({ code, httpStatus }) => {
    if (!isErrorCode(code)) throw new Error(`${String(code)} is not in the table`)
    expect(errorCodes[code].httpStatus).toBe(httpStatus)
  })

  it('has every error code', () => {
    const codes = vectors.flatMap((vector) => ('code' in vector ? [vector.code] : []))
    expect(codes.sort()).toEqual(Object.keys(errorCodes).sort())
  })

  it.each(vectors.filter((vector) => 'closeCode' in vector))('$name', ({ closeCode, action }) => {
    expect(closeAction(Number(closeCode))).toBe(action)
  })

  it.each(vectors.filter((vector) => 'reason' in vector))('$name', ({ reason, retryAfterMs }) => {
    expect(retryAfterFrom(String(reason))).toBe(retryAfterMs)
  })
})
