import fc from 'fast-check'

/** Texts with characters of one to four bytes and the edges between them. */
export const text = fc
  .array(
    fc.constantFrom(
      'a',
      'Z',
      '\0',
      '\x7f',
      '\x80',
      'ä',
      '\u07ff',
      '\u0800',
      '€',
      '\ud7ff',
      '\uffff',
      '😀',
      '\u{10ffff}',
    ),
    {
      maxLength: 200,
    },
  )
  .map((characters) => characters.join(''))
