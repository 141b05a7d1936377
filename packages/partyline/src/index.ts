export { ListenError } from './listen.ts'
export { type Standalone, type StandaloneOptions, startStandalone } from './standalone.ts'
export type { Urls } from './urls.ts'
