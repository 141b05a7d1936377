import styles from './avatar.module.css'

/** A letter for a person. The place of a picture, should there be one. */
export function Avatar({ name, isMine = false }: { name: string; isMine?: boolean }) {
  return (
    <span className={styles.avatar} data-mine={isMine || undefined} aria-hidden="true">
      {initialOf(name)}
    </span>
  )
}

function initialOf(name: string): string {
  const [first] = name.trim()
  return (first ?? '?').toUpperCase()
}
