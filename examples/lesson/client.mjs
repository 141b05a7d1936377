// The pattern: a client with handlers for open, message, close and error, which looks whether it is open before it sends.
// Here `@partyline/client` keeps the connection: what is said before it is open waits, a drop is followed by a return, and
// each request that fails is an error with a code. It talks with errors.mjs.
import { connect } from '@partyline/client'

const client = connect(process.argv[2] ?? 'http://localhost:8080', { name: 'Ada' })

client.onState((state) => console.log(`state: ${state.name}`))
client.on('message', (text) => console.log(`heard: ${text}`))

client.emit('message', 'Hello Server!') // not open yet: it waits
console.log('9 / 3 =', await client.emitWithAck('divide', { dividend: 9, divisor: 3 }))
try {
  await client.emitWithAck('divide', { dividend: 9, divisor: 0 })
} catch (error) {
  console.log(`${error.code}: ${error.message}`)
}
client.close()
