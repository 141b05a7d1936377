/**
 * Servers that are set up in different ways, each at a URL of its own: what a server does about a cookie can only be seen
 * where it sets one. The options are Engine.IO's own; the last words say what the server's program adds.
 */
export const places = {
  main: 'the defaults, but for a pingInterval so long that no ping comes meanwhile',
  brisk: 'pingInterval 300, pingTimeout 200',
  steady: 'pingInterval 150, pingTimeout 6000, upgradeTimeout 400',
  guarded:
    'allowRequest refuses a query with "deny", with its value as the message where it has one; a middleware sets x-guard: on, and fails where the query has "fail"',
  named:
    'generateId answers a promise of "id-" and 20 random letters, and rejects where the query has "anonymous"; initialPacket "welcome"; initial_headers adds x-first: yes and a cookie first=1, headers adds x-each: yes',
  cookie: 'cookie: true',
  'own cookie': 'cookie: { name: "node", path: false, httpOnly: false, sameSite: "strict", maxAge: 60 }',
  'one origin':
    'cors: { origin: "http://page.example", credentials: true, methods: ["GET", "POST"], allowedHeaders: ["x-one", "x-two"], exposedHeaders: ["x-three"], maxAge: 60 }',
  'any origin': 'cors: { origin: "*" }',
  'mirrored origin': 'cors: { origin: true, optionsSuccessStatus: 200 }',
  'listed origins': 'cors: { origin: ["http://page.example", /^http:\\/\\/.*\\.friend\\.example$/] }',
  'no upgrades': 'allowUpgrades: false',
  'polling only': 'transports: ["polling"]',
  'websocket only': 'transports: ["websocket"]',
  uncompressed: 'httpCompression: false',
  threshold: 'httpCompression: { threshold: 100 }',
  mortal: 'the defaults; the event "stop" closes the whole server',
} as const

export type Place = keyof typeof places

/** What the program of every place does in the namespace `/`, so that a raw client can make a server speak. */
export const program = {
  echo: 'emits "echo" with the same arguments',
  burst: 'emits "n" with 0, 1, 2 … as often as the argument says, at once',
  large: 'emits "large" with a string as long as the first argument says, with compress(second argument)',
  'hang up': 'calls socket.conn.close()',
  'say and hang up': 'emits "last words", then calls socket.conn.close()',
  stop: 'calls io.close(), at the place "mortal"',
} as const
