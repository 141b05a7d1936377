import { useEffect, useReducer, useState, useSyncExternalStore } from 'react'
import { type Connection, type Face, faceOf, nextChangeMs } from '../state/connection.ts'
import { type Refusal, refusalWords } from '../state/refusal.ts'
import type { Store } from '../state/store.ts'

/** The value of a store, drawn anew when it changes. */
export function useStore<Value>(store: Store<Value>): Value {
  return useSyncExternalStore(store.subscribe, store.get, store.get)
}

/** How the line looks now; counts down by itself. */
export function useFace(connection: Connection): Face {
  const nowMs = Date.now()
  useDrawAgainAt(nextChangeMs(connection, nowMs))
  return faceOf(connection, nowMs)
}

/** A refusal in words; counts down by itself. */
export function useRefusalWords(refusal: Refusal | null): string {
  const nowMs = Date.now()
  const leftMs = refusal?.retryAtMs ? refusal.retryAtMs - nowMs : 0
  useDrawAgainAt(leftMs > 0 ? nowMs + (leftMs % 1000 || 1000) : null)
  return refusal ? refusalWords(refusal, nowMs) : ''
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
  const subscribe = (listener: () => void) => {
    const list = matchMedia(query)
    list.addEventListener('change', listener)
    return () => list.removeEventListener('change', listener)
  }
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
