import { keepIn } from '../state/keep.ts'
import { Store } from '../state/store.ts'

/** The system's theme, or one that was chosen over it. */
export type Theme = 'auto' | 'light' | 'dark'

export const themes: readonly Theme[] = ['auto', 'light', 'dark']

const keep = keepIn(() => localStorage)

/** The theme now. */
export const theme = new Store<Theme>(themes.find((each) => each === keep.read('theme')) ?? 'auto')

/** Takes a theme and keeps it. */
export function chooseTheme(chosen: Theme): void {
  if (chosen === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = chosen
  keep.write('theme', chosen === 'auto' ? null : chosen)
  theme.set(chosen)
}
