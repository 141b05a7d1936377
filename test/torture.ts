/** True in `npm run torture`: the same tests with more runs, and the files `*.torture.test.ts`. */
export const isTorture = process.env.PARTYLINE_TORTURE === '1'

/** How often something random is tried: the first number in `npm test`, the second in `npm run torture`. */
export function runs(usual: number, torture: number): number {
  return isTorture ? torture : usual
}
