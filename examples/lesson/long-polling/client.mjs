// The fallback with nothing but `fetch`: asks what is new, is answered when there is something, and asks again.
import { setTimeout as wait } from 'node:timers/promises'

const url = process.argv[2] ?? 'http://localhost:8080'

/** What has come since a place, after 25 seconds at the latest. Without a place: the one to start from. */
async function poll(place) {
  const query = new URLSearchParams({ room: 'lobby', ...(place && { since: place, wait: 25 }) })
  const response = await fetch(`${url}/api/events?${query}`)
  if (!response.ok) throw new Error(`status ${response.status}`)
  return response.json()
}

let { place } = await poll()
console.log('listening')
await fetch(`${url}/api/rooms/lobby/publications`, { method: 'POST', body: 'I am polling' })

for (;;) {
  try {
    const answer = await poll(place)
    for (const { from, data } of answer.publications) console.log(`${from?.name}: ${data}`)
    if (!answer.recovered) console.log('something was missed')
    place = answer.place
  } catch (error) {
    console.log(`not now: ${error.message}`)
    await wait(1_000) // the place stays what it was: nothing is lost
  }
}
