import { framesOf, nextFormIndex, type WireForm } from '../hub/wire-form.ts'
import { type DeflateSettings, deflatedFrame } from '../websocket/deflate.ts'
import type { MessageDeflate } from '../websocket/message-deflate.ts'

/** Those that are shared, by plain form and settings: a publication keeps a frame for each. */
const sharedForms = new Map<string, WireForm>()

/**
 * The form in which a client gets what is said in a plain one, where its messages may be compressed. Clients that
 * agreed on no more than everybody else (each message by itself, a window of 32 KB) share the form, and with it the
 * frames. For another agreement only what is said to the client alone is compressed: its publications are the plain form's.
 */
export function deflatedForm(plain: WireForm, deflate: MessageDeflate): WireForm {
  return deflate.isShareable ? sharedForm(plain, deflate.options) : ownForm(plain, deflate)
}

function sharedForm(plain: WireForm, { thresholdBytes, level }: DeflateSettings): WireForm {
  const key = `${plain.index} ${thresholdBytes} ${level}`
  const known = sharedForms.get(key)
  if (known !== undefined) return known
  const compress = (frames: Buffer): Buffer =>
    eachFrame(frames, (frame) => deflatedFrame(frame, { thresholdBytes, level }))
  const form: WireForm = {
    ...plain,
    index: nextFormIndex(),
    name: `${plain.name}, deflated`,
    plain,
    compress,
    frame: (message) => compress(plain.frame(message)),
  }
  sharedForms.set(key, form)
  return form
}

function ownForm(plain: WireForm, deflate: MessageDeflate): WireForm {
  const frame = (data: string | Buffer): Buffer => deflate.frame(data)
  return { ...plain, plain, frame: (said) => framesOf(said, frame, frame) }
}

/** A form may put several frames behind one another, as attachments behind their packet: each is compressed by itself. */
function eachFrame(frames: Buffer, compress: (frame: Buffer) => Buffer): Buffer {
  const first = frameEnd(frames, 0)
  if (first === frames.length) return compress(frames)
  const compressed: Buffer[] = []
  for (let at = 0, end = first; at < frames.length; at = end, end = frameEnd(frames, at)) {
    compressed.push(compress(frames.subarray(at, end)))
  }
  return Buffer.concat(compressed)
}

/** Where the frame that begins here ends; the length of all where none begins. */
function frameEnd(frames: Buffer, at: number): number {
  if (at >= frames.length) return frames.length
  const length = frames[at + 1] as number
  if (length < 126) return at + 2 + length
  if (length === 126) return at + 4 + frames.readUInt16BE(at + 2)
  return at + 10 + frames.readUInt32BE(at + 2) * 2 ** 32 + frames.readUInt32BE(at + 6)
}
