import { Random } from './random.ts'

/** What the messages of groups 12 and 13 are cut from, in the order of group 12. */
export interface DataSet {
  readonly title: string
  readonly kind: 'text' | 'binary'
  /** Its length. */
  readonly units: number
  /** Message `index` of so many units: bytes of a binary set, characters of a text. The set begins again behind its end. */
  message(index: number, units: number): Buffer
}

function dataSet(title: string, make: () => string | Buffer): DataSet {
  let made: string | Buffer | undefined
  const content = () => {
    made ??= make()
    return made
  }
  const cut = (from: number, to: number) => {
    const all = content()
    return typeof all === 'string' ? Buffer.from(all.slice(from, to)) : all.subarray(from, to)
  }
  return {
    title,
    kind: title.startsWith('text') ? 'text' : 'binary',
    get units() {
      return content().length
    },
    message: (index, units) => {
      const { length } = content()
      const from = (index * units) % length
      const to = from + units
      return to <= length ? cut(from, to) : Buffer.concat([cut(from, length), cut(0, to - length)])
    },
  }
}

/** Every set is the same everywhere and always. */
const seed = 7692

const words = [
  ...'der die das und in den von zu mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach'.split(
    ' ',
  ),
  ...'wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch man sein'.split(
    ' ',
  ),
  ...'Haus Garten Straße Brücke Wasser Licht Morgen Abend Fenster Schlüssel Gespräch Nachbar Bahnhof Regen Wolke Bäcker'.split(
    ' ',
  ),
  ...'Brief Antwort Geschichte Treppe Mantel Koffer Erinnerung Schatten Dämmerung Uhr Stimme Kreuzung Werkstatt'.split(
    ' ',
  ),
  ...'ging stand kam sah hörte fragte schwieg wartete öffnete schloss dachte lachte blieb suchte fand verlor vergaß'.split(
    ' ',
  ),
  ...'alt neu leise laut schnell langsam müde still hell dunkel groß klein fremd vertraut grün blau schmal weit'.split(
    ' ',
  ),
]

/** Frequent words are those in front, as in any language. */
function sentence(random: Random): string {
  const count = 6 + random.below(18)
  const chosen = Array.from({ length: count }, () => words[Math.floor(random.next() ** 2 * words.length)] as string)
  const text = chosen.map((word, index) =>
    index > 3 && index < count - 3 && random.below(9) === 0 ? `${word},` : word,
  )
  const start = text[0] as string
  return `${start.slice(0, 1).toUpperCase()}${start.slice(1)} ${text.slice(1).join(' ')}${random.pick(['.', '.', '.', '?', '!'])}`
}

function prose(random: Random, units: number): string {
  let text = ''
  while (text.length < units) text += sentence(random) + (random.below(7) === 0 ? '\n\n' : ' ')
  return text.slice(0, units)
}

/** Grows an array of records to the length, the last one filled up. */
function json(): string {
  const random = new Random(seed)
  const units = 194_056
  const records: string[] = []
  let length = 2
  for (let id = 1; length < units - 1000; id++) {
    const record = JSON.stringify({
      id,
      name: `${random
        .pick(words.slice(56, 80))
        .normalize('NFD')
        .replaceAll(/[^a-z]/gi, '')} ${id}`,
      active: random.below(3) > 0,
      position: { latitude: Math.round(random.next() * 1e6) / 1e4, longitude: Math.round(random.next() * 1e6) / 1e4 },
      tags: Array.from({ length: random.below(4) }, () => random.pick(['red', 'green', 'blue', 'large', 'small'])),
      updatedAt: new Date(1_500_000_000_000 + random.below(1e9) * 100).toISOString(),
    })
    records.push(record)
    length += record.length + 1
  }
  const missing = units - length - '{"filling":""}'.length
  return `[${records.join(',')},${JSON.stringify({ filling: '-'.repeat(missing) })}]`
}

/** 512 by 512, 8 bits: slopes with some grain. */
function bitmap(): Buffer {
  const random = new Random(seed)
  const size = 512
  const headBytes = 54 + 4 * 256
  const bytes = Buffer.alloc(headBytes + size * size)
  bytes.write('BM')
  bytes.writeUInt32LE(bytes.length, 2)
  bytes.writeUInt32LE(headBytes, 10)
  bytes.writeUInt32LE(40, 14)
  bytes.writeUInt32LE(size, 18)
  bytes.writeUInt32LE(size, 22)
  bytes.writeUInt16LE(1, 26)
  bytes.writeUInt16LE(8, 28)
  for (let grey = 0; grey < 256; grey++) bytes.fill(grey, 54 + grey * 4, 57 + grey * 4)
  for (let at = 0; at < size * size; at++) {
    const [x, y] = [at % size, Math.floor(at / size)]
    bytes[headBytes + at] = 128 + 90 * Math.sin(x / 70) * Math.cos(y / 50) + random.below(x > 256 ? 12 : 2)
  }
  return bytes
}

function html(): string {
  const random = new Random(seed)
  const head =
    '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>A list – of some length</title></head>\n<body>\n'
  const foot = '</body>\n</html>\n'
  const bodyBytes = 263_647 - Buffer.byteLength(head) - foot.length
  const lines: string[] = []
  let bytes = 0
  for (let row = 0; ; row++) {
    const price = (random.below(100_000) / 100).toFixed(2)
    const name = random.pick(['kettle', 'lamp', 'café table', 'stool', 'shelf', 'crème pot', 'blanket', 'naïve print'])
    const link = `<a href="/items/${random.below(10_000)}">${name}</a>`
    const line = `<div class="row" id="row-${row}">${link} <b>€ ${price}</b></div>\n`
    if (bytes + Buffer.byteLength(line) > bodyBytes) break
    lines.push(line)
    bytes += Buffer.byteLength(line)
  }
  return head + lines.join('') + ' '.repeat(bodyBytes - bytes) + foot
}

/** Streams that are compressed already, as far as a compressor can tell. */
function pdf(): Buffer {
  const random = new Random(seed)
  const pieces: Buffer[] = [Buffer.from('%PDF-1.4\n')]
  for (let object = 1; object <= 64; object++) {
    const stream = random.bytes(16_000)
    const head = `${object} 0 obj\n<< /Length ${stream.length} /Filter /FlateDecode >>\nstream\n`
    pieces.push(Buffer.from(head), stream, Buffer.from('\nendstream\nendobj\n'))
  }
  const missing = 1_042_328 - Buffer.concat(pieces).length
  return Buffer.concat([...pieces, random.bytes(missing - 6), Buffer.from('%%EOF\n')])
}

function germanProse(): Buffer {
  return Buffer.from(prose(new Random(seed), 222_218)).subarray(0, 222_218)
}

export const jsonData = dataSet('text: JSON', json)

export const dataSets: readonly DataSet[] = [
  jsonData,
  dataSet('binary: a grey bitmap', bitmap),
  dataSet('binary: German prose', germanProse),
  dataSet('text: HTML', html),
  dataSet('binary: a PDF', pdf),
]
