import { nextFormIndex, type WireForm } from '../../../src/hub/wire-form.ts'

const line = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value)}\n`)

/** The reader knows its position room by room, and lists them when it comes back. */
export const strictForm: WireForm = {
  index: nextFormIndex(),
  name: 'model/strict',
  takesVolatilePublications: true,
  encode: (entry, room) => line({ kind: 'entry', room, key: entry.event, seq: entry.seq }),
  frame: (message) => Buffer.from(`${message}\n`),
  gap: (room, epoch, seq) => line({ kind: 'gap', room, epoch, seq }),
}

/** The reader carries one place, written behind each entry; an entry that is cut before its place has not come. */
export const stampedForm: WireForm = {
  ...strictForm,
  index: nextFormIndex(),
  name: 'model/stamped',
  encode: (entry, room) => Buffer.from(JSON.stringify({ kind: 'entry', room, key: entry.event, seq: entry.seq })),
  stamp: (place) => Buffer.from(` ${place}\n`),
}

/** What a reader understands of one line. */
export type Heard =
  | {
      readonly kind: 'entry'
      readonly room: string
      readonly key: string
      readonly seq: number
      readonly place?: string
    }
  | { readonly kind: 'gap'; readonly room: string; readonly epoch: string; readonly seq: number }
  | { readonly kind: 'welcome'; readonly id: string; readonly epoch: string }
  | {
      readonly kind: 'joined'
      readonly id: string
      readonly room: string
      readonly epoch: string
      readonly seq: number
      readonly since: boolean
    }
  | { readonly kind: 'left'; readonly id: string; readonly room: string }
  | { readonly kind: 'said'; readonly id: string; readonly recovered?: boolean }

/** Reads one line of either form. */
export function understand(text: string): Heard {
  const end = text.lastIndexOf('}') + 1
  const heard = JSON.parse(text.slice(0, end)) as Heard
  return end === text.length ? heard : ({ ...heard, place: text.slice(end + 1) } as Heard)
}
