import type { Connection } from '../state/connection.ts'
import styles from './connection-line.module.css'
import { useFace } from './hooks.ts'

/** The corner: a dot, a word or two, the round-trip time. */
export function ConnectionCorner({ connection, latencyMs }: { connection: Connection; latencyMs: number | null }) {
  const face = useFace(connection)
  return (
    <p className={styles.corner} title={transportWords(connection)}>
      <span className={styles.dot} data-tone={face.tone} />
      <span>{face.short}</span>
      {face.short === 'live' && latencyMs !== null && <span className={styles.latency}>{latencyMs} ms</span>}
    </p>
  )
}

/** By what one is connected, on hover. */
function transportWords({ state }: Connection): string | undefined {
  return state.name === 'live' ? transportNames[state.transport] : undefined
}

const transportNames = { websocket: 'Connected by WebSocket', polling: 'Connected by polling: WebSockets are blocked' }

/** The dot alone, with its words for those who cannot see it. */
export function ConnectionDot({ connection }: { connection: Connection }) {
  const face = useFace(connection)
  return (
    <span className={styles.alone} title={face.words || transportWords(connection)}>
      <span className={styles.dot} data-tone={face.tone} />
      <span>{face.short}</span>
    </span>
  )
}

/** The sentence above the input: what happened to the line, and what one can do. Null where there is nothing to say. */
export function ConnectionWords({ connection, onTryNow }: { connection: Connection; onTryNow: () => void }) {
  const face = useFace(connection)
  return (
    <p className={styles.words} data-tone={face.tone}>
      {/* The seconds are not read aloud: they would be read every second. */}
      <span role="status">{face.words}</span>
      {face.inSeconds !== null && <span aria-hidden="true"> in {face.inSeconds} s</span>}
      {face.words && face.canTryNow && (
        <>
          <span aria-hidden="true"> · </span>
          <button type="button" className={styles.now} onClick={onTryNow}>
            {face.tone === 'bad' ? 'connect again' : 'try now'}
          </button>
        </>
      )}
    </p>
  )
}
