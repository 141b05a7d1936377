import { Section } from '../engine-case.ts'
import type { Answer, Ask } from '../exchange.ts'
import { holds, same } from '../fault.ts'
import type { Place } from '../places.ts'
import { openFactsOf, type Talk } from '../talk.ts'
import { refusal } from './refusal.ts'

/** 1.8 Headers, CORS, cookies. */
export const headers = new Section('1.8')

const polling = { EIO: '4', transport: 'polling' }
const PAGE = 'http://page.example'

const corsNames = (answer: Answer): string[] =>
  Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))

headers.row('without cors no header speaks of it', async (talk) => {
  const answer = await talk.handshake({}, { Origin: talk.url.origin })
  openFactsOf(answer)
  same(corsNames(answer), [], 'the headers')
})

headers.row(
  'without cors a page of another origin is answered, and its browser keeps the answer from it',
  async (talk) => {
    const answer = await talk.handshake({}, { Origin: PAGE })
    openFactsOf(answer)
    same(corsNames(answer), [], 'the headers')
  },
)

headers.row('without cors a preflight is refused', async (talk) => {
  const { answer } = await preflight(talk, { Origin: talk.url.origin })
  refusal(answer, 400, 2, 'Bad handshake method')
})

headers.row(
  'a preflight is answered 204, with all that is configured',
  async (talk) => {
    const { answer, header } = await preflight(talk)
    same([answer.status, answer.text], [204, ''], 'the answer')
    same(header('content-length'), '0', 'Content-Length')
    same(header('access-control-allow-origin'), PAGE, 'Access-Control-Allow-Origin')
    same(header('access-control-allow-credentials'), 'true', 'Access-Control-Allow-Credentials')
    same(header('access-control-allow-methods'), 'GET,POST', 'Access-Control-Allow-Methods')
    same(header('access-control-allow-headers'), 'x-one,x-two', 'Access-Control-Allow-Headers')
    same(header('access-control-expose-headers'), 'x-three', 'Access-Control-Expose-Headers')
    same(header('access-control-max-age'), '60', 'Access-Control-Max-Age')
    same(listed(header('vary')).includes('origin'), true, 'Vary has Origin')
  },
  'one origin',
)

headers.row(
  'an answer says who may read it, and no more',
  async (talk) => {
    const session = await talk.open()
    await session.say('40')
    for (const ask of [{}, { method: 'POST', body: '3' }]) {
      const { status, headers } = await session.ask({ ...ask, headers: { Origin: PAGE } }).answer()
      same(status, 200, 'the status')
      same(headers['access-control-allow-origin'], PAGE, 'Access-Control-Allow-Origin')
      same(headers['access-control-allow-credentials'], 'true', 'Access-Control-Allow-Credentials')
      same(headers['access-control-expose-headers'], 'x-three', 'Access-Control-Expose-Headers')
      same(headers['access-control-allow-methods'], undefined, 'Access-Control-Allow-Methods')
      same(listed(headers.vary).includes('origin'), true, 'Vary has Origin')
    }
  },
  'one origin',
)

headers.row(
  'a refusal may be read, too',
  async (talk) => {
    const answer = await talk.get({ ...polling, sid: 'x' }, { Origin: PAGE })
    refusal(answer, 400, 1, 'Session ID unknown')
    same(answer.headers['access-control-allow-origin'], PAGE, 'Access-Control-Allow-Origin')
  },
  'one origin',
)

headers.row(
  'a fixed origin is named whoever asks',
  async (talk) => {
    const { headers } = await talk.handshake()
    same(headers['access-control-allow-origin'], PAGE, 'Access-Control-Allow-Origin')
  },
  'one origin',
)

headers.row(
  'the 101 has the headers, too',
  async (talk) => {
    const socket = await talk.openWebSocket({}, { lines: [`Origin: ${PAGE}`] })
    same(socket.header('access-control-allow-origin'), [PAGE], 'Access-Control-Allow-Origin')
    same(socket.header('access-control-allow-credentials'), ['true'], 'Access-Control-Allow-Credentials')
  },
  'one origin',
)

headers.row(
  'with a star every origin may read, without being named',
  async (talk) => {
    const answer = await talk.handshake({}, { Origin: 'http://anybody.example' })
    openFactsOf(answer)
    same(answer.headers['access-control-allow-origin'], '*', 'Access-Control-Allow-Origin')
    same(answer.headers['access-control-allow-credentials'], undefined, 'Access-Control-Allow-Credentials')
    const { header } = await preflight(talk)
    same(header('access-control-allow-origin'), '*', 'the preflight’s')
    same(header('access-control-allow-methods'), 'GET,HEAD,PUT,PATCH,POST,DELETE', 'Access-Control-Allow-Methods')
  },
  'any origin',
)

headers.row(
  'headers that a preflight asks for are granted where none are configured',
  async (talk) => {
    const { header } = await preflight(talk, { 'Access-Control-Request-Headers': 'x-four,x-five' })
    same(header('access-control-allow-headers'), 'x-four,x-five', 'Access-Control-Allow-Headers')
    same(listed(header('vary')).includes('access-control-request-headers'), true, 'Vary has them')
  },
  'any origin',
)

headers.row(
  'a mirrored origin is named, and a preflight has the status that is configured',
  async (talk) => {
    const answer = await talk.handshake({}, { Origin: 'http://anybody.example' })
    openFactsOf(answer)
    same(answer.headers['access-control-allow-origin'], 'http://anybody.example', 'Access-Control-Allow-Origin')
    same(listed(answer.headers.vary).includes('origin'), true, 'Vary has Origin')
    const { answer: told } = await preflight(talk)
    same([told.status, told.text], [200, ''], 'the preflight')
  },
  'mirrored origin',
)

headers.rows(
  [PAGE, 'http://one.friend.example'],
  (origin) => `of listed origins ${origin} is named`,
  async (talk, Origin) => {
    const answer = await talk.handshake({}, { Origin })
    openFactsOf(answer)
    same(answer.headers['access-control-allow-origin'], Origin, 'Access-Control-Allow-Origin')
  },
  'listed origins',
)

headers.row(
  'an origin that is not listed is answered without the header',
  async (talk) => {
    const answer = await talk.handshake({}, { Origin: 'http://stranger.example' })
    same(answer.headers['access-control-allow-origin'], undefined, 'Access-Control-Allow-Origin')
    openFactsOf(answer)
  },
  'listed origins',
)

const cookieRow = (title: string, at: Place, cookieOf: (sid: string) => string): void =>
  headers.row(
    title,
    async (talk) => {
      const answer = await talk.handshake()
      const { sid } = openFactsOf(answer)
      same(answer.headers['set-cookie'], [cookieOf(sid)], 'Set-Cookie')
      const post = await talk.ask({ method: 'POST', body: '40' }, { ...polling, sid }).answer()
      same(post.headers['set-cookie'], undefined, 'Set-Cookie behind the handshake')
      const poll = await talk.get({ ...polling, sid })
      same(poll.headers['set-cookie'], undefined, 'Set-Cookie of a GET')
      same((await talk.openWebSocket()).header('set-cookie'), [], 'Set-Cookie of the 101')
    },
    at,
  )
cookieRow('the handshake by polling sets a cookie', 'cookie', (sid) => `io=${sid}; Path=/; HttpOnly; SameSite=Lax`)
cookieRow('the cookie is as configured', 'own cookie', (sid) => `node=${sid}; Max-Age=60; SameSite=Strict`)

headers.row(
  'the application may add headers: to the handshake, and to each answer',
  async (talk) => {
    const answer = await talk.handshake()
    const { sid } = openFactsOf(answer)
    same([answer.headers['x-first'], answer.headers['x-each']], ['yes', 'yes'], 'those of the handshake')
    same(answer.headers['set-cookie'], ['first=1'], 'the cookie')
    const post = await talk.ask({ method: 'POST', body: '40' }, { ...polling, sid }).answer()
    same([post.headers['x-first'], post.headers['x-each']], [undefined, 'yes'], 'those of a POST')
    const poll = await talk.get({ ...polling, sid })
    same([poll.headers['x-first'], poll.headers['x-each']], [undefined, 'yes'], 'those of a GET')
  },
  'named',
)

headers.row(
  'the application may add headers to the 101',
  async (talk) => {
    const socket = await talk.openWebSocket()
    same([socket.header('x-first'), socket.header('x-each')], [['yes'], ['yes']], 'those of a handshake')
    const session = await talk.open()
    const change = await talk.upgrade({ sid: session.sid })
    same([change.header('x-first'), change.header('x-each')], [[], ['yes']], 'those of an upgrade')
  },
  'named',
)

async function preflight(talk: Talk, more: Readonly<Record<string, string>> = {}) {
  const ask: Ask = {
    method: 'OPTIONS',
    headers: { Origin: PAGE, 'Access-Control-Request-Method': 'POST', ...more },
  }
  const answer = await talk.ask(ask, polling).answer()
  const header = (name: string): string | undefined => {
    const value = answer.headers[name]
    holds(!Array.isArray(value), `${name} comes twice`)
    return value as string | undefined
  }
  return { answer, header }
}

const listed = (value: string | undefined): string[] => (value ?? '').toLowerCase().split(/\s*,\s*/)
