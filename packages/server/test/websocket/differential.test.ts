import { Duplex, type Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import * as ws from 'ws'
import { runs } from '../../../../test/torture.ts'
import { Flush } from '../../src/flush.ts'
import { Connection } from '../../src/websocket/connection.ts'
import { resolveConnectionOptions } from '../../src/websocket/connection-options.ts'
import { Random, randomChunks, randomStream } from './random-stream.ts'

const MAX_PAYLOAD_BYTES = 70_000

/** The half of `ws` that reads; its types leave it out. */
const { Receiver } = ws as unknown as {
  Receiver: new (options: { isServer: boolean; maxPayload: number }) => Writable
}

/** What an echo server says to a stream of bytes: its frames in words, and why it failed the connection, if it did. */
interface Answer {
  readonly said: readonly string[]
  /** Close code that it said, or 0 while it waits for more. */
  readonly code: number
  /** Its reason, where it was the one that failed the connection. */
  readonly failure: string
}

type Later = { readonly ours: Answer; readonly theirs: Answer }

/**
 * Where we and `ws` may differ, and why. Everything said before is the same in each case.
 * `later` is what both answer to the same bytes and a few more.
 */
const differences: readonly {
  readonly reason: string
  readonly applies: (ours: Answer, theirs: Answer, later: () => Later) => boolean
}[] = [
  {
    reason: 'ws takes lengths that are not minimal (RFC 6455 section 5.2 forbids them)',
    applies: (ours) => ours.code === 1002 && ours.failure === 'frame length not minimal',
  },
  {
    reason: 'ws calls a length with its top bit set too big, we call it broken (RFC 6455 section 5.2: it MUST be 0)',
    applies: (ours, theirs, later) =>
      ours.failure === 'frame length out of range' && (theirs.code || later().theirs.code) === 1009,
  },
  {
    reason:
      'ws looks at the UTF-8 of a whole message, we fail at its first impossible byte: it may wait, or meet another end',
    applies: (ours, theirs) =>
      ours.code === 1007 &&
      ours.failure === 'not UTF-8' &&
      theirs.said.slice(ours.said.length).every((frame) => frame.startsWith('pong')),
  },
  {
    reason:
      'ws waits for the second byte of a header, and for the whole of a length, where we fail at the first that is wrong',
    applies: (ours, theirs, later) =>
      ours.code === 1002 && theirs.code === 0 && same(theirs.said, ours.said) && later().theirs.code === 1002,
  },
  {
    reason: 'we wait for the whole of a length before we look at the order of frames, ws does not',
    applies: (ours, theirs, later) =>
      ours.code === 0 && theirs.code === 1002 && same(theirs.said, ours.said) && later().ours.code === 1002,
  },
]

function differenceBetween(ours: Answer, theirs: Answer, later: () => Later): string | undefined {
  if (same(ours.said, theirs.said) && ours.code === theirs.code) return undefined
  if (same(ours.said, theirs.said.slice(0, ours.said.length))) {
    for (const { reason, applies } of differences) if (applies(ours, theirs, later)) return reason
  }
  return 'not on the list'
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((frame, i) => frame === b[i])
}

/** Through a whole connection, read from its wire. */
function ourAnswer(chunks: readonly Buffer[]): Answer {
  const wire: Buffer[] = []
  const stream = new Duplex({
    // Never congested: then only the last ping would be answered.
    writableHighWaterMark: Number.MAX_SAFE_INTEGER,
    read() {},
    write(chunk: Buffer, _, callback) {
      wire.push(chunk)
      callback()
    },
  })
  const flush = new Flush()
  const limits = { maxPayloadBytes: MAX_PAYLOAD_BYTES, maxControlFramesPerSecond: 1_000_000 }
  const connection = new Connection(stream, resolveConnectionOptions(limits), flush)
  let failure = ''
  connection.onMessage = (data) => connection.send(data)
  connection.onClose = (_, reason) => {
    failure = reason
  }
  for (const chunk of chunks) stream.emit('data', chunk)
  flush.now()
  connection.terminate()
  const said = serverFrames(Buffer.concat(wire))
  const close = said.at(-1)?.startsWith('close') ? said.pop() : undefined
  return { said, code: close === undefined ? 0 : Number(close.slice(6)), failure }
}

function theirAnswer(chunks: readonly Buffer[]): Answer {
  const said: string[] = []
  let code = 0
  let failure = ''
  const receiver = new Receiver({ isServer: true, maxPayload: MAX_PAYLOAD_BYTES })
  receiver.on('message', (data: Buffer, binary: boolean) => said.push(`${binary ? 'binary' : 'text'} ${hexOf(data)}`))
  receiver.on('ping', (data: Buffer) => said.push(`pong ${hexOf(data)}`))
  receiver.on('conclude', (closeCode: number) => {
    code = closeCode
  })
  for (const chunk of chunks) {
    if (code !== 0) break
    receiver._write(chunk, 'utf8', (error) => {
      if (!error) return
      failure = error.message
      // The code is kept under a symbol that ws does not export.
      code = Object.getOwnPropertySymbols(error).map((symbol): number => Reflect.get(error, symbol))[0] ?? 0
    })
  }
  return { said, code, failure }
}

/** A payload in hex; of a long one its length and a sum are enough. */
function hexOf(payload: Buffer): string {
  if (payload.length < 100) return payload.toString('hex')
  let sum = 0
  for (const byte of payload) sum = (Math.imul(sum, 31) + byte) | 0
  return `${payload.length} bytes, ${sum}`
}

const names: Readonly<Record<number, string>> = { 1: 'text', 2: 'binary', 8: 'close', 10: 'pong' }

/** Reads what a server sent, which must be whole frames, final, without mask and with minimal lengths. */
function serverFrames(wire: Buffer): string[] {
  const frames: string[] = []
  for (let at = 0; at < wire.length; ) {
    const name = names[wire.readUInt8(at) - 0x80]
    let length = wire.readUInt8(at + 1)
    let start = at + 2
    if (length === 126) {
      length = wire.readUInt16BE(start)
      start += 2
      if (length < 126) throw new Error('length not minimal')
    } else if (length === 127) {
      length = Number(wire.readBigUInt64BE(start))
      start += 8
      if (length < 65_536) throw new Error('length not minimal')
    }
    const payload = wire.subarray(start, start + length)
    if (name === undefined || payload.length !== length) throw new Error('not a server frame')
    if (name === 'close') frames.push(`close ${length === 0 ? 1005 : payload.readUInt16BE(0)}`)
    else frames.push(`${name} ${hexOf(payload)}`)
    at = start + length
  }
  return frames
}

describe('the connection beside ws', () => {
  it('says the same to any bytes, but for the differences on the list', () => {
    const seed = Number(process.env.PARTYLINE_SEED ?? Math.floor(Math.random() * 2 ** 31))
    const inputs = runs(2_000, 100_000)
    const counts = new Map<string, number>()
    for (let i = 0; i < inputs; i++) {
      const random = new Random(seed + i)
      const bytes = randomStream(random)
      const chunks = randomChunks(random, bytes)
      const copies = (): Buffer[] => chunks.map((chunk) => Buffer.from(chunk))
      const [forUs, forThem] = [copies(), copies()]
      const ours = ourAnswer(forUs)
      const theirs = theirAnswer(forThem)
      const difference = differenceBetween(ours, theirs, () => ({
        ours: ourAnswer([...copies(), Buffer.alloc(14)]),
        theirs: theirAnswer([...copies(), Buffer.alloc(14)]),
      }))
      if (difference === 'not on the list') {
        const lengths = chunks.map((chunk) => chunk.length)
        expect(
          { ...ours, seed: seed + i },
          `replay with PARTYLINE_SEED=${seed + i}; chunks ${lengths} of ${bytes.toString('hex').slice(0, 2_000)}`,
        ).toEqual(theirs)
      }
      const verdict = difference ?? (ours.code === 0 ? 'both wait for more' : `both say ${ours.code}`)
      counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
    }
    const table = [...counts].sort((a, b) => b[1] - a[1]).map(([verdict, count]) => `${count} × ${verdict}`)
    console.info(`differential: ${inputs} inputs from PARTYLINE_SEED=${seed}\n  ${table.join('\n  ')}`)
    // The inputs are worth something: most streams are understood, and each kind of end is met.
    for (const verdict of ['both wait for more', 'both say 1000', 'both say 1002', 'both say 1007', 'both say 1009']) {
      expect(counts.get(verdict), verdict).toBeGreaterThan(0)
    }
  })
})
