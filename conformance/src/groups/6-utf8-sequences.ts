/** The items of 6.5 to 6.23: one unfragmented text each, in hex. V is echoed, X fails with 1007. */
export interface SequenceRow {
  readonly section: number
  readonly title: string
  readonly items: readonly (readonly ['V' | 'X', hex: string])[]
}

/** κόσμε: eleven bytes, with characters of two and of three bytes. */
export const kosme = 'cebae1bdb9cf83cebcceb5'

const valid = (...items: string[]) => items.map((hex) => ['V', hex] as const)
const invalid = (...items: string[]) => items.map((hex) => ['X', hex] as const)
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
const hexOf = (byte: number) => byte.toString(16).padStart(2, '0')

/** Start bytes, each followed by a space. */
const starts = (from: number, to: number) =>
  range(from, to)
    .map((byte) => `${hexOf(byte)}20`)
    .join('')

const characterEnds = [2, 5, 7, 9, 11]
const prefixesOfKosme = range(1, kosme.length / 2).map(
  (length) => [characterEnds.includes(length) ? 'V' : 'X', kosme.slice(0, length * 2)] as const,
)

const cutSequences = [
  'c0',
  'e080',
  'f08080',
  'f8808080',
  'fc80808080',
  'df',
  'efbf',
  'f7bfbf',
  'fbbfbfbf',
  'fdbfbfbfbf',
]

const highSurrogates = ['eda080', 'edadbf', 'edae80', 'edafbf']
const surrogatePairs = highSurrogates.flatMap((high) => [`${high}edb080`, `${high}edbfbf`])

/** U+nFFFE and U+nFFFF of every plane that is encoded in four bytes. */
const planeHeads = [
  ...['9f', 'af', 'bf'].map((second) => `f0${second}`),
  ...['f1', 'f2', 'f3'].flatMap((lead) => ['8f', '9f', 'af', 'bf'].map((second) => lead + second)),
  'f48f',
]
const nonCharacters = ['efbfbe', 'efbfbf', ...planeHeads.flatMap((head) => [`${head}bfbe`, `${head}bfbf`])]

/** RFC 3629, and Markus Kuhn's list of what decoders get wrong. */
export const sequenceRows: readonly SequenceRow[] = [
  {
    section: 5,
    title: 'sequences of one to four bytes',
    items: valid(...['24', 'c2a2', 'e282ac', 'f0a4ada2'].map((hex) => `68656c6c6f${hex}776f726c64`), kosme),
  },
  { section: 6, title: 'prefixes of κόσμε', items: prefixesOfKosme },
  { section: 7, title: 'first sequence of its length', items: valid('00', 'c280', 'e0a080', 'f0908080') },
  { section: 8, title: 'first sequence of length 5 and 6', items: invalid('f888808080', 'fc8480808080') },
  { section: 9, title: 'last sequence of its length', items: valid('7f', 'dfbf', 'efbfbf', 'f48fbfbf') },
  { section: 10, title: 'last sequence of length 4 to 6', items: invalid('f7bfbfbf', 'fbbfbfbfbf', 'fdbfbfbfbfbf') },
  {
    section: 11,
    title: 'borders around surrogates and the top',
    items: [...valid('ed9fbf', 'ee8080', 'efbfbd', 'f48fbfbf'), ...invalid('f4908080')],
  },
  {
    section: 12,
    title: 'lone continuation bytes',
    items: invalid(
      '80',
      'bf',
      '80bf',
      '80bf80',
      '80bf80bf',
      '80bf80bf80',
      '80bf80bf80bf',
      range(0x80, 0xbe).map(hexOf).join(''),
    ),
  },
  {
    section: 13,
    title: 'start bytes, each before a space',
    items: invalid(starts(0xc0, 0xde), starts(0xe0, 0xee), starts(0xf0, 0xf6), starts(0xf8, 0xfa), starts(0xfc, 0xfc)),
  },
  { section: 14, title: 'last continuation byte missing', items: invalid(...cutSequences) },
  { section: 15, title: 'ten cut sequences in a row', items: invalid(cutSequences.join('')) },
  { section: 16, title: 'impossible bytes', items: invalid('fe', 'ff', 'fefeffff') },
  { section: 17, title: 'overlong "/"', items: invalid('c0af', 'e080af', 'f08080af', 'f8808080af', 'fc80808080af') },
  {
    section: 18,
    title: 'largest overlong',
    items: invalid('c1bf', 'e09fbf', 'f08fbfbf', 'f887bfbfbf', 'fc83bfbfbfbf'),
  },
  { section: 19, title: 'overlong NUL', items: invalid('c080', 'e08080', 'f0808080', 'f880808080', 'fc8080808080') },
  {
    section: 20,
    title: 'single surrogate',
    items: invalid('eda080', 'edadbf', 'edae80', 'edafbf', 'edb080', 'edbe80', 'edbfbf'),
  },
  { section: 21, title: 'surrogate pair', items: invalid(...surrogatePairs) },
  { section: 22, title: 'non-character', items: valid(...nonCharacters) },
  { section: 23, title: 'special', items: valid(...range(0xb9, 0xbf).map((byte) => `efbf${hexOf(byte)}`)) },
]
