// The pattern: do not send too much at once.
// Here a room keeps what is said in it, and clients read it page by page, newest first, over WebSocket or over HTTP with an
// ETag that spares an unchanged page. It ends at 500 publications, whatever somebody asks for.
import { Server } from '@partyline/server'

const DAY_MS = 24 * 60 * 60 * 1_000

const io = new Server({
  http: '/api',
  historyPage: 20, // where the client does not say how many
  rooms: { news: { keep: { entries: 1_000, ageMs: DAY_MS }, subscribe: true, history: true } },
})

for (let story = 1; story <= 600; story++) await io.publish('news', `story ${story}`)

io.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`http://localhost:${io.httpServer.address().port}/api/rooms/news/publications`)
})
