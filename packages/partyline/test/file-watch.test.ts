import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FileWatch } from '../src/file-watch.ts'
import { temporaryFolder } from './certificates.ts'

/** Watches, and counts how often it was told. */
function watch(...paths: string[]) {
  const watching = new FileWatch(paths)
  onTestFinished(() => watching.stop())
  const told = { count: 0 }
  watching.start(5, () => {
    told.count++
  })
  return told
}

/** Turns a link round in one step, as `ln -sfn` does. */
function link(target: string, path: string): void {
  symlinkSync(target, `${path}.new`)
  renameSync(`${path}.new`, path)
}

describe('watched files', () => {
  it.each<[string, (folder: string) => { path: string; change: () => void }]>([
    [
      'is written anew',
      (folder) => {
        const path = join(folder, 'a')
        writeFileSync(path, 'one')
        return { path, change: () => writeFileSync(path, 'other') }
      },
    ],
    [
      'is replaced by another that is renamed',
      (folder) => {
        const path = join(folder, 'a')
        writeFileSync(path, 'one')
        writeFileSync(`${path}.new`, 'two')
        return { path, change: () => renameSync(`${path}.new`, path) }
      },
    ],
    [
      'is a link that is turned round (certbot)',
      (folder) => {
        const path = join(folder, 'live')
        for (const name of ['one', 'two']) writeFileSync(join(folder, name), name)
        link('one', path)
        return { path, change: () => link('two', path) }
      },
    ],
    [
      'is behind a link to a folder that is turned round (Kubernetes)',
      (folder) => {
        for (const name of ['..1', '..2']) {
          mkdirSync(join(folder, name))
          writeFileSync(join(folder, name, 'tls.crt'), name)
        }
        link('..1', join(folder, '..data'))
        symlinkSync('..data/tls.crt', join(folder, 'tls.crt'))
        return { path: join(folder, 'tls.crt'), change: () => link('..2', join(folder, '..data')) }
      },
    ],
    [
      'was taken away and is there again',
      (folder) => {
        const path = join(folder, 'a')
        writeFileSync(path, 'one')
        rmSync(path)
        return { path, change: () => writeFileSync(path, 'one') }
      },
    ],
  ])('are told of one that %s', async (_how, arrange) => {
    const { path, change } = arrange(temporaryFolder())
    const told = watch(path, path)
    change()
    await expect.poll(() => told.count).toBe(1)
  })

  it('are told again each time', async () => {
    const path = join(temporaryFolder(), 'a')
    const told = watch(path)
    for (let count = 1; count <= 3; count++) {
      writeFileSync(path, String(count))
      await expect.poll(() => told.count).toBe(count)
    }
  })

  it('are told of what changed between the making and the start', async () => {
    const path = join(temporaryFolder(), 'a')
    const watching = new FileWatch([path])
    onTestFinished(() => watching.stop())
    writeFileSync(path, 'one')
    const told = new Promise<void>((resolve) => watching.start(5, resolve))
    await told
  })
})
