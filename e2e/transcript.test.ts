import { describe, expect, it } from 'vitest'
import { faultsOf, type Line } from './src/transcript.ts'

const room = 'lobby'
const at = (seq: number, epoch = 'e1') => ({ epoch, seq })
const joined = (who: string): Line => ({ kind: 'joined', who, room })
const left = (who: string): Line => ({ kind: 'left', who, room })
const published = (who: string, key: string): Line => ({ kind: 'published', who, room, key })
const acked = (key: string, seq: number, epoch?: string): Line => ({ kind: 'acked', key, place: at(seq, epoch) })
const refused = (key: string): Line => ({ kind: 'refused', key })
const unknown = (key: string): Line => ({ kind: 'unknown', key })
const received = (who: string, key: string, seq: number, epoch?: string): Line => ({
  kind: 'received',
  who,
  room,
  key,
  place: at(seq, epoch),
})
const gap = (who: string, seq: number, epoch?: string): Line => ({ kind: 'gap', who, room, place: at(seq, epoch) })

/** Ada and Ben are there; Ada publishes these. */
const said = (...keys: string[]): Line[] => [
  joined('Ada'),
  joined('Ben'),
  ...keys.flatMap((key, index) => [published('Ada', key), acked(key, index + 1), received('Ada', key, index + 1)]),
]

describe('a transcript without a fault', () => {
  it.each<[string, Line[]]>([
    ['is empty', []],
    ['has everything everywhere', [...said('a', 'b'), received('Ben', 'a', 1), received('Ben', 'b', 2)]],
    [
      'jumps over seqs of other rooms',
      [
        ...said('a'),
        received('Ben', 'a', 1),
        published('Ben', 'z'),
        acked('z', 9),
        received('Ada', 'z', 9),
        received('Ben', 'z', 9),
      ],
    ],
    ['says a gap before what comes behind it', [...said('a', 'b', 'c'), gap('Ben', 2), received('Ben', 'c', 3)]],
    [
      'has a new epoch behind a gap',
      [
        ...said('a', 'b'),
        received('Ben', 'a', 1),
        gap('Ben', 0, 'e2'),
        published('Ada', 'n'),
        acked('n', 1, 'e2'),
        received('Ben', 'n', 1, 'e2'),
        received('Ada', 'n', 1, 'e2'),
      ],
    ],
    ['owes nothing to who came later', [...said('a'), received('Ben', 'a', 1), joined('Cleo')]],
    ['owes nothing more to who left', [...said('a', 'b'), received('Ben', 'a', 1), left('Ben')]],
    ['has two stays of one reader', [...said('a', 'b'), received('Ben', 'a', 1), left('Ben'), joined('Ben')]],
    ['owes nothing that was refused', [...said(), published('Ada', 'a'), refused('a')]],
    ['has what was not answered nowhere', [...said(), published('Ada', 'a'), unknown('a')]],
    [
      'has what was not answered everywhere',
      [...said(), published('Ada', 'a'), unknown('a'), received('Ada', 'a', 1), received('Ben', 'a', 1)],
    ],
    [
      'has what was not answered with those alone who reach so far',
      [...said(), published('Ada', 'a'), unknown('a'), received('Ben', 'a', 1)],
    ],
    [
      'knows no places',
      [
        joined('Ben'),
        published('Ada', 'a'),
        { kind: 'acked', key: 'a' },
        { kind: 'received', who: 'Ben', room, key: 'a' },
      ],
    ],
  ])('%s', (_, lines) => {
    expect(faultsOf(lines)).toEqual([])
  })
})

describe('the checker sees', () => {
  it.each<[string, Line[], RegExp]>([
    [
      'an acknowledged publication that never came',
      [...said('a', 'b'), received('Ben', 'a', 1)],
      /Ben never received b/,
    ],
    [
      'one that never came where nothing has a place',
      [joined('Ben'), published('Ada', 'a'), { kind: 'acked', key: 'a' }],
      /Ben never received a/,
    ],
    [
      'a hole in what came',
      [...said('a', 'b', 'c'), received('Ben', 'a', 1), received('Ben', 'c', 3)],
      /Ben never received b/,
    ],
    ['a hole before the leave', [...said('a', 'b'), received('Ben', 'b', 2), left('Ben')], /Ben never received a/],
    [
      'a hole in front of a gap that does not reach back to it',
      [...said('a', 'b', 'c'), received('Ben', 'b', 2), gap('Ben', 3)],
      /Ben never received a/,
    ],
    ['a hole behind a gap', [...said('a', 'b'), gap('Ben', 1)], /Ben never received b/],
    [
      'a gap of an epoch that excuses what was said later, in another one',
      [
        ...said('a'),
        received('Ben', 'a', 1),
        gap('Ben', 0, 'e2'),
        published('Ada', 'b'),
        acked('b', 1, 'e3'),
        received('Ada', 'b', 1, 'e3'),
      ],
      /Ben never received b/,
    ],
    [
      'a publication that came twice',
      [...said('a'), received('Ben', 'a', 1), received('Ben', 'a', 1)],
      /Ben received a twice/,
    ],
    [
      'one that came again at another place',
      [...said('a'), received('Ben', 'a', 1), received('Ben', 'a', 2)],
      /Ben received a twice/,
    ],
    [
      'a reader that is told backwards',
      [...said('a', 'b'), received('Ben', 'b', 2), received('Ben', 'a', 1)],
      /Ben received a in lobby behind/,
    ],
    [
      'an epoch that comes back',
      [
        ...said('a', 'b'),
        received('Ben', 'a', 1),
        gap('Ben', 0, 'e2'),
        published('Ada', 'n'),
        acked('n', 1, 'e2'),
        received('Ada', 'n', 1, 'e2'),
        received('Ben', 'n', 1, 'e2'),
        received('Ben', 'b', 2),
      ],
      /Ben received b in lobby behind/,
    ],
    ['two readers with different places for one publication', [...said('a'), received('Ben', 'a', 7)], /Ben has a at/],
    [
      'two publications at one place',
      [
        ...said('a'),
        received('Ben', 'a', 1),
        published('Ben', 'z'),
        acked('z', 1),
        received('Ada', 'z', 1),
        received('Ben', 'z', 1),
      ],
      /where others have a/,
    ],
    [
      'acks that turn the order of one publisher round',
      [
        joined('Ben'),
        published('Ada', 'a'),
        published('Ada', 'b'),
        acked('a', 2),
        acked('b', 1),
        received('Ben', 'b', 1),
        received('Ben', 'a', 2),
      ],
      /Ada published a before b/,
    ],
    [
      'a reader that has the order of one publisher turned round',
      [
        joined('Ben'),
        published('Ada', 'a'),
        published('Ada', 'b'),
        unknown('a'),
        unknown('b'),
        received('Ben', 'b', 1),
        received('Ben', 'a', 2),
      ],
      /Ben received a of Ada behind the later b/,
    ],
    [
      'a refused publication that somebody received',
      [...said(), published('Ada', 'a'), refused('a'), received('Ben', 'a', 1)],
      /Ben received a, which was refused/,
    ],
    [
      'one that was not answered, with some who reach beyond it and not with others',
      [
        ...said(),
        published('Ada', 'a'),
        unknown('a'),
        published('Ada', 'b'),
        acked('b', 2),
        received('Ada', 'a', 1),
        received('Ada', 'b', 2),
        received('Ben', 'b', 2),
      ],
      /Ben did not receive a/,
    ],
    [
      'a publication that nobody published',
      [...said(), received('Ben', 'ghost', 1)],
      /Ben received ghost in lobby, where nobody published it/,
    ],
    [
      'one that came in another room',
      [
        ...said('a'),
        received('Ben', 'a', 1),
        { kind: 'joined', who: 'Ben', room: 'news' },
        { kind: 'received', who: 'Ben', room: 'news', key: 'a', place: at(1) },
      ],
      /Ben received a in news, where nobody published it/,
    ],
    [
      'one that came to who has left',
      [...said('a'), left('Ben'), received('Ben', 'a', 1)],
      /Ben is told of lobby without being in it: a/,
    ],
    [
      'one that came to who never joined',
      [...said('a'), received('Ben', 'a', 1), received('Cleo', 'a', 1)],
      /Cleo is told of lobby without being in it: a/,
    ],
  ])('%s', (_, lines, fault) => {
    expect(faultsOf(lines).join('\n')).toMatch(fault)
  })

  it('an answer to what nobody published, which is a fault of the transcript', () => {
    expect(() => faultsOf([acked('a', 1)])).toThrow('never published')
  })
})
