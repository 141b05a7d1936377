import { deflateRawSync } from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import { bareForm, strictForm } from '../../src/protocols/plain/forms.ts'
import { deflatedForm } from '../../src/transports/deflated-forms.ts'
import { agreeOnDeflate } from '../../src/websocket/deflate-agreement.ts'
import { type PerMessageDeflateOptions, resolveDeflateOptions } from '../../src/websocket/deflate-options.ts'
import { parseExtensions } from '../../src/websocket/extension-offers.ts'
import { payloadStart } from '../../src/websocket/frame.ts'
import { inflatable, inflate } from '../../src/websocket/inflate.ts'
import { MessageDeflate } from '../../src/websocket/message-deflate.ts'
import { prose } from '../websocket/deflate-bytes.ts'
import { Stage, type StageClient } from './stage.ts'

vi.mock('node:zlib', async (original) => {
  const zlib = await original<typeof import('node:zlib')>()
  return { ...zlib, deflateRawSync: vi.fn(zlib.deflateRawSync) }
})

/** What an offer comes to. */
function deflateOf(offer = '', options: PerMessageDeflateOptions = {}): MessageDeflate {
  const resolved = resolveDeflateOptions(options)
  const agreement = resolved && agreeOnDeflate(parseExtensions([`permessage-deflate${offer}`]) ?? [], resolved)
  if (resolved === undefined || agreement === undefined) throw new Error('declined')
  return new MessageDeflate(agreement, resolved, 1_000_000)
}

const deflated = deflatedForm(strictForm, deflateOf())

/** Notes the very buffers that are written. */
function buffersOf({ line }: StageClient): Buffer[] {
  const buffers: Buffer[] = []
  line.write = (frames) => void buffers.push(...frames)
  return buffers
}

/** How often something was compressed meanwhile. */
function deflations(run: () => void): number {
  vi.mocked(deflateRawSync).mockClear()
  run()
  return vi.mocked(deflateRawSync).mock.calls.length
}

function textOf(frame: Buffer): string {
  const payload = frame.subarray(payloadStart(frame))
  if (frame[0] === 0x81) return payload.toString()
  expect(frame[0]).toBe(0xc1)
  return inflate(inflatable(payload, 0, payload.length), 1_000_000, undefined).toString()
}

describe('compressed publications', () => {
  it('are compressed once for everybody, and encoded once for those who get them plain too', () => {
    const stage = new Stage()
    const clients = [deflated, strictForm].map((form) =>
      Array.from({ length: 20 }, () => buffersOf(stage.member(['a'], form))),
    )
    const count = deflations(() => {
      void stage.publish('one', 'a', { bytes: 5_000 })
      stage.flush.now()
    })
    expect(count).toBe(1)
    const [compressed, plain] = clients.map((each) => new Set(each.flat()))
    expect([compressed?.size, plain?.size]).toEqual([1, 1])
    const [[small], [large]] = [[...(compressed ?? [])], [...(plain ?? [])]] as [Buffer[], Buffer[]]
    expect([small?.[0], large?.[0]]).toEqual([0xc1, 0x81])
    expect(textOf(small as Buffer)).toBe(textOf(large as Buffer))
    expect(small?.length).toBeLessThan(200)
  })

  it('are written in one run with what else there is, and in order', () => {
    const stage = new Stage()
    const client = stage.member(['a'], deflated)
    const written = buffersOf(client)
    const other = buffersOf(stage.member(['a'], deflated))
    void stage.publish('one', 'a', { bytes: 5_000 })
    void stage.publish('two', 'a')
    void stage.publish('three', 'a', { bytes: 5_000 })
    stage.flush.now()
    expect(written).toHaveLength(1)
    expect(other[0]).toBe(written[0])
    client.outbox.say(`{"event":"${prose(2_000)}"}`)
    void stage.publish('four', 'a')
    client.outbox.say('{"event":"five"}')
    stage.flush.now()
    const [, run] = written as [Buffer, Buffer]
    const own = deflated.frame(`{"event":"${prose(2_000)}"}`)
    expect(run.subarray(0, own.length).equals(own)).toBe(true)
    expect(run.includes('five')).toBe(true)
    expect(run.indexOf('four')).toBeLessThan(run.indexOf('five'))
  })

  it('are shared by the clients of two servers that compress alike, and of no other', () => {
    expect(deflatedForm(strictForm, deflateOf('; client_max_window_bits=9'))).toBe(deflated)
    expect(deflatedForm(bareForm, deflateOf())).not.toBe(deflated)
    expect(deflatedForm(strictForm, deflateOf('', { level: 1 }))).not.toBe(deflated)
    expect(deflatedForm(strictForm, deflateOf('', { thresholdBytes: 1 }))).not.toBe(deflated)
  })

  it.each([
    ['is short', 'one', 100, {}],
    ['is longer than may be compressed in one go', 'one', 70_000, {}],
    ['is not to be compressed', 'one', 5_000, { compress: false as const }],
  ])('are plain where one %s', (_title, key, bytes, draft) => {
    const stage = new Stage()
    const [compressed, plain] = [deflated, strictForm].map((form) => buffersOf(stage.member(['a'], form)))
    const count = deflations(() => {
      void stage.hub.publish({
        rooms: ['a'],
        except: [],
        event: key,
        args: JSON.stringify(['x'.repeat(bytes)]),
        arity: 1,
        published: true,
        from: null,
        at: 0,
        ...draft,
      })
      stage.flush.now()
    })
    expect(count).toBe(0)
    expect(compressed?.[0]).toBe(plain?.[0])
    expect(textOf(compressed?.[0] as Buffer)).toContain('"one"')
  })

  it('are compressed once where nothing keeps them too', () => {
    const stage = new Stage()
    const written = Array.from({ length: 5 }, () => buffersOf(stage.member(['a-'], deflated)))
    const count = deflations(() => {
      stage.hub.publishVolatile({
        rooms: ['a-'],
        except: [],
        event: 'one',
        args: JSON.stringify([prose(5_000)]),
        arity: 1,
        published: false,
        from: null,
        at: 0,
      })
      stage.flush.now()
    })
    expect(count).toBe(1)
    expect(new Set(written.flat()).size).toBe(1)
  })

  it('are found again by a replay', () => {
    const stage = new Stage()
    const live = buffersOf(stage.member(['a'], deflated))
    void stage.publish('one', 'a', { bytes: 5_000 })
    stage.flush.now()
    const late = stage.member(['a'], deflated)
    const replayed = buffersOf(late)
    const count = deflations(() => {
      late.outbox.read(new Map([['a', { epoch: stage.hub.logs.epochs[0] as string, seq: 0 }]]))
      stage.flush.now()
    })
    expect(count).toBe(0)
    expect(replayed[0]).toBe(live[0])
  })
})

describe('what is said to one client', () => {
  it('is compressed unless it is not to be', () => {
    const stage = new Stage()
    const client = stage.client(deflated)
    const written = buffersOf(client)
    client.outbox.say(prose(30_000))
    stage.flush.now()
    client.outbox.say(prose(30_000), false)
    stage.flush.now()
    client.outbox.sayVolatile(prose(30_000), false)
    stage.flush.now()
    client.outbox.sayLater(() => prose(30_000))
    stage.flush.now()
    expect(written.map((frame) => frame[0])).toEqual([0xc1, 0x81, 0x81, 0xc1])
    expect(written.map(textOf)).toEqual(Array(4).fill(prose(30_000)))
  })

  it('is plain for a client that gets everything so', () => {
    const stage = new Stage()
    const client = stage.client(strictForm)
    const written = buffersOf(client)
    client.outbox.say(prose(30_000), false)
    stage.flush.now()
    expect(written.map(textOf)).toEqual([prose(30_000)])
  })

  it('is compressed for it alone where its agreement is its own, and publications are everybody\u2019s plain ones', () => {
    const stage = new Stage()
    const deflate = deflateOf('', { serverNoContextTakeover: false })
    const client = stage.member(['a'], deflatedForm(strictForm, deflate))
    const [own, plain] = [client, stage.member(['a'], strictForm)].map(buffersOf)
    const said: number[] = []
    for (let i = 0; i < 3; i++) {
      client.outbox.say(prose(3_000))
      stage.flush.now()
      const frame = own?.at(-1) as Buffer
      expect(frame[0]).toBe(0xc1)
      said.push(frame.length)
      void stage.publish('one', 'a', { bytes: 5_000 })
      stage.flush.now()
      expect(own?.at(-1)).toBe(plain?.at(-1))
    }
    expect(said[1]).toBeLessThan((said[0] as number) / 5)
  })

  it.each(['; server_max_window_bits=9', '; server_max_window_bits=14'])('is so for a smaller window: %s', (offer) => {
    const form = deflatedForm(strictForm, deflateOf(offer))
    expect(form.index).toBe(strictForm.index)
    expect(textOf(form.frame(prose(3_000)))).toBe(prose(3_000))
    expect(form.frame(prose(3_000))[0]).toBe(0xc1)
  })
})
