import { useCallback, useEffect, useReducer, useState, useSyncExternalStore } from 'react'
import { type Connection, type Face, faceOf, nextChangeMs } from '../state/connection.ts'
import { type Refusal, waitWords } from '../state/refusal.ts'
import type { Store } from '../state/store.ts'
import { drawInNextFrame, drawNoMore } from './frames.ts'

/** The value of a store. Drawn anew when it changed, at most once a frame: a busy room changes more often than that. */
export function useStore<Value>(store: Store<Value>): Value {
  const subscribe = useCallback(
    (draw: () => void) => {
      const off = store.subscribe(() => drawInNextFrame(draw))
      return () => {
        off()
        drawNoMore(draw)
      }
    },
    [store],
  )
  return useSyncExternalStore(subscribe, store.get, store.get)
}

/** How the line looks now; counts down by itself. */
export function useFace(connection: Connection): Face {
  const nowMs = Date.now()
  useDrawAgainAt(nextChangeMs(connection, nowMs))
  return faceOf(connection, nowMs)
}

/** How long until what was refused may be tried again, in words; counts down by itself. */
export function useWaitWords(refusal: Refusal | null): string | null {
  const nowMs = Date.now()
  const leftMs = refusal?.retryAtMs ? refusal.retryAtMs - nowMs : 0
  useDrawAgainAt(leftMs > 0 ? nowMs + (leftMs % 1000 || 1000) : null)
  return refusal && waitWords(refusal, nowMs)
}

function useDrawAgainAt(atMs: number | null): void {
  const [, draw] = useReducer((count: number) => count + 1, 0)
  useEffect(() => {
    if (atMs === null) return
    // A timer may be early by a part of a millisecond; then the same moment would be waited for again.
    const timer = setTimeout(draw, Math.max(0, atMs - Date.now()) + 5)
    return () => clearTimeout(timer)
  }, [atMs])
}

/** Whether a media query matches. */
export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = matchMedia(query)
      list.addEventListener('change', listener)
      return () => list.removeEventListener('change', listener)
    },
    [query],
  )
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches)
}

const isActive = () => document.visibilityState === 'visible' && document.hasFocus()

/** Whether somebody is at the page: it is shown and has the focus. */
export function usePageActive(): boolean {
  const [active, setActive] = useState(isActive)
  useEffect(() => {
    const look = () => setActive(isActive())
    addEventListener('focus', look)
    addEventListener('blur', look)
    document.addEventListener('visibilitychange', look)
    return () => {
      removeEventListener('focus', look)
      removeEventListener('blur', look)
      document.removeEventListener('visibilitychange', look)
    }
  }, [])
  return active
}
