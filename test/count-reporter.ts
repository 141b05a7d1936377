import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/** Says `N passed, N failed` as the last line of the process: what continuous integration reads. */
export default class CountReporter implements Reporter {
  #passed = 0
  #failed = 0

  onInit(): void {
    process.once('exit', () => process.stdout.write(`${this.#passed} passed, ${this.#failed} failed\n`))
  }

  /** Errors outside of a test (a file that cannot be loaded, a hook, an unhandled rejection) count as failed. */
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    this.#passed = 0
    this.#failed = unhandledErrors.length
    for (const module of modules) {
      this.#failed += module.errors().length
      for (const suite of module.children.allSuites()) this.#failed += suite.errors().length
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') this.#passed++
        else if (state !== 'skipped') this.#failed++
      }
    }
  }
}
