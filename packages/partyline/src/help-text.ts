/** What `partyline --help` shows. */
export const helpText = `Partyline: browsers, scripts, Socket.IO clients and curl in one room.

USAGE

  partyline [options]     or, in this repository: npm start -- [options]

ADDRESSES

  http://localhost:8080      the chat; Socket.IO clients take the same address
  ws://localhost:8080        a WebSocket that takes any text
  ws://localhost:8080/echo   the same, talking with the server alone
  http://localhost:8080/api  for curl: server-sent events, long polls, POST

OPTIONS

  --port <number>    where to listen, 0 is any free port (PORT, 8080)
  --host <address>   on which address to listen (HOST, localhost)
  --tls-cert <file>  speak TLS (https, wss) with this certificate and its chain
  --tls-key <file>   its key; both in PEM form (PARTYLINE_TLS_CERT, _KEY)
  --tls-self-signed  speak TLS with a certificate made now, for development:
                     browsers will warn (PARTYLINE_TLS=self-signed)
  -h, --help         show this text
  -v, --version      show the version

ENVIRONMENT

  PORT, HOST         as the options, which go before
  PARTYLINE_HOSTS    names by which this server is reached, with commas between
  PARTYLINE_ORIGINS  origins of other sites whose pages may connect, likewise
  PARTYLINE_TRUST_PROXY
                     1 behind a proxy that sets X-Forwarded-Host and -For
  PARTYLINE_DATA     the folder of what is kept (./data); reserved, as what is
                     kept is kept in memory for now
  PARTYLINE_TLS_PASSPHRASE
                     of the key, where it has one
  PARTYLINE_LOG      text or json; without it text on a terminal, else json
  NO_COLOR           no colours

SIGNALS

  SIGINT, SIGTERM    stop: everybody is told
  SIGHUP             stop; with --tls-cert, read certificate and key again, as
                     is done when the files change: nobody is disconnected

EXIT CODES

  0              stopped by a signal (Ctrl-C), everybody was told
  1              a fault of its own
  2              an option or a variable that means nothing, or a certificate
                 that is not good
  3              the port could not be had
  129, 130, 143  stopped at once, by a second signal
`
