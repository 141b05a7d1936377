import uws from '@trufflesuite/uws-js-unofficial'

export const dialect = 'plain'
export const path = '/'

/** More than is ever on its way to one client: below that uWebSockets drops what is published. */
const MAX_BACKPRESSURE_BYTES = 64 * 1024 * 1024

/** uWebSockets.js, C++ below Node's event loop: its own topics, which it writes once a turn. */
export function start({ echo, relay, hasRoom }) {
  let clients = 0
  const app = uws.App()
  app.ws('/*', {
    compression: uws.DISABLED,
    maxBackpressure: MAX_BACKPRESSURE_BYTES,
    open(client) {
      if (hasRoom) client.subscribe('bench')
      clients++
    },
    message(client, data, isBinary) {
      if (echo) client.send(data, isBinary)
      else if (relay) app.publish('bench', data, isBinary)
    },
  })
  return new Promise((resolve, reject) => {
    app.listen('127.0.0.1', 0, (listening) => {
      if (!listening) return reject(new Error('uWebSockets does not listen'))
      resolve({
        port: uws.us_socket_local_port(listening),
        clients: () => clients,
        publish: (text) => app.publish('bench', text, false),
      })
    })
  })
}
