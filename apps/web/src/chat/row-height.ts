import type { Row } from '../state/rows.ts'

const lineHeight = 21.75
const dividerHeight = 34.85
const gapHeight = 58
/** What stands beside a message's text: the column of the avatar, and the space around. */
const besideText = 96
const characterWidth = 7.2
/** The box of data scrolls beyond this. */
const mostJsonHeight = 244

/**
 * How high a row will be, more or less, in a column of this width, before it is drawn. Where it is wrong the log mends it
 * without moving what one reads; where it is right the scroll bar does not move either.
 */
export function expectedHeight(row: Row, width: number): number {
  if (row.kind === 'gap') return gapHeight
  if (row.kind !== 'message') return dividerHeight
  const { form, text, delivery } = row.message
  const around = (row.isHead ? 14 + lineHeight : 4) + (delivery === 'refused' ? 20 : 0)
  if (form === 'json') return around + Math.min(mostJsonHeight, 14 + 19.5 * linesOf(text, width))
  return around + lineHeight * linesOf(text, width)
}

function linesOf(text: string, width: number): number {
  const perLine = Math.max(10, Math.floor((width - besideText) / characterWidth))
  if (text.length <= perLine && !text.includes('\n')) return 1
  return text.split('\n').reduce((lines, line) => lines + Math.max(1, Math.ceil(line.length / perLine)), 0)
}
