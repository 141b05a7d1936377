export { type Case, type Group, groups } from './case.ts'
export { report } from './report.ts'
export { type Subject, type SubjectFacts, subjectOf } from './subject.ts'
export {
  allCases,
  casesFor,
  isGood,
  type Omitted,
  type Result,
  type RunOptions,
  runCase,
  runSuite,
  type SuiteRun,
} from './suite.ts'
export type { Behaviour, Closing, Verdict } from './verdict.ts'
