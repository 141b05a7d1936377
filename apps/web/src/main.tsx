import { connect } from '@partyline/client'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './tokens.css'
import './base.css'
import { watchAddress } from './chat/address.ts'
import { watchAttention } from './chat/attention.ts'
import { ChatPage } from './chat/chat-page.tsx'
import { Chat } from './state/chat.ts'
import { systemClock } from './state/clock.ts'
import { keepIn } from './state/keep.ts'
import type { Line } from './state/line.ts'
import { roomOfHash } from './state/room-name.ts'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')

const chat = new Chat(
  {
    openLine: (name): Line => connect(undefined, { name }),
    askRefusal,
    clock: systemClock,
    keep: keepIn(() => localStorage),
    newKey: randomKey,
  },
  roomOfHash(location.hash),
)

createRoot(root).render(
  <StrictMode>
    <ChatPage chat={chat} />
  </StrictMode>,
)
watchAttention(chat)
watchAddress(chat)
chat.start()

/** Where a WebSocket is refused, any request that names our origin is, and its answer can be read: it has the status 403. */
async function askRefusal(): Promise<string | null> {
  try {
    const answer = await fetch('/partyline/', { method: 'POST' })
    return answer.status === 403 ? (await answer.text()).trim().slice(0, 300) : null
  } catch {
    return null
  }
}

/** `crypto.randomUUID` is there on secure origins only; a chat in a home network is none. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
