import { describe, expect, it } from 'vitest'
import { Publication } from '../../src/hub/publication.ts'
import { Run } from '../../src/hub/run.ts'
import { Runs } from '../../src/hub/runs.ts'
import { stampedForm, strictForm } from './model/wire-forms.ts'
import { draftOf } from './stage.ts'

let seq = 0

function publication(key: string): Publication {
  const entry = {
    ...draftOf(key, ['a']),
    log: 'memory',
    epoch: 'e',
    seq: ++seq,
    kind: 'publication',
    bytes: 0,
  } as const
  return new Publication(entry, 'a')
}

const placeText = (seqs: readonly number[]): string => seqs.join()
const textOf = (buffers: readonly Buffer[]): string => Buffer.concat(buffers).toString()

describe('a run', () => {
  it('is the same for all who go on with the same publications', () => {
    const [one, two] = [publication('one'), publication('two')]
    const empty = new Run()
    expect(empty.with(one).with(two)).toBe(empty.with(one).with(two))
    expect(empty.with(two)).not.toBe(empty.with(one))
    expect(empty.with(one).with(one)).not.toBe(empty.with(one))
  })

  it('counts the bytes of all its publications', () => {
    const [one, two] = [publication('one'), publication('two')]
    const empty = new Run()
    expect([empty.size, empty.with(one).with(two).size]).toEqual([0, one.size + two.size])
  })

  it('has the publications in their order, and gives every list away', () => {
    const all = ['one', 'two', 'three'].map(publication)
    const run = all.reduce((so, next) => so.with(next), new Run())
    const list = run.list()
    expect(list).toEqual(all)
    list.length = 0
    expect(run.list()).toEqual(all)
    expect(new Run().list()).toEqual([])
  })

  it('puts its bytes together once in each form', () => {
    const run = new Run().with(publication('one')).with(publication('two'))
    const plain = run.buffers(strictForm, placeText)
    const stamped = run.buffers(stampedForm, placeText)
    expect(run.buffers(strictForm, placeText)).toBe(plain)
    expect(run.buffers(stampedForm, placeText)).toBe(stamped)
    expect(textOf(plain)).toMatch(/^\{.*"one".*\}\n\{.*"two".*\}\n$/)
    expect(textOf(stamped)).toMatch(/^\{.*"one".*\} \n\{.*"two".*\} \n$/)
  })
})

describe('the runs of a hub', () => {
  it('are let go of when the turn is over', () => {
    const runs = new Runs()
    const one = publication('one')
    const before = runs.empty.with(one)
    expect(runs.empty.with(one)).toBe(before)
    runs.clear()
    expect(runs.empty.with(one)).not.toBe(before)
  })

  it('give publications that were listed the same bytes as those that were not', () => {
    const runs = new Runs()
    const all = ['one', 'two'].map(publication)
    const run = all.reduce((so, next) => so.with(next), runs.empty)
    expect(runs.of(all, strictForm, placeText)).toBe(run.buffers(strictForm, placeText))
  })
})
