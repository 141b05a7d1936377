/** Where small things are kept over a reload. Every access may fail (a browser may refuse storage): nothing depends on it. */
export interface Keep {
  read(key: string): string | null
  write(key: string, value: string | null): void
}

/** A keep in the browser's own storage. */
export function keepIn(storage: () => Storage): Keep {
  return {
    read: (key) => {
      try {
        return storage().getItem(`partyline.${key}`)
      } catch {
        return null
      }
    },
    write: (key, value) => {
      try {
        if (value === null) storage().removeItem(`partyline.${key}`)
        else storage().setItem(`partyline.${key}`, value)
      } catch {
        // Private windows and full disks: it is forgotten with the page.
      }
    },
  }
}

/** A list of names that was kept as JSON, or null where none was. */
export function readNames(keep: Keep, key: string): readonly string[] | null {
  try {
    const value: unknown = JSON.parse(keep.read(key) ?? 'null')
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : null
  } catch {
    return null
  }
}
