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

/** `crypto.randomUUID` is there on secure origins only; a chat in a home network is none. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
