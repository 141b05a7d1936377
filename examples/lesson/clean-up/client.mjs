// Listens three times, and lets go of everything: then this process ends by itself, because nothing is left in it.
import { connect } from '@partyline/client'

const client = connect(process.argv[2] ?? 'http://localhost:8080')
client.once('tick', () => console.log('the first tick'))

let heard = 0
const stop = client.on('tick', (time) => {
  console.log(time)
  if (++heard < 3) return
  stop() // `on` answers what takes the listener off
  client.emit('stop')
  client.close()
})

client.emit('listen')
