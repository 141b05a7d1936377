import { memo } from 'react'
import type { Room } from '../state/room.ts'
import type { Row } from '../state/rows.ts'
import type { Gap } from '../state/timeline.ts'
import styles from './log-row.module.css'
import { MessageRow } from './message-row.tsx'
import { dayWords, isoTime } from './times.ts'

/** One row of the log. */
export const LogRow = memo(
  function LogRow({ row, room }: { row: Row; room: Room }) {
    if (row.kind === 'message') return <MessageRow message={row.message} isHead={row.isHead} room={room} />
    if (row.kind === 'gap') return <GapRow gap={row.gap} room={room} />
    if (row.kind === 'day') {
      return (
        <div className={styles.day} data-row="day">
          <time dateTime={isoTime(row.at)?.slice(0, 10)}>{dayWords(row.at, Date.now())}</time>
        </div>
      )
    }
    return (
      <div className={styles.fresh} data-row="new">
        <span>{row.count} new</span>
      </div>
    )
  },
  ({ row: before, room: roomBefore }, { row, room }) => room === roomBefore && isSame(before, row),
)

function isSame(before: Row, row: Row): boolean {
  if (before.kind === 'message' && row.kind === 'message') {
    return before.message === row.message && before.isHead === row.isHead
  }
  if (before.kind === 'gap' && row.kind === 'gap') return before.gap === row.gap
  if (before.kind === 'new' && row.kind === 'new') return before.count === row.count
  return before.kind === row.kind && before.key === row.key
}

function GapRow({ gap, room }: { gap: Gap; room: Room }) {
  return (
    <div className={styles.gap} data-row="gap">
      <p>
        Some earlier messages are no longer available here
        {gap.state !== 'gone' && (
          <>
            <span aria-hidden="true"> · </span>
            <button
              type="button"
              className={styles.load}
              disabled={gap.state === 'loading'}
              onClick={() => void room.loadGap(gap.key)}
            >
              {gap.state === 'loading' ? 'loading…' : 'load history'}
            </button>
          </>
        )}
      </p>
    </div>
  )
}
