/** Why something was refused, as it stands under the input. */
export interface Refusal {
  readonly words: string
  /** When it may be tried again, where the server said so. */
  readonly retryAtMs: number | null
}

/** What a refused promise of the line carries. */
interface Failure {
  readonly code: string
  readonly message: string
  readonly retryAfterMs: number | null
}

const wordsByCode: Readonly<Record<string, string>> = {
  forbidden: 'You may not write in this room.',
  unauthorized: 'You have to sign in to write here.',
  unknown_room: 'There is no such room here.',
  too_large: 'This message is too long.',
  too_many: 'You are in too many rooms.',
  rate_limited: 'That was a little fast.',
  unavailable: 'The server cannot take it right now.',
  key_reused: 'The server has another message under this key.',
  timeout: 'The server did not answer.',
}

/** The refusal in words. */
export function refusalOf(error: unknown, nowMs: number): Refusal {
  const { code, message, retryAfterMs } = failureOf(error)
  const words = wordsByCode[code] ?? sentence(message || code || 'It was refused')
  return { words, retryAtMs: retryAfterMs === null ? null : nowMs + retryAfterMs }
}

/** The short code of a refusal; '' for what is none of the server's. */
export function codeOf(error: unknown): string {
  return failureOf(error).code
}

/** How long until it may be tried again, in words; '' where that is now, null where nobody said so. */
export function waitWords({ retryAtMs }: Refusal, nowMs: number): string | null {
  if (retryAtMs === null) return null
  const seconds = Math.max(0, Math.ceil((retryAtMs - nowMs) / 1000))
  if (seconds === 0) return ''
  return seconds <= 120 ? `Again in ${seconds} s.` : `Again in ${Math.ceil(seconds / 60)} min.`
}

function failureOf(error: unknown): Failure {
  if (typeof error !== 'object' || error === null) return { code: '', message: String(error), retryAfterMs: null }
  const { code, message, retryAfterMs } = error as Record<string, unknown>
  return {
    code: typeof code === 'string' ? code : '',
    message: typeof message === 'string' ? message : '',
    retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : null,
  }
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?…]$/.test(first) ? first : `${first}.`
}
