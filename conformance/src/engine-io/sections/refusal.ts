import type { Answer } from '../exchange.ts'
import { same } from '../fault.ts'

/** The answer must be this refusal, to the letter. */
export function refusal({ status, headers, text }: Answer, wanted: number, code: number, message: string): void {
  same([status, text], [wanted, `{"code":${code},"message":"${message}"}`], 'the answer')
  same(headers['content-type'], 'application/json', 'the type of a refusal')
}

/** The answer must say all by its status. */
export function bare({ status, text }: Answer, wanted: number): void {
  same([status, text], [wanted, ''], 'the answer')
}
