import { randomFillSync } from 'node:crypto'

const pool = Buffer.allocUnsafeSlow(4_096)
let used = pool.length

function randomText(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const text = pool.toString('base64url', used, used + bytes)
  pool.fill(0, used, used + bytes)
  used += bytes
  return text
}

/** A public id: 120 random bits, 20 characters of base64url. */
export const newId = (): string => randomText(15)

/**
 * The id of a socket: `~` and a public id. It is the name of the socket's own room too, and by its shape it is known that
 * no client may ask for it, whether the socket is here now or not.
 */
export const newSocketId = (): string => ['~', newId()].join('') // one string: a sum of two keeps both

export const isSocketId = (name: string): boolean => SOCKET_ID.test(name)

const SOCKET_ID = /^~[\w-]{20}$/

/** A secret that proves a session: 192 random bits, 32 characters of base64url. */
export const newSecret = (): string => randomText(24)

/** The name of a sequence that starts anew: 48 random bits, 8 characters of base64url. */
export const newEpoch = (): string => randomText(6)
