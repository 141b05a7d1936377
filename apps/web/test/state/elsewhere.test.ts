import { describe, expect, it } from 'vitest'
import { waysInto } from '../../src/state/elsewhere.ts'

const codeOf = (room: string, title: string, origin = 'http://localhost:8080') =>
  waysInto(room, origin).find((way) => way.title === title)?.code ?? ''

describe('the ways into a room from elsewhere', () => {
  it('have the address of the page', () => {
    expect(codeOf('lobby', 'A bare WebSocket')).toContain("new WebSocket('ws://localhost:8080/?name=console')")
    expect(codeOf('lobby', 'A bare WebSocket', 'https://chat.example')).toContain("'wss://chat.example/?")
    expect(codeOf('lobby', 'Listen with curl', 'https://chat.example')).toContain(
      "'https://chat.example/api/events?room=lobby'",
    )
  })

  it('send bare text to the lobby, and messages to other rooms', () => {
    expect(codeOf('lobby', 'A bare WebSocket')).toContain("ws.send('hi from a bare WebSocket')")
    const lines = codeOf('demo:games', 'A bare WebSocket')
    expect(lines).toContain('{"type":"subscribe","room":"demo:games"}')
    expect(lines).toContain('{"type":"publish","room":"demo:games","data":"hi from a bare WebSocket"}')
  })

  it('encode the room in addresses', () => {
    expect(codeOf('demo:a b&c', 'Write with curl')).toContain('/api/rooms/demo:a%20b%26c/publications')
  })

  it('stay one shell word and one program, whatever the room is called', () => {
    const room = `demo:'"\\$(x)`
    const sent: string[] = []
    const socket = { send: (text: string) => sent.push(text), onopen: () => {} }
    const run = new Function('WebSocket', `let ws; ${codeOf(room, 'A bare WebSocket')}\nws.onopen()`)
    run(function open() {
      return socket
    })
    expect(sent.map((text) => JSON.parse(text).room)).toEqual([room, room])
    for (const title of ['Listen with curl', 'Write with curl'])
      expect(codeOf(room, title).split("'").length % 2).toBe(1)
    expect(codeOf(room, 'Write with curl')).not.toContain('$(')
  })
})
