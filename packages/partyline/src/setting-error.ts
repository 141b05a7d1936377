/** A setting that means nothing: which one, what stood there, and what may. */
export class SettingError extends Error {}

export function refuse(name: string, wanted: string, value: string): never {
  throw new SettingError(`${name} must be ${wanted}, not ${JSON.stringify(value.slice(0, 256))}`)
}
