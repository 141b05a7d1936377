/** What the browser says about the page and the network, where there is a browser. */
export interface PageListener {
  /** The network is back, or the page is looked at again: a good moment to try. */
  onReturn(): void
  /** The network is said to be gone, which may be wrong. */
  onOffline(): void
}

/** Listens until the function that it returns is called. */
export function watchPage(listener: PageListener): () => void {
  const target = globalThis as Partial<Pick<Window, 'addEventListener' | 'removeEventListener' | 'document'>>
  const { document } = target
  const onReturn = () => listener.onReturn()
  const onOffline = () => listener.onOffline()
  const onVisibility = () => {
    if (isVisible()) listener.onReturn()
  }
  target.addEventListener?.('online', onReturn)
  target.addEventListener?.('offline', onOffline)
  document?.addEventListener('visibilitychange', onVisibility)
  return () => {
    target.removeEventListener?.('online', onReturn)
    target.removeEventListener?.('offline', onOffline)
    document?.removeEventListener('visibilitychange', onVisibility)
  }
}

/** Whether somebody may be looking: always, where there is no page. */
export function isVisible(): boolean {
  return typeof document === 'undefined' || document.visibilityState === 'visible'
}

/** Whether the browser knows that there is no network. Where it says nothing, there may be one. */
export function isOffline(): boolean {
  return typeof navigator !== 'undefined' && navigator.onLine === false
}
