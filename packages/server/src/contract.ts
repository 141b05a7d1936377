import { RequestError } from '@partyline/protocol'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { ArgumentsCheck } from './listeners.ts'
import { type Maybe, whenReady } from './maybe.ts'
import type { EventAnswer } from './protocols/client.ts'

/** What may be said under an event: a schema of any Standard Schema library for its one argument, or one for each argument. */
export type Contract = StandardSchemaV1 | readonly StandardSchemaV1[]

type OutputOf<Schema extends StandardSchemaV1> = StandardSchemaV1.InferOutput<Schema>

/** The arguments that come out of a contract's schemas. */
export type ContractOutputs<Given extends Contract> = Given extends StandardSchemaV1
  ? [data: OutputOf<Given>]
  : Given extends readonly StandardSchemaV1[]
    ? { -readonly [Index in keyof Given]: Given[Index] extends StandardSchemaV1 ? OutputOf<Given[Index]> : never }
    : never

type Result = StandardSchemaV1.Result<unknown>

/** An issue and the argument it is about. */
interface Found {
  readonly argument: number
  readonly issue: StandardSchemaV1.Issue
}

const MAX_ISSUES = 3
const MAX_PATH = 100
const MAX_MESSAGE = 400

/** The acknowledgement a handler gets where nobody waits for one. */
const nobodyWaits = (): void => {}

/**
 * The check of an event's arguments against its contract. It answers what the schemas made of them, and always an
 * acknowledgement behind, which does nothing where nobody waits for one. It throws, or rejects with, `invalid`; what a
 * schema itself throws is not caught.
 */
export function checkOf(event: string, contract: Contract): ArgumentsCheck<EventAnswer | undefined> {
  const schemas = isList(contract) ? contract : [contract]
  for (const schema of schemas) {
    if (typeof schema?.['~standard']?.validate === 'function') continue
    throw new TypeError(`the schema of "${event}" is none of Standard Schema (zod 3.24, valibot 1, arktype 2 or later)`)
  }
  return (all, answer) => {
    const isAsked = answer?.isAskedFor === true
    const args = countedArguments(event, isAsked ? all.slice(0, -1) : all, schemas.length)
    const ack = isAsked ? all.at(-1) : nobodyWaits
    const results = schemas.map((schema, index) => resultOf(schema, args[index]))
    const ready = results.some((result) => result instanceof Promise) ? Promise.all(results) : (results as Result[])
    return whenReady(ready, (checked) => [...outputsOf(event, checked), ack])
  }
}

/** What a schema throws is a rejection, so that none of several is left without somebody who hears of it. */
function resultOf(schema: StandardSchemaV1, value: unknown): Maybe<Result> {
  try {
    return schema['~standard'].validate(value)
  } catch (error) {
    return Promise.reject(error)
  }
}

function isList(contract: Contract): contract is readonly StandardSchemaV1[] {
  return Array.isArray(contract)
}

/** The arguments, where there are as many as the contract says. */
function countedArguments(event: string, args: readonly unknown[], count: number): readonly unknown[] {
  if (args.length === count) return args
  // on the plain wire an event without payload is one with an empty object
  if (count === 0 && args.length === 1 && isEmptyObject(args[0])) return []
  const wanted = count === 1 ? '1 argument' : `${count} arguments`
  throw new RequestError('invalid', `"${event}" takes ${wanted}, not ${args.length}`)
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
}

function outputsOf(event: string, results: readonly Result[]): unknown[] {
  const outputs: unknown[] = []
  const found: Found[] = []
  results.forEach((result, argument) => {
    if (result.issues === undefined) outputs.push(result.value)
    else for (const issue of result.issues.slice(0, MAX_ISSUES)) found.push({ argument, issue })
    if (result.issues?.length === 0) found.push({ argument, issue: { message: 'refused' } })
  })
  if (found.length === 0) return outputs
  const texts = found.slice(0, MAX_ISSUES).map((each) => textOf(each, results.length))
  throw new RequestError('invalid', cut(`"${event}": ${texts.join('; ')}`, MAX_MESSAGE))
}

/** Where it is and what is wrong, in the library's words. */
function textOf({ argument, issue }: Found, count: number): string {
  const where = [...(count > 1 ? [`argument ${argument + 1}`] : []), ...pathOf(issue)]
  return [...where, issue.message].join(': ')
}

/** `user.tags[0]`, where the issue has a path. */
function pathOf({ path = [] }: StandardSchemaV1.Issue): string[] {
  if (path.length === 0) return []
  const keys = path.map((segment) => (typeof segment === 'object' ? segment.key : segment))
  const text = keys.reduce<string>((before, key) => {
    if (typeof key === 'number') return `${before}[${key}]`
    return before === '' ? String(key) : `${before}.${String(key)}`
  }, '')
  return [cut(text, MAX_PATH)]
}

/** At most so many units, and no half of a character. */
function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
