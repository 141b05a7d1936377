import { afterEach, describe, expect, it } from 'vitest'
import type { Keep, Log, Room } from '../../src/broker.ts'
import { a, b, draftOf, eventsOf, type LogSuiteOptions, type MakeLog, openLog, unkept } from './open-log.ts'

/** What every log owes the hub. `make` gives a fresh log, not started. */
export function logSuite(name: string, make: MakeLog): void {
  describe(name, () => {
    const opened: Log[] = []

    afterEach(async () => {
      for (const log of opened.splice(0)) await log.close()
    })

    async function open(options: Partial<LogSuiteOptions> = {}) {
      const made = await openLog(make, options)
      opened.push(made.log)
      return made
    }

    describe('publishing', () => {
      it('gives each publication the next seq of one epoch, and delivers in that order', async () => {
        const { publish, delivered, start, replay } = await open()
        const answers = await Promise.all(['one', 'two', 'three'].map((event) => publish(event, [a])))
        await replay([[a, start]]) // its answer comes behind what was delivered before
        expect(answers.map(({ position }) => position.seq)).toEqual([start.seq + 1, start.seq + 2, start.seq + 3])
        expect(new Set([start.epoch, ...answers.map(({ position }) => position.epoch)]).size).toBe(1)
        expect(delivered.map(({ event, seq }) => [event, seq])).toEqual(
          ['one', 'two', 'three'].map((event, i) => [event, start.seq + 1 + i]),
        )
        expect(answers.every(({ known }) => !known)).toBe(true)
      })

      it('delivers the draft whole, with its place in the log', async () => {
        const { log, publish, delivered, start, replay } = await open()
        const more = {
          except: [b],
          args: '[1,"ü"]',
          arity: 2,
          from: { id: 'u', name: 'Ada' },
          at: 17,
          published: false,
        }
        await publish('one', [a], more)
        await replay([[a, start]])
        expect(delivered).toMatchObject([
          { ...draftOf('one', [a], more), log: log.name, epoch: start.epoch, seq: start.seq + 1, kind: 'publication' },
        ])
      })

      it('delivers what a room does not keep', async () => {
        const { publish, delivered, start, replay } = await open()
        await publish('one', [unkept])
        await replay([[a, start]])
        expect(delivered.map(({ event }) => event)).toEqual(['one'])
      })

      it('begins with the head: what is published after the start is above it', async () => {
        const { publish, start } = await open()
        expect((await publish('one', [a])).position.seq).toBeGreaterThan(start.seq)
      })
    })

    describe('a key', () => {
      it('makes a retry harmless: the first position is answered, nothing is delivered twice', async () => {
        const { publish, delivered, start, replay } = await open()
        const first = await publish('one', [a], { key: 'k', keyHash: 'h' })
        const again = await publish('one', [a], { key: 'k', keyHash: 'h' })
        await replay([[a, start]])
        expect(first.known).toBe(false)
        expect(again).toEqual({ position: first.position, known: true })
        expect(delivered).toHaveLength(1)
      })

      it('makes a retry harmless that was sent before the first was answered', async () => {
        const { publish, delivered, start, replay } = await open()
        const key = { key: 'k', keyHash: 'h' }
        const answers = await Promise.all([publish('one', [a], key), publish('one', [a], key)])
        await replay([[a, start]])
        expect(answers.map(({ known }) => known)).toEqual([false, true])
        expect(delivered).toHaveLength(1)
      })

      it('is refused with key_reused for another payload', async () => {
        const { publish, delivered, start, replay } = await open()
        await publish('one', [a], { key: 'k', keyHash: 'h' })
        await expect(async () => publish('two', [a], { key: 'k', keyHash: 'other' })).rejects.toMatchObject({
          code: 'key_reused',
        })
        await replay([[a, start]])
        expect(delivered).toHaveLength(1)
      })

      it('needs no hash', async () => {
        const { publish } = await open()
        await publish('one', [a], { key: 'k' })
        expect(await publish('one', [a], { key: 'k' })).toMatchObject({ known: true })
      })

      it('is remembered for its least age though its publication is gone', async () => {
        const { publish, clock } = await open({ minKeyAgeMs: 10_000, keep: () => ({ entries: 1, ageMs: 1_000 }) })
        await publish('one', [a], { key: 'k', keyHash: 'h' })
        await publish('two', [a])
        await clock.pass(9_000)
        expect(await publish('one', [a], { key: 'k', keyHash: 'h' })).toMatchObject({ known: true })
      })

      it('is remembered beyond its least age as long as its publication is kept', async () => {
        const { publish, clock } = await open({ minKeyAgeMs: 1_000, keep: () => ({ entries: 10, ageMs: 60_000 }) })
        await publish('one', [a], { key: 'k', keyHash: 'h' })
        await clock.pass(30_000)
        expect(await publish('one', [a], { key: 'k', keyHash: 'h' })).toMatchObject({ known: true })
      })

      it('is forgotten when it is old enough and its publication is gone, though an older one is kept', async () => {
        const keep = (room: Room): Keep => (room === a ? { entries: 10, ageMs: 1e9 } : { entries: 10, ageMs: 2_000 })
        const { publish, clock } = await open({ minKeyAgeMs: 1_000, keep })
        await publish('stays', [a], { key: 'other', keyHash: 'h' })
        await publish('one', [b], { key: 'k', keyHash: 'h' })
        await clock.pass(10_000)
        expect(await publish('one', [b], { key: 'k', keyHash: 'h' })).toMatchObject({ known: false })
      })
    })

    describe('a replay', () => {
      it('brings what these rooms published after their positions, in the order of seq', async () => {
        const { publish, at, replay } = await open()
        for (const [event, room] of [
          ['a1', a],
          ['b2', b],
          ['a3', a],
          ['c4', '/\0c'],
          ['b5', b],
        ] as const)
          await publish(event, [room])
        const page = await replay([
          [a, at(1)],
          [b, at(2)],
        ])
        expect(eventsOf(page)).toEqual(['a3', 'b5'])
        expect(page.gaps.size).toBe(0)
        expect(page.upTo).toBe(5)
      })

      it('brings an entry of several of the rooms once', async () => {
        const { publish, at, replay } = await open()
        await publish('both', [a, b])
        await publish('one', [a])
        expect(
          eventsOf(
            await replay([
              [a, at(0)],
              [b, at(0)],
            ]),
          ),
        ).toEqual(['both', 'one'])
      })

      it('brings an entry once that names a room twice', async () => {
        const { publish, at, replay } = await open()
        await publish('one', [a, a])
        expect(eventsOf(await replay([[a, at(0)]]))).toEqual(['one'])
      })

      it('brings what excludes a room all the same: that is for the caller to look at', async () => {
        const { publish, at, replay } = await open()
        await publish('one', [a], { except: [b] })
        const page = await replay([[a, at(0)]])
        expect(page.entries).toMatchObject([{ event: 'one', except: [b] }])
      })

      it('is empty and without a gap at the head', async () => {
        const { publish, at, replay } = await open()
        await publish('one', [a])
        const page = await replay([[a, at(1)]])
        expect([page.entries, page.gaps.size, page.upTo]).toEqual([[], 0, 1])
      })

      it.each([
        ['entries', { entries: 3, bytes: 1e9 }],
        ['bytes', { entries: 100, bytes: 1 }],
      ])('comes in pages, limited by %s: each says up to where all rooms are complete', async (_title, limit) => {
        const { publish, at, replay } = await open()
        const all: string[] = []
        for (let i = 0; i < 20; i++) {
          all.push(`e${i}`)
          await publish(`e${i}`, i % 3 === 0 ? [a, b] : [i % 3 === 1 ? a : b])
        }
        const read: string[] = []
        let upTo = 0
        for (let pages = 0; upTo < 20 && pages < 50; pages++) {
          const page = await replay(
            [
              [a, at(upTo)],
              [b, at(upTo)],
            ],
            limit,
          )
          expect(page.entries.length).toBeGreaterThan(0)
          expect(page.entries.length).toBeLessThanOrEqual(limit.entries)
          expect(page.upTo).toBeGreaterThanOrEqual(page.entries.at(-1)?.seq as number)
          read.push(...eventsOf(page))
          upTo = page.upTo
        }
        expect(read).toEqual(all)
      })

      it('pages the other rooms on where one of them has a gap', async () => {
        const { publish, at, replay, start } = await open()
        for (let i = 0; i < 6; i++) await publish(`a${i}`, [a])
        const page = await replay(
          [
            [a, at(0)],
            [b, { epoch: 'former', seq: 3 }],
          ],
          { entries: 2, bytes: 1e9 },
        )
        expect(eventsOf(page)).toEqual(['a0', 'a1'])
        expect(page.upTo).toBe(2)
        expect(page.gaps.get(b)?.epoch).toBe(start.epoch)
      })
    })

    describe('a gap', () => {
      it.each([
        ['another epoch', { epoch: 'former', seq: 1 }],
        ['a seq beyond the head', { epoch: '', seq: 99 }],
      ])('is told for %s', async (_title, { epoch, seq }) => {
        const { publish, replay, at } = await open()
        await publish('one', [a])
        const page = await replay([[a, epoch === '' ? at(seq) : { epoch, seq }]])
        expect([...page.gaps]).toEqual([[a, at(1)]])
        expect(page.entries).toEqual([])
      })

      it('is told below the floor, where a room keeps so many entries, and nothing of the room comes', async () => {
        const { publish, replay, at } = await open({ keep: () => ({ entries: 2, ageMs: 60_000 }) })
        for (const event of ['one', 'two', 'three']) await publish(event, [a])
        const page = await replay([[a, at(0)]])
        expect([...page.gaps]).toEqual([[a, at(3)]])
        expect(page.entries).toEqual([])
      })

      it('is not told at the floor', async () => {
        const { publish, replay, at } = await open({ keep: () => ({ entries: 2, ageMs: 60_000 }) })
        for (const event of ['one', 'two', 'three']) await publish(event, [a])
        const page = await replay([[a, at(1)]])
        expect([eventsOf(page), page.gaps.size]).toEqual([['two', 'three'], 0])
      })

      it('is told where what was missed has become too old', async () => {
        const { publish, replay, at, clock } = await open({ keep: () => ({ entries: 100, ageMs: 1_000 }) })
        await publish('old', [a])
        await clock.pass(600)
        await publish('young', [a])
        await clock.pass(600)
        expect((await replay([[a, at(0)]])).gaps.has(a)).toBe(true)
        expect(eventsOf(await replay([[a, at(1)]]))).toEqual(['young'])
      })

      it('is told though the room is gone altogether', async () => {
        const { publish, replay, at, clock } = await open({ keep: () => ({ entries: 100, ageMs: 1_000 }) })
        await publish('one', [a])
        await clock.pass(10_000)
        expect((await replay([[a, at(0)]])).gaps.has(a)).toBe(true)
      })

      it('is told for what a room does not keep', async () => {
        const { publish, replay, at } = await open()
        await publish('one', [unkept])
        expect((await replay([[unkept, at(0)]])).gaps.has(unkept)).toBe(true)
        expect((await replay([[unkept, at(1)]])).gaps.size).toBe(0)
      })

      it('is told where too many bytes were kept, for the oldest of all rooms first', async () => {
        const { publish, replay, at } = await open({ maxBytes: 8_000 })
        const args = JSON.stringify(['x'.repeat(1_000)])
        await publish('a1', [a], { args })
        await publish('b2', [b], { args })
        await publish('b3', [b], { args })
        const page = await replay([
          [a, at(0)],
          [b, at(1)],
        ])
        expect([...page.gaps.keys()]).toEqual([a])
        expect(eventsOf(page)).toEqual(['b2', 'b3'])
      })

      it('is not told in a quiet room that is followed, whatever others forget', async () => {
        const { log, publish, replay, start, clock } = await open({
          maxFloors: 3,
          keep: () => ({ entries: 100, ageMs: 1_000 }),
        })
        await log.follow(a, true)
        for (let i = 0; i < 2; i++) await publish(`other${i}`, [`/\0other${i}`])
        await clock.pass(10_000)
        expect((await replay([[a, start]])).gaps.size).toBe(0)
      })

      it('is told rather than nothing where the log remembers too few floors', async () => {
        const { publish, replay, at, clock } = await open({
          maxFloors: 3,
          keep: () => ({ entries: 100, ageMs: 1_000 }),
        })
        for (let i = 0; i < 20; i++) await publish(`other${i}`, [`/\0other${i}`])
        await clock.pass(10_000)
        for (let i = 0; i < 20; i++) expect((await replay([[`/\0other${i}`, at(i)]])).gaps.size).toBe(1)
      })
    })

    describe('the order of answers', () => {
      it('never shows in a page what was not delivered before it', async () => {
        const { publish, replay, delivered, at } = await open()
        const pages: Promise<void>[] = []
        for (let i = 0; i < 40; i++) {
          void Promise.resolve(publish(`e${i}`, [a])).catch(() => {})
          const asked = Promise.resolve(replay([[a, at(0)]]))
          pages.push(
            asked.then((page) => {
              const last = delivered.at(-1)?.seq ?? 0
              expect(page.upTo).toBeLessThanOrEqual(last)
              for (const { seq } of page.entries) expect(seq).toBeLessThanOrEqual(last)
            }),
          )
        }
        await Promise.all(pages)
      })
    })

    describe('the history of a room', () => {
      it('is its newest entries, oldest of them first, and says whether there are more', async () => {
        const { log, publish, start } = await open()
        for (let i = 1; i <= 5; i++) await publish(`a${i}`, [a])
        const page = await log.history(a, { limit: 2, bytes: 1e9 })
        expect([eventsOf(page), page.more, page.epoch]).toEqual([['a4', 'a5'], true, start.epoch])
      })

      it('pages back from before a seq', async () => {
        const { log, publish } = await open()
        for (let i = 1; i <= 5; i++) await publish(`a${i}`, [a])
        const page = await log.history(a, { before: 4, limit: 10, bytes: 1e9 })
        expect([eventsOf(page), page.more]).toEqual([['a1', 'a2', 'a3'], false])
      })

      it('ends a page where the bytes are through, but holds one entry', async () => {
        const { log, publish } = await open()
        for (let i = 1; i <= 3; i++) await publish(`a${i}`, [a])
        const page = await log.history(a, { limit: 10, bytes: 1 })
        expect([eventsOf(page), page.more]).toEqual([['a3'], true])
      })

      it('is empty where nothing is kept', async () => {
        const { log, publish } = await open()
        await publish('one', [unkept])
        expect(await log.history(unkept, { limit: 10, bytes: 1e9 })).toMatchObject({ entries: [], more: false })
      })

      it('has nothing that is too old', async () => {
        const { log, publish, clock } = await open({ keep: () => ({ entries: 100, ageMs: 1_000 }) })
        await publish('old', [a])
        await clock.pass(2_000)
        await publish('young', [a])
        expect(eventsOf(await log.history(a, { limit: 10, bytes: 1e9 }))).toEqual(['young'])
      })
    })

    it('delivers nothing any more once it is closed', async () => {
      const { log, delivered } = await open()
      await log.close()
      await Promise.resolve(log.publish(draftOf('late', [a]))).catch(() => {})
      expect(delivered).toEqual([])
    })
  })
}
