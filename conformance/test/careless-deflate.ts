import { constants, deflateRawSync } from 'node:zlib'
import { agreementOf } from '../src/deflate/agreement.ts'
import { type Extension, parseExtensions } from '../src/deflate/extension-list.ts'
import { Inflater } from '../src/deflate/inflater.ts'

/** A duty of RFC 7692 that the server leaves undone. */
export type DeflateNeglect =
  | 'the inflated limit'
  | 'the agreed window'
  | 'agreeing before compressing'
  | 'forgetting its context'
  | 'repeating parameters'
  | 'declining bad offers'
  | 'offering before saying'
  | 'our context'
  | 'final blocks'
  | 'the end of the data'
  | 'the bit of compressed messages'

/** The one that is agreed to of all offers, and what is answered. */
export interface CarelessAgreement {
  readonly answer: string | undefined
  readonly deflate: CarelessDeflate | undefined
}

const name = 'permessage-deflate'

/** Takes the first offer that is one, or the first at all; undefined stands for 400. */
export function negotiate(header: string, neglect: string, maxPayloadBytes: number): CarelessAgreement | undefined {
  let offers: Extension[]
  try {
    offers = parseExtensions(header === '' ? [] : [header])
  } catch {
    return undefined
  }
  for (const { name: offered, parameters } of offers) {
    if (offered !== name) continue
    const answer = answerTo(parameters, neglect)
    const line = [name, ...parameters.map(([key, value]) => (value === undefined ? key : `${key}=${value}`))].join('; ')
    const agreement = agreementOf([line], [answerTo(parameters, 'nothing')])
    if (typeof agreement !== 'object' && neglect !== 'declining bad offers') continue
    const { serverNoContextTakeover = false, serverWindowBits = 15 } = typeof agreement === 'object' ? agreement : {}
    return { answer, deflate: new CarelessDeflate(serverWindowBits, serverNoContextTakeover, neglect, maxPayloadBytes) }
  }
  const isEager = neglect === 'agreeing before compressing'
  return { answer: undefined, deflate: isEager ? new CarelessDeflate(15, false, neglect, maxPayloadBytes) : undefined }
}

function answerTo(parameters: Extension['parameters'], neglect: string): string {
  const repeated = parameters.filter(([key]) => key.startsWith('server_') && neglect !== 'repeating parameters')
  const said = repeated.map(([key, value]) => (value === undefined ? key : `${key}=${value}`))
  return [name, ...said, ...(neglect === 'offering before saying' ? ['client_max_window_bits=15'] : [])].join('; ')
}

/** Bytes that a close frame with this code is the answer to. */
export class CarelessFault extends Error {
  readonly code: number

  constructor(code: number) {
    super(`close with ${code}`)
    this.code = code
  }
}

/** Inflates with the suite's own inflater, and compresses with zlib. */
export class CarelessDeflate {
  readonly #windowBits: number
  readonly #forgets: boolean
  readonly #neglect: string
  readonly #maxPayloadBytes: number
  readonly #inflater: Inflater
  #history: Buffer = Buffer.alloc(0)

  constructor(windowBits: number, forgets: boolean, neglect: string, maxPayloadBytes: number) {
    this.#windowBits = neglect === 'the agreed window' ? 15 : windowBits
    this.#forgets = forgets && neglect !== 'forgetting its context'
    this.#neglect = neglect
    this.#maxPayloadBytes = maxPayloadBytes
    this.#inflater = new Inflater(15, neglect !== 'our context')
  }

  inflate(bytes: Buffer): Buffer {
    let message: Buffer
    try {
      message = this.#inflater.inflate(this.#neglect === 'the end of the data' ? ended(bytes) : bytes)
    } catch {
      throw new CarelessFault(1007)
    }
    if (message.length > this.#maxPayloadBytes && this.#neglect !== 'the inflated limit') throw new CarelessFault(1009)
    return this.#neglect === 'final blocks' && isFinal(bytes) ? Buffer.alloc(0) : message
  }

  compress(payload: Buffer): Buffer {
    const compressed = deflateRawSync(payload, {
      finishFlush: constants.Z_SYNC_FLUSH,
      // A window of 256 bytes is more than raw zlib can do with: it gets matches of the byte before alone.
      windowBits: Math.max(9, this.#windowBits),
      strategy: this.#windowBits < 9 ? constants.Z_RLE : constants.Z_DEFAULT_STRATEGY,
      ...(this.#history.length > 0 && { dictionary: this.#history }),
    })
    if (!this.#forgets && this.#windowBits >= 9)
      this.#history = Buffer.from(Buffer.concat([this.#history, payload]).subarray(-(1 << this.#windowBits)))
    return compressed.subarray(0, -4)
  }
}

const isFinal = (bytes: Buffer) => ((bytes[0] ?? 0) & 1) === 1

/** Takes a message that is cut for one that is complete. */
function ended(bytes: Buffer): Buffer {
  try {
    new Inflater(15, false).inflate(bytes)
    return bytes
  } catch (error) {
    return /ends inside/.test((error as Error).message) ? Buffer.of(0) : bytes
  }
}
