import { framesOf, nextFormIndex, type WireForm } from '../../hub/wire-form.ts'
import { Opcode, payloadStart } from '../../websocket/frame.ts'
import { messagePacket, pollingFraming } from './framing.ts'

const polledForms = new Map<WireForm, WireForm>()

/** The form in which a client that polls gets what is said in a form of WebSocket frames: each frame as a packet. */
export function polledForm(form: WireForm): WireForm {
  const known = polledForms.get(form)
  if (known !== undefined) return known
  const frame = (data: string | Buffer): Buffer => repacked(form.frame(data))
  const made: WireForm = {
    index: nextFormIndex(),
    name: `${form.name}, polled`,
    takesVolatilePublications: form.takesVolatilePublications,
    encode: (entry, via) => repacked(form.encode(entry, via)),
    frame: (said) => framesOf(said, frame, frame),
    gap: (room, epoch, seq) => repacked(form.gap(room, epoch, seq)),
  }
  polledForms.set(form, made)
  return made
}

function repacked(frame: Buffer): Buffer {
  const payload = frame.subarray(payloadStart(frame))
  if (((frame[0] as number) & 0x0f) === Opcode.binary) return pollingFraming.binary(payload)
  return pollingFraming.text(messagePacket(payload.toString()))
}
