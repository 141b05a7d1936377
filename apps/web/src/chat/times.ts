/** `09:14` */
export function clockTime(at: number): string {
  const date = new Date(at)
  return `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`
}

/** `Mon 23 Nov`, with the year where it is another one. */
export function dayWords(at: number, nowMs: number): string {
  const date = new Date(at)
  const words = `${weekdays[date.getDay()]} ${date.getDate()} ${months[date.getMonth()]}`
  return date.getFullYear() === new Date(nowMs).getFullYear() ? words : `${words} ${date.getFullYear()}`
}

/** `Mon 23 Nov 2026, 09:14:05` */
export function fullTime(at: number): string {
  const date = new Date(at)
  const day = `${weekdays[date.getDay()]} ${date.getDate()} ${months[date.getMonth()]} ${date.getFullYear()}`
  return `${day}, ${clockTime(at)}:${twoDigits(date.getSeconds())}`
}

/** For `datetime`. A time that is none gives no attribute. */
export function isoTime(at: number): string | undefined {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
