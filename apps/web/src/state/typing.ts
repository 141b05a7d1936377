import type { Sender } from './line.ts'

/** Who is typing, and until when that is believed. */
export type Typing = ReadonlyMap<string, { readonly name: string; readonly untilMs: number }>

export const typingEvent = 'typing'
/** Said at most this often while one types. */
export const sayEveryMs = 2_500
/** Believed this long: two sayings may get lost before it looks wrong. */
export const believeMs = 6_000

export const nobodyTyping: Typing = new Map()

/** Somebody said that they type. */
export function typed(typing: Typing, { id, name }: Sender, nowMs: number): Typing {
  return new Map(typing).set(id, { name, untilMs: nowMs + believeMs })
}

/** Somebody sent what they typed, or left. */
export function stopped(typing: Typing, id: string): Typing {
  if (!typing.has(id)) return typing
  const left = new Map(typing)
  left.delete(id)
  return left
}

/** Forgets those who were not heard again. */
export function expired(typing: Typing, nowMs: number): Typing {
  const left = new Map([...typing].filter(([, { untilMs }]) => untilMs > nowMs))
  return left.size === typing.size ? typing : left
}

/** When the first of them is forgotten, or null where nobody types. */
export function nextExpiryMs(typing: Typing): number | null {
  return typing.size === 0 ? null : Math.min(...[...typing.values()].map(({ untilMs }) => untilMs))
}

/** Whether it is time to say again that one types. */
export function maySayTyping(lastSaidMs: number | null, nowMs: number): boolean {
  return lastSaidMs === null || nowMs - lastSaidMs >= sayEveryMs
}

/** The line below the log. */
export function typingWords(typing: Typing): string {
  const names = [...typing.values()].map(({ name }) => name)
  const [first, second, third] = names
  if (first === undefined) return ''
  if (second === undefined) return `${first} is typing…`
  if (third === undefined) return `${first} and ${second} are typing…`
  if (names.length === 3) return `${first}, ${second} and ${third} are typing…`
  return 'Several people are typing…'
}
