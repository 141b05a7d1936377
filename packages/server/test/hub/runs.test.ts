import { describe, expect, it } from 'vitest'
import { coalesced } from '../../src/hub/runs.ts'
import { stampedForm, strictForm } from './model/wire-forms.ts'
import { message, Stage, type StageClient } from './stage.ts'

/** Notes the very buffers that are written. */
function buffersOf({ line }: StageClient): Buffer[] {
  const buffers: Buffer[] = []
  line.write = (frames) => void buffers.push(...frames)
  return buffers
}

describe('what is written', () => {
  it('is the same buffer for all clients of a form with the same items, and encoded once', () => {
    const stage = new Stage()
    let encodings = 0
    const counting = {
      ...strictForm,
      index: 7,
      encode: (...args: Parameters<typeof strictForm.encode>) => {
        encodings++
        return strictForm.encode(...args)
      },
    }
    const written = Array.from({ length: 10 }, () => buffersOf(stage.member(['a'], counting)))
    for (const key of ['one', 'two', 'three']) void stage.publish(key, 'a')
    stage.flush.now()
    expect(encodings).toBe(3)
    expect(new Set(written.flat()).size).toBe(1)
    expect(written.every((buffers) => buffers.length === 1)).toBe(true)
  })

  it('is the same buffer for all clients of a form with stamps', () => {
    const stage = new Stage()
    const written = Array.from({ length: 3 }, () => buffersOf(stage.member(['a'], stampedForm)))
    void stage.publish('one', 'a')
    void stage.publish('two', 'a')
    stage.flush.now()
    expect(new Set(written.flat()).size).toBe(1)
  })

  it('is not mixed up between forms, or between clients that have something of their own', () => {
    const stage = new Stage()
    const clients = [stage.member(['a']), stage.member(['a'], stampedForm), stage.member(['a']), stage.member(['a'])]
    clients[3]?.outbox.say(message('own'))
    void stage.publish('one', 'a')
    stage.flush.now()
    expect(clients.map((client) => client.keys())).toEqual([['one'], ['one'], ['one'], ['own', 'one']])
  })

  it('is the frame itself where there is one, without a copy', () => {
    const frame = Buffer.from('one')
    expect(coalesced([frame])[0]).toBe(frame)
  })

  it.each([
    ['small ones together', [3, 4, 5], [12]],
    ['large ones as they are', [20_000, 30_000], [20_000, 30_000]],
    ['small ones between large ones together', [20_000, 3, 4, 30_000, 5], [20_000, 7, 30_000, 5]],
    ['what is just small', [16_384, 16_384], [32_768]],
  ])('has %s', (_title, sizes, together) => {
    const frames = sizes.map((size, i) => Buffer.alloc(size, 65 + i))
    const buffers = coalesced(frames.slice())
    expect(buffers.map(({ length }) => length)).toEqual(together)
    expect(Buffer.concat(buffers).equals(Buffer.concat(frames))).toBe(true)
    for (const buffer of buffers) if (sizes.includes(buffer.length)) expect(frames).toContain(buffer)
  })
})
