import { statSync } from 'node:fs'
import { stat } from 'node:fs/promises'

/**
 * Sees when files were replaced, and left alone since. They are looked at in turns: the system's notices belong to one file
 * or folder, and who renews a certificate renames a file, turns a link to another file (certbot), or turns a link that the
 * path leads through somewhere on the way (Kubernetes).
 */
export class FileWatch {
  readonly #paths: readonly string[]
  #seen: string
  #timer: NodeJS.Timeout | undefined

  /** What changes from here on is seen, so that a reader who comes after this misses nothing. */
  constructor(paths: readonly string[]) {
    this.#paths = paths
    this.#seen = paths.map((path) => markOf(() => statSync(path, { bigint: true }))).join()
  }

  /** Calls when something has changed and nothing did for one interval: two files are never replaced at once. */
  start(intervalMs: number, changed: () => void): void {
    let isMoving = false
    const look = async (): Promise<void> => {
      const now = (await Promise.all(this.#paths.map(markOfFile))).join()
      if (this.#timer === undefined) return
      const settled = isMoving && now === this.#seen
      isMoving = now !== this.#seen
      this.#seen = now
      this.#timer = setTimeout(look, intervalMs).unref()
      if (settled) changed()
    }
    this.#timer = setTimeout(look, intervalMs).unref()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}

interface Stat {
  readonly dev: bigint
  readonly ino: bigint
  readonly size: bigint
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
}

const MISSING = 'missing'

const mark = ({ dev, ino, size, mtimeNs, ctimeNs }: Stat): string => [dev, ino, size, mtimeNs, ctimeNs].join(':')

/** What another file in the same place, or other contents, would not have. */
function markOf(look: () => Stat): string {
  try {
    return mark(look())
  } catch {
    return MISSING
  }
}

const markOfFile = (path: string): Promise<string> => stat(path, { bigint: true }).then(mark, () => MISSING)
