import { defaultClientConditions, defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'
import { reactIsPreact } from './apps/web/vite.config.ts'
import { isTorture } from './test/torture.ts'

const exclude = ['**/node_modules/**', '**/dist/**', ...(isTorture ? [] : ['**/*.torture.test.ts'])]

/** Tests run from the sources of the packages: nothing has to be built for them, except where real processes are started. */
const sources = {
  resolve: { conditions: ['@partyline/source', ...defaultClientConditions] },
  ssr: { resolve: { conditions: ['@partyline/source', ...defaultServerConditions] } },
}

export default defineConfig({
  test: {
    // The main thread only waits: vitest's own default leaves a core idle.
    maxWorkers: '100%',
    reporters: ['default', './test/count-reporter.ts'],
    projects: [
      {
        ...sources,
        resolve: { ...sources.resolve, alias: reactIsPreact },
        test: {
          name: 'unit',
          pool: 'threads', // a process for each file would take longer to start than most of them run
          include: [
            'packages/*/test/**/*.test.ts',
            'apps/*/test/**/*.test.{ts,tsx}',
            'bench/test/**/*.test.ts',
            'test/**/*.test.ts',
          ],
          exclude,
          testTimeout: isTorture ? 600_000 : 20_000,
        },
      },
      {
        ...sources,
        test: {
          name: 'conformance',
          pool: 'threads',
          include: ['conformance/**/*.test.ts'],
          exclude,
          testTimeout: isTorture ? 600_000 : 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...sources,
        test: {
          name: 'security',
          include: ['security/**/*.test.ts'],
          exclude,
          testTimeout: isTorture ? 600_000 : 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...sources,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          exclude,
          testTimeout: isTorture ? 900_000 : 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          // One process after another, with both cores: behind the projects that run side by side.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
