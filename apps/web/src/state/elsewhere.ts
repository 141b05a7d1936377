import { hashOfRoom } from './room-name.ts'

/** One way into the room that needs nothing of ours. */
export interface Way {
  readonly title: string
  readonly hint: string
  readonly code: string
}

/** The lines that join `room` of the server at `origin` (`http://localhost:8080`) from elsewhere, ready to paste. */
export function waysInto(room: string, origin: string): readonly Way[] {
  // Anybody can make a link to a room of any name: it must not end the shell's quotes.
  const name = hashOfRoom(room).slice(1).replaceAll("'", '%27')
  const socket = origin.replace(/^http/, 'ws')
  return [
    {
      title: 'A bare WebSocket',
      hint: 'In the console of any page on this machine',
      code: webSocketLines(room, socket),
    },
    {
      title: 'Listen with curl',
      hint: 'Server-sent events, for as long as you like',
      code: `curl -N -H 'Accept: text/event-stream' '${origin}/api/events?room=${name}'`,
    },
    {
      title: 'Write with curl',
      hint: 'One line from any script',
      code: `curl -d '{"data":"hi from curl"}' '${origin}/api/rooms/${name}/publications?name=curl'`,
    },
  ]
}

/** In the lobby bare text is enough; another room is subscribed and published to by name. */
function webSocketLines(room: string, socket: string): string {
  if (room === 'lobby') {
    return [
      `ws = new WebSocket('${socket}/?name=console')`,
      'ws.onmessage = (event) => console.log(event.data)',
      "ws.onopen = () => ws.send('hi from a bare WebSocket')",
    ].join('\n')
  }
  const subscribe = JSON.stringify({ type: 'subscribe', room })
  const publish = JSON.stringify({ type: 'publish', room, data: 'hi from a bare WebSocket' })
  return [
    `ws = new WebSocket('${socket}/?name=console&subscribe=none')`,
    'ws.onmessage = (event) => console.log(event.data)',
    'ws.onopen = () => {',
    `  ws.send(${quoted(subscribe)})`,
    `  ws.send(${quoted(publish)})`,
    '}',
  ].join('\n')
}

function quoted(json: string): string {
  return `'${json.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
