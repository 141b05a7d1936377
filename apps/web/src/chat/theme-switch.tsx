import { useStore } from './hooks.ts'
import { chooseTheme, type Theme, theme, themes } from './theme.ts'
import styles from './theme-switch.module.css'

const drawings: Readonly<Record<Theme, { label: string; path: string }>> = {
  auto: { label: 'As the system', path: 'M10 3a7 7 0 1 0 0 14zM10 3a7 7 0 0 1 0 14M10 6.5h4.5M10 10h6M10 13.5h4.5' },
  light: {
    label: 'Light',
    path: 'M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M4.3 15.7l1.1-1.1M14.6 5.4l1.1-1.1',
  },
  dark: { label: 'Dark', path: 'M16.5 12A7 7 0 0 1 8 3.5a7 7 0 1 0 8.5 8.5z' },
}

/** One button that goes round: as the system, light, dark. */
export function ThemeSwitch() {
  const now = useStore(theme)
  const next = themes[(themes.indexOf(now) + 1) % themes.length] ?? 'auto'
  const { label, path } = drawings[now]
  return (
    <button
      type="button"
      className={styles.switch}
      title={`Theme: ${label.toLowerCase()}`}
      aria-label={`Theme: ${label.toLowerCase()}. Change to ${drawings[next].label.toLowerCase()}`}
      onClick={() => chooseTheme(next)}
    >
      <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true" fill="none" stroke="currentColor">
        <path d={path} strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round" />
      </svg>
    </button>
  )
}
