import { useState } from 'react'
import type { Message } from '../state/timeline.ts'

/**
 * Says new messages of others to those who listen. Apart from the log, because a live region reads whatever is added to
 * it, and history that is scrolled up to is added too. What was said before the room was opened is history as well.
 */
export function Announcer({ spoken }: { spoken: Message | null }) {
  const [before] = useState(spoken)
  return (
    <div className="visuallyHidden" aria-live="polite" aria-atomic="true">
      {spoken && spoken !== before && `${spoken.from?.name ?? 'Server'}: ${spoken.text.slice(0, 500)}`}
    </div>
  )
}
