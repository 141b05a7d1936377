import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

/** Collects several times: what finalizers let go of is gone with the next one. */
export function collectGarbage(): void {
  for (let round = 0; round < 4; round++) gc()
}
