/** Copies a text; resolves to whether it worked. The clipboard of the browser is there on secure origins only. */
export async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text)
    return true
  }
  // Inside the open dialog, because the rest of the page is inert then and nothing in it can be selected.
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'visuallyHidden'
  const focused = document.activeElement
  ;(document.querySelector('dialog[open]') ?? document.body).append(area)
  area.select()
  const isCopied = document.execCommand('copy')
  area.remove()
  if (focused instanceof HTMLElement) focused.focus()
  return isCopied
}
