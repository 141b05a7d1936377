import { afterEach, describe, expect, expectTypeOf, it, vi } from 'vitest'
import { WebSocket as WsWebSocket } from 'ws'
import type { ConnectOptions } from '../src/index.ts'
import { findWebSocket, type WebSocketConstructor } from '../src/web-socket.ts'

class Given {}
class Global {}

describe('findWebSocket', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('takes the one that it is given', async () => {
    vi.stubGlobal('WebSocket', Global)
    expect(await findWebSocket(Given as unknown as WebSocketConstructor)).toBe(Given)
  })

  it('can be given those of a browser and of the package ws', () => {
    const { WebSocket: given } = { WebSocket: WsWebSocket } satisfies ConnectOptions
    expectTypeOf<typeof WebSocket>().toExtend<WebSocketConstructor>()
    expect(given).toBe(WsWebSocket)
  })

  it('takes the one of the platform', async () => {
    vi.stubGlobal('WebSocket', Global)
    expect(await findWebSocket(undefined)).toBe(Global)
  })

  it('takes the one of the package ws where the platform has none', async () => {
    vi.stubGlobal('WebSocket', undefined)
    expect(await findWebSocket(undefined)).toBe(WsWebSocket)
  })

  it('names what can be done where there is none at all', async () => {
    vi.stubGlobal('WebSocket', undefined)
    await expect(findWebSocket(undefined, 'no-such-package-here')).rejects.toThrow(
      'There is no WebSocket here. Run "npm install ws", or use Node.js 22 or newer, or pass one: connect(url, { WebSocket })',
    )
  })
})
