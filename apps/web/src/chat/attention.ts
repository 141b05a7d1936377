import type { Chat } from '../state/chat.ts'

/** What the tab's title says. */
export function titleOf(room: string, unread: number): string {
  const title = `#${room} · Partyline`
  return unread > 0 ? `(${unread}) ${title}` : title
}

/** The file of the favicon that carries a count. Files, because a strict content security policy refuses drawn ones. */
export function faviconOf(unread: number): string {
  return `${unread > 9 ? '9plus' : unread}.svg`
}

/** Keeps the unread count in the tab's title and favicon. */
export function watchAttention(chat: Chat): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
  const show = () => {
    const { open, unread } = chat.store.get()
    const title = titleOf(open, unread)
    if (document.title !== title) document.title = title
    const href = icon?.href.replace(/[^/]*$/, faviconOf(unread))
    if (icon && href && icon.href !== href) icon.href = href
  }
  chat.store.subscribe(show)
  show()
}
