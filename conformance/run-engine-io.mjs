#!/usr/bin/env node
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// The suite is built when it is not, or when its sources changed; otherwise this takes a moment.
const here = dirname(fileURLToPath(import.meta.url))
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
const build = spawnSync(process.execPath, [join(typescript, 'bin', 'tsc'), '-b', here], { stdio: 'inherit' })
if (build.status !== 0) process.exit(build.status ?? 1)

const { runEngineCli } = await import('./dist/engine-io/cli.js')
try {
  process.exitCode = await runEngineCli(process.argv.slice(2), (text) => process.stdout.write(text))
} catch (error) {
  console.error(`conformance: ${error.message}`)
  process.exitCode = 2
}
