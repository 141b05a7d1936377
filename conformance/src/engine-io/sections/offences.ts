import { Section } from '../engine-case.ts'
import { holds, same } from '../fault.ts'
import { bare } from './refusal.ts'

/** 1.3 The errors without a body, and what becomes of the session. */
export const offences = new Section('1.3b')

offences.row(
  'a second GET is answered 400; the first ends with a close packet, and the session is over',
  async (talk) => {
    const session = await talk.openJoined()
    const first = await session.park()
    bare(await session.poll().answer(), 400)
    const { status, text } = await first.answer()
    same([status, text], [200, '1'], 'the first GET')
    await session.isUnknown()
  },
)

offences.row('a second POST is answered 400; the first is cut off, and the session is over', async (talk) => {
  const session = await talk.openJoined()
  const first = session.ask({ method: 'POST', body: '42', contentLength: 20 })
  await first.sent
  bare(await session.post('3').answer(), 400)
  same(await first.outcome(), 'reset', 'the first POST')
  await session.isUnknown()
})

offences.row('a parked GET and a POST at the same time are how it should be', async (talk) => {
  const session = await talk.openJoined()
  for (let i = 0; i < 5; i++) {
    await session.park()
    await session.roundTrip(`round ${i}`)
  }
})

offences.row('a binary POST is answered 400, and the session is over', async (talk) => {
  const session = await talk.openJoined()
  bare(await session.post(Buffer.from([4, 1, 2]), { 'Content-Type': 'application/octet-stream' }).answer(), 400)
  await session.isUnknown()
})

offences.rows(
  ['x', 'abc', '7', ' 4', '', '\x1e', '3\x1e', '3\x1e\x1e3', '-1', '\u{1F600}'],
  (body) => `the POST ${JSON.stringify(body)} is no payload: 400, and the session is over`,
  async (talk, body) => {
    const session = await talk.openJoined()
    const parked = await session.park()
    bare(await session.post(body).answer(), 400)
    const { status, text } = await parked.answer()
    same([status, text], [200, '1'], 'the parked GET')
    await session.isUnknown()
  },
)

offences.row('a POST as long as maxPayload is taken', async (talk) => {
  const session = await talk.openJoined()
  const { maxPayload } = session.facts
  const { status, text } = await session.post(message(maxPayload)).answer()
  same([status, text], [200, 'ok'], 'the answer')
  same((await session.next()).length, maxPayload, 'the length of the echo')
})

offences.row(
  'a POST that says it is longer is answered 413 before it comes, and the session lives on',
  async (talk) => {
    const session = await talk.openJoined()
    const contentLength = session.facts.maxPayload + 1
    const body = Buffer.from('4'.repeat(contentLength))
    bare(await session.ask({ method: 'POST', body }).answer(), 413)
    await session.roundTrip('still here')
  },
)

offences.row('a POST in chunks that grow longer is answered 413, and the session lives on', async (talk) => {
  const session = await talk.openJoined()
  const chunk = Buffer.from('4'.repeat(session.facts.maxPayload / 8))
  bare(await session.post(Array.from({ length: 24 }, () => chunk)).answer(), 413)
  await session.roundTrip('still here')
})

offences.row('the length is counted in bytes, not in characters', async (talk) => {
  const session = await talk.openJoined()
  const text = `42["echo","${'€'.repeat(session.facts.maxPayload / 2)}"]`
  holds(text.length < session.facts.maxPayload, 'the case is wrong')
  bare(await session.post(text).answer(), 413)
  await session.roundTrip('still here')
})

offences.row('a client that breaks off its GET is gone', async (talk) => {
  const session = await talk.openJoined()
  const parked = await session.park()
  parked.abort()
  await session.isUnknown('soon')
})

offences.row('a client that breaks off its POST is gone: its GET ends with a close packet', async (talk) => {
  const session = await talk.openJoined()
  const parked = await session.park()
  const post = session.ask({ method: 'POST', body: '42["ec', contentLength: 20 })
  await post.sent
  post.abort()
  const { status, text } = await parked.answer()
  same([status, text], [200, '1'], 'the parked GET')
  await session.isUnknown()
})

/** An echo whose packet has so many bytes. */
function message(bytes: number): string {
  const around = '42["echo",""]'.length
  return `42["echo","${'x'.repeat(bytes - around)}"]`
}
