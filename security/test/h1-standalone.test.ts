import { describe, expect, it, onTestFinished } from 'vitest'
import { type Door, doors } from '../src/doors.ts'
import { httpRequest, Peer } from '../src/peer.ts'
import { underAttackAlone } from '../src/under-attack-alone.ts'

/** Its other pages: they tell nothing that a page of another site may not see, but answer to our own names alone. */
const pages: readonly Door[] = ['/', '/health', '/stats'].map((path) => ({
  name: path,
  request: (headers) => httpRequest('GET', path, headers),
  admits: 200,
}))

async function statusOf(port: number, door: Door, host: string, origin?: string): Promise<number | undefined> {
  const peer = await Peer.tcp(port)
  onTestFinished(() => peer.drop())
  peer.send(door.request([`Host: ${host}`, ...(origin === undefined ? [] : [`Origin: ${origin}`])]))
  await peer.answered()
  return peer.status
}

describe('H1: the standalone server', () => {
  it.each(doors)('lets in pages of this machine and of no other, at $name', async (door) => {
    const { lines } = await underAttackAlone({}, async (port) => {
      const host = `127.0.0.1:${port}`
      for (const origin of [
        'http://evil.example',
        `http://evil.example:${port}`,
        'http://localhost.evil.example',
        `http://127.0.0.1.evil.example:${port}`,
        'NULL',
        'file://',
        '',
      ]) {
        expect([origin, await statusOf(port, door, host, origin)]).toEqual([origin, 403])
      }
      // `null` is a page that was opened from a file: the lesson's way, while nothing is configured.
      for (const origin of [undefined, `http://${host}`, 'http://localhost:5173', 'http://[::1]:1', 'null']) {
        expect([origin, await statusOf(port, door, host, origin)]).toEqual([origin, door.admits])
      }
    })
    expect(lines.length).toBeGreaterThan(0)
  })

  it.each([...doors, ...pages])('answers to no name that was bound to loopback elsewhere, at $name', async (door) => {
    await underAttackAlone({}, async (port) => {
      for (const host of [
        `rebound.example:${port}`,
        'rebound.example',
        `localhost.rebound.example:${port}`,
        '192.168.1.5',
        '',
      ]) {
        expect([host, await statusOf(port, door, host, host === '' ? undefined : `http://${host}`)]).toEqual([
          host,
          403,
        ])
        expect([host, await statusOf(port, door, host)]).toEqual([host, 403])
      }
    })
  })

  it.each(doors)('lets in no page from a file once something is configured, at $name', async (door) => {
    for (const options of [{ hosts: ['good.example'] }, { origins: ['http://app.example'] }]) {
      await underAttackAlone(options, async (port) => {
        const host = `127.0.0.1:${port}`
        expect(await statusOf(port, door, host, 'null')).toBe(403)
        expect(await statusOf(port, door, host, 'http://evil.example')).toBe(403)
        expect(await statusOf(port, door, host, `http://${host}`)).toBe(door.admits)
      })
    }
  })
})
