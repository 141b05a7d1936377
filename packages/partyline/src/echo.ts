import type { Server } from '@partyline/server'

/** The namespace in which everybody talks with the server alone. */
export const echo = '/echo'

/** Says everything back: a text after `Echo: `, everything else as it is; where an answer is asked for, there too. */
export function serveEcho(io: Server): void {
  const namespace = io.of(echo, { rooms: { '*': { keep: false } } })
  namespace.on('connection', (socket) => {
    socket.onAny((event, ...args) => {
      const acknowledge = args.at(-1)
      const isAsked = typeof acknowledge === 'function'
      const said = isAsked ? args.slice(0, -1) : args
      const isText = event === 'message' && said.length === 1 && typeof said[0] === 'string'
      const back = isText ? [`Echo: ${said[0]}`] : said
      if (isAsked) acknowledge(...back)
      else socket.emit(event, ...back)
    })
  })
}
