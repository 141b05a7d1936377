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
  const compress = (frame: Buffer): Buffer => deflatedFrame(frame, { thresholdBytes, level })
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
