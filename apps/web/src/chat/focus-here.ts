/**
 * As a `ref`: the element has the focus as soon as it is there. An `autofocus` attribute counts when a page is loaded, and
 * only then.
 */
export function focusHere(element: HTMLElement | null): void {
  element?.focus()
}
