import { describe, expect, it } from 'vitest'
import { stampedForm, strictForm, understand } from './model/wire-forms.ts'
import { message, Stage, type StageClient } from './stage.ts'

/** Notes the very buffers that are written. */
function buffersOf({ line }: StageClient): Buffer[] {
  const buffers: Buffer[] = []
  line.write = (frames) => void buffers.push(...frames)
  return buffers
}

function keysIn(buffers: readonly Buffer[]): string[] {
  const lines = Buffer.concat(buffers).toString().trimEnd().split('\n')
  return lines.map(understand).map((heard) => (heard.kind === 'entry' ? heard.key : JSON.stringify(heard)))
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

  it('is the same for clients of the same rooms, whoever else has other publications between theirs', () => {
    const stage = new Stage()
    const rooms = [['a', 'b'], ['a', 'c'], ['a', 'b'], ['a'], ['a', 'c'], ['a']]
    const clients = rooms.map((each) => stage.member(each))
    const written = clients.map(buffersOf)
    const [ab, ac, , a] = written as [Buffer[], Buffer[], Buffer[], Buffer[]]
    for (const [key, room] of [
      ['one', 'a'],
      ['two', 'b'],
      ['three', 'c'],
      ['four', 'a'],
    ] as const)
      void stage.publish(key, room)
    stage.flush.now()
    expect(written.every((buffers) => buffers.length === 1)).toBe(true)
    expect(new Set(written.flat()).size).toBe(3)
    expect([written[2], written[4], written[5]]).toEqual([ab, ac, a])
    expect([ab, ac, a].map(keysIn)).toEqual([
      ['one', 'two', 'four'],
      ['one', 'three', 'four'],
      ['one', 'four'],
    ])
  })

  it('is the same buffer for all who were held up with the same publications, and not for who was told more', () => {
    const stage = new Stage()
    const clients = Array.from({ length: 4 }, () => stage.member(['a']))
    for (const { line } of clients) line.window = 0
    void stage.publish('zero', 'a')
    stage.flush.now()
    const written = clients.map(buffersOf)
    void stage.publish('one', 'a')
    stage.flush.now()
    clients[3]?.outbox.say(message('own'))
    void stage.publish('two', 'a')
    for (const { line } of clients) line.widen(Number.POSITIVE_INFINITY)
    stage.flush.now()
    expect(new Set(written.slice(0, 3).flat()).size).toBe(1)
    expect(written.map(keysIn)).toEqual([
      ['one', 'two'],
      ['one', 'two'],
      ['one', 'two'],
      ['one', '{"kind":"said","id":"own"}', 'two'],
    ])
  })
})
