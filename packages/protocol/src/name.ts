// Names of events and rooms: which are well formed, which are the protocol's own, and how an application's event that
// bears one of the protocol's names travels.

export const maxNameBytes = 256

/** The `type`s of the protocol's own messages. */
export const messageTypes = [
  'connect',
  'auth',
  'subscribe',
  'unsubscribe',
  'publish',
  'history',
  'presence',
  'ack',
  'error',
  'gap',
  'welcome',
  'ping',
  'pong',
] as const

/** Socket.IO's own events: nobody may emit them, the application neither. */
export const socketIoEvents = [
  'connect',
  'connect_error',
  'disconnect',
  'disconnecting',
  'newListener',
  'removeListener',
] as const

const reservedNames: ReadonlySet<string> = new Set<string>([
  ...messageTypes,
  'open',
  'close',
  'expiring',
  'overloaded',
  ...socketIoEvents,
])
const socketIoNames: ReadonlySet<string> = new Set(socketIoEvents)

const dollar = 0x24

/** True for names that clients may use neither as a `type` of their own nor as the event of a publication. */
export function isReservedName(name: string): boolean {
  return reservedNames.has(name)
}

/** True for the six events that an application cannot emit either. */
export function isSocketIoEvent(name: string): boolean {
  return socketIoNames.has(name)
}

/** True for 1 to 256 bytes of well-formed Unicode without control characters (C0, DEL, C1, U+2028, U+2029). */
export function isName(value: unknown): value is string {
  if (typeof value !== 'string') return false
  const length = value.length
  if (length === 0 || length > maxNameBytes) return false
  for (let i = 0; i < length; i++) {
    const unit = value.charCodeAt(i)
    if (unit < 0x20 || unit > 0x7e) return isWideName(value, i)
  }
  return true
}

/** The rest of `isName`, from the first unit on that is not printable ASCII. */
function isWideName(name: string, start: number): boolean {
  let bytes = start
  for (let i = start; i < name.length; i++) {
    const unit = name.charCodeAt(i)
    if (unit < 0x80) {
      if (unit < 0x20 || unit === 0x7f) return false
      bytes += 1
    } else if (unit < 0x800) {
      if (unit < 0xa0) return false
      bytes += 2
    } else if (unit < 0xd800 || unit > 0xdfff) {
      if (unit === 0x2028 || unit === 0x2029) return false
      bytes += 3
    } else {
      const next = name.charCodeAt(++i) // NaN at the end
      if (unit > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return false
      bytes += 4
    }
  }
  return bytes <= maxNameBytes
}

/** True for a reserved name behind any number of `$`. */
function readsAsReserved(name: string): boolean {
  let start = 0
  while (name.charCodeAt(start) === dollar) start++
  return reservedNames.has(start === 0 ? name : name.slice(start))
}

/** An event's name as a `type` on the wire: reserved ones, and those that would be taken for an escaped one, get a `$`. */
export function typeOfEvent(event: string): string {
  return readsAsReserved(event) ? `$${event}` : event
}

/** The event that a `type` on the wire names. The caller has dealt with the protocol's own types. */
export function eventOfType(type: string): string {
  return type.charCodeAt(0) === dollar && readsAsReserved(type) ? type.slice(1) : type
}
