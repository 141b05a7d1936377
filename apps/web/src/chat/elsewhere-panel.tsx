import { useState } from 'react'
import { type Way, waysInto } from '../state/elsewhere.ts'
import { copyText } from './clipboard.ts'
import styles from './elsewhere-panel.module.css'
import { Icon } from './icons.tsx'

/** How to be in this room without this page. */
export function ElsewherePanel({ room }: { room: string }) {
  return (
    <div className={styles.panel}>
      <p className={styles.intro}>
        Browsers, scripts and curl meet in the same room. These lines lead into <strong>#{room}</strong>; what they send
        appears here at once.
      </p>
      {waysInto(room, location.origin).map((way) => (
        <WayBlock key={way.title} way={way} />
      ))}
    </div>
  )
}

function WayBlock({ way }: { way: Way }) {
  const [isCopied, setCopied] = useState(false)
  const copy = () => copyText(way.code).then(setCopied, () => setCopied(false))
  return (
    <section className={styles.way}>
      <div className={styles.head}>
        <div>
          <h3 className={styles.title}>{way.title}</h3>
          <p className={styles.hint}>{way.hint}</p>
        </div>
        <button
          type="button"
          className={styles.copy}
          aria-label={`Copy: ${way.title}`}
          onClick={copy}
          onBlur={() => setCopied(false)}
        >
          <Icon name={isCopied ? 'check' : 'copy'} />
          <span role="status">{isCopied ? 'Copied' : 'Copy'}</span>
        </button>
      </div>
      <pre className={styles.code}>
        <code>{way.code}</code>
      </pre>
    </section>
  )
}
