// Something to try the others with, where there is no websocat: each line you type is sent, whatever comes is printed.
//   node talk.mjs ws://localhost:8080
import { createInterface } from 'node:readline'

const WebSocket = globalThis.WebSocket ?? (await import('ws')).WebSocket // Node 20 has none of its own

const socket = new WebSocket(process.argv[2] ?? 'ws://localhost:8080')
socket.onopen = () => {
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => socket.send(line))
  lines.on('close', () => socket.close(1000))
}
socket.onmessage = ({ data }) => console.log(data)
socket.onerror = ({ message }) => console.error(message ?? 'it does not answer')
socket.onclose = ({ code, reason }) => {
  console.log(`closed: ${code} ${reason}`)
  process.stdin.destroy()
}
