import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const manifest = createRequire(import.meta.url).resolve('partyline/package.json')

/** What this package says of itself. */
export const version: string = createRequire(import.meta.url)(manifest).version

/** Where the chat is built to. */
export const chatFolder: string = join(dirname(manifest), 'dist/web')
