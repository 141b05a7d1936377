import type { ChatTab } from './chat-tab.ts'

/** A message that one sees, and where its end is below the upper edge of the log. */
export interface Seen {
  readonly text: string
  readonly end: number
}

/** The messages that are wholly in sight, from top to bottom. */
export function seen({ log }: ChatTab): Promise<Seen[]> {
  return log.evaluate((box) => {
    const { top, bottom } = box.getBoundingClientRect()
    return [...box.querySelectorAll('[data-row="message"]')]
      .map((row) => ({ row, rect: row.getBoundingClientRect() }))
      .filter(({ rect }) => rect.top >= top && rect.bottom <= bottom)
      .map(({ row, rect }) => ({
        text: row.querySelector('[dir="auto"]')?.textContent ?? '',
        end: rect.bottom - top,
      }))
  })
}

/** Where the end of this message is; NaN where it is not drawn. */
export async function endOf({ log }: ChatTab, text: string): Promise<number> {
  return log.evaluate((box, wanted) => {
    const row = [...box.querySelectorAll('[data-row="message"]')].find(
      (each) => each.querySelector('[dir="auto"]')?.textContent === wanted,
    )
    return row ? row.getBoundingClientRect().bottom - box.getBoundingClientRect().top : Number.NaN
  }, text)
}

/** Scrolls by so much, as a wheel does, and waits until it is drawn. */
export function scrollBy({ log }: ChatTab, pixels: number): Promise<void> {
  return log.evaluate(async (box, by) => {
    box.scrollTop += by
    for (let frame = 0; frame < 2; frame++) await new Promise((resolve) => requestAnimationFrame(resolve))
  }, pixels)
}

/** How far the log is from its end. */
export function fromTheEnd({ log }: ChatTab): Promise<number> {
  return log.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight)
}
