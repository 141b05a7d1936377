import { useEffect, useMemo, useRef, useState } from 'react'
import type { Room } from '../state/room.ts'
import { LogRows } from '../state/rows.ts'
import { usePageActive, useStore } from './hooks.ts'
import { Icon } from './icons.tsx'
import { useKeptFocus } from './kept-focus.ts'
import styles from './log.module.css'
import { LogRow } from './log-row.tsx'
import { useLogScroll } from './log-scroll.ts'

interface LogProps {
  room: Room
  /** Goes up with every message one sends: what one says, one sees. */
  sentCount: number
  onElsewhere: () => void
}

/** The room's messages. It stays at the end while one is there, and where one reads when one is not. */
export function Log({ room, sentCount, onElsewhere }: LogProps) {
  const { timeline, reading } = useStore(room.store)
  const { newFrom, newCount, unread } = reading
  const [logRows] = useState(() => new LogRows())
  const rows = useMemo(() => logRows.of(timeline, newFrom, newCount), [logRows, timeline, newFrom, newCount])
  const scroller = useRef<HTMLDivElement>(null)
  const list = useRef<HTMLDivElement>(null)
  const { range, space, isAtEnd, goToEnd, onKeyDown } = useLogScroll({
    scroller,
    list,
    rows,
    sentCount,
    hasOlder: timeline.top === 'more',
    loadOlder: () => void room.loadOlder(),
  })
  const keptFocus = useKeptFocus(scroller)
  const onDown = () => {
    goToEnd()
    // The button goes, and would take the focus with it.
    scroller.current?.focus()
  }
  const isActive = usePageActive()
  const isEmpty = timeline.top === 'end' && rows.length === 0
  const isLookedAt = isActive && timeline.top !== 'unknown' && (isAtEnd ?? isEmpty)
  useEffect(() => room.lookAt(isLookedAt, isAtEnd !== false), [room, isLookedAt, isAtEnd])

  return (
    <div className={styles.frame}>
      <div
        ref={scroller}
        className={styles.scroller}
        role="log"
        // The announcer speaks for it: see there.
        aria-live="off"
        aria-label={`Messages in ${room.name}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by the keyboard too
        tabIndex={0}
        onKeyDown={onKeyDown}
        {...keptFocus}
      >
        <div className={styles.top}>
          {timeline.top === 'end' ? (
            !isEmpty && <p className={styles.begin}>This is as far back as the messages here go.</p>
          ) : (
            <Skeleton lines={timeline.top === 'unknown' ? 6 : 2} />
          )}
          {isEmpty && (
            <div className={styles.empty}>
              <p className={styles.emptyTitle}>Nobody has written here yet.</p>
              <p>
                Say hello, or{' '}
                <button type="button" className={styles.link} onClick={onElsewhere}>
                  join from a terminal or a script
                </button>
                .
              </p>
            </div>
          )}
        </div>
        <div className={styles.space} style={{ height: space.above }} />
        <div ref={list} className={styles.list}>
          {rows.slice(range.first, range.last).map((row) => (
            <LogRow key={row.key} row={row} room={room} />
          ))}
        </div>
        <div className={styles.space} style={{ height: space.below }} />
      </div>
      {isAtEnd === false && (
        <button type="button" className={styles.down} onClick={onDown}>
          {unread > 0 ? `${unread} new` : 'To the end'}
          <Icon name="down" />
        </button>
      )}
    </div>
  )
}

function Skeleton({ lines }: { lines: number }) {
  return (
    <div className={styles.skeleton} aria-hidden="true">
      {Array.from({ length: lines }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
        <div key={index} className={styles.bone}>
          <span />
          <span />
          <span />
        </div>
      ))}
    </div>
  )
}
