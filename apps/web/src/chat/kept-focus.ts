import { type FocusEvent, type RefObject, useLayoutEffect, useRef } from 'react'

/**
 * What had the focus inside an element may go with its row: a button that did its work, a link that was scrolled away.
 * Then `heir` has it, so that the keyboard goes on from there and not from the top of the page.
 */
export function useKeptFocus(heir: RefObject<HTMLElement | null>) {
  const focused = useRef<Element | null>(null)
  useLayoutEffect(() => {
    const { current } = focused
    if (!current || current.isConnected) return
    focused.current = null
    if (document.activeElement === document.body) heir.current?.focus({ preventScroll: true })
  })
  return {
    onFocus: ({ target }: FocusEvent) => {
      focused.current = target
    },
    // Some browsers tell a blur of what is just being removed.
    onBlur: ({ target }: FocusEvent) =>
      queueMicrotask(() => {
        if (target.isConnected && focused.current === target) focused.current = null
      }),
  }
}
