import { startWith } from './partyline.mjs'

export { dialect, path } from './partyline.mjs'

/** The same through a room without a rule: kept in memory, recoverable, which is the library's default. */
export const start = (work) => startWith({}, work)
