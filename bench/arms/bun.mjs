export const dialect = 'plain'
export const path = '/'

/** More than is ever on its way to one client. */
const MAX_BACKPRESSURE_BYTES = 64 * 1024 * 1024

/** Bun's own server and topics. This file is run by Bun. */
export function start({ echo, relay, hasRoom }) {
  let clients = 0
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: (request, server) =>
      server.upgrade(request) ? undefined : new Response('not a WebSocket', { status: 400 }),
    websocket: {
      perMessageDeflate: false,
      backpressureLimit: MAX_BACKPRESSURE_BYTES,
      open(client) {
        if (hasRoom) client.subscribe('bench')
        clients++
      },
      message(client, data) {
        if (echo) client.send(data)
        else if (relay) server.publish('bench', data)
      },
    },
  })
  return { port: server.port, clients: () => clients, publish: (text) => server.publish('bench', text) }
}
