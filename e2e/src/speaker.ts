import { connect } from '@partyline/client'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

/** `1`, `2`, … as texts. */
export const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index + 1))

/** Somebody who speaks from a script. */
export function speaker(port: number, name: string) {
  const client = connect(`http://127.0.0.1:${port}`, { name, WebSocket })
  onTestFinished(() => client.close())
  return {
    /** Says them one behind the other, and resolves when the server has all. */
    say: async (room: string, texts: readonly string[]): Promise<void> => {
      await Promise.all(texts.map((text) => client.publish(room, text)))
    },
  }
}
