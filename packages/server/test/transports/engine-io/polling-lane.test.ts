import { describe, expect, it } from 'vitest'
import type { LaneListener } from '../../../src/transports/engine-io/lane.ts'
import type { EnginePacket } from '../../../src/transports/engine-io/packets.ts'
import { PollingLane } from '../../../src/transports/engine-io/polling-lane.ts'
import { StillClock } from '../../suites/still-clock.ts'
import { FakeRequest, FakeResponse } from './fake-exchange.ts'

const MAX_PAYLOAD_BYTES = 100

function make() {
  const clock = new StillClock()
  const told: string[] = []
  let onPacket: (packet: EnginePacket) => void = () => {}
  const listener: LaneListener = {
    onPacket: (packet) => {
      told.push(typeof packet === 'string' ? packet : `<${packet.toString('hex')}>`)
      onPacket(packet)
    },
    onWritable: () => told.push('writable'),
    onEnding: () => {},
    onError: () => 'error',
    onGone: (reason) => told.push(`gone: ${reason}`),
  }
  const lane = new PollingLane({
    clock,
    maxPayloadBytes: MAX_PAYLOAD_BYTES,
    answers: { compressFromBytes: undefined, onHeaders: () => {} },
  })
  lane.listener = listener
  const get = (): FakeResponse => {
    const response = new FakeResponse()
    lane.poll(new FakeRequest('GET').asked, response.given)
    return response
  }
  const begin = (headers: Readonly<Record<string, string>> = {}) => {
    const request = new FakeRequest('POST', headers)
    const response = new FakeResponse()
    return { request, response, done: lane.receive(request.asked, response.given) }
  }
  const post = async (body: string, headers: Readonly<Record<string, string>> = {}): Promise<FakeResponse> => {
    const { request, response, done } = begin(headers)
    request.end(body)
    await done
    return response
  }
  const say = (...packets: string[]): void => lane.write(packets.map((packet) => Buffer.from(`${packet}\x1e`)))
  return { clock, lane, told, get, begin, post, say, when: (then: typeof onPacket) => (onPacket = then) }
}

describe('a GET', () => {
  it('is parked until something is said', () => {
    const { get, say, lane } = make()
    const response = get()
    expect([response.answer, lane.writable]).toEqual([undefined, true])
    say('4hi')
    expect([response.answer, lane.writable]).toEqual([[200, '4hi'], false])
  })

  it('is answered at once with all that waits', () => {
    const { get, say, lane } = make()
    say('4a')
    say('4b', '4c')
    expect(lane.unsentBytes).toBe(9)
    expect(get().answer).toEqual([200, '4a\x1e4b\x1e4c'])
    expect(lane.unsentBytes).toBe(0)
  })

  it('has 16 packets at most; the next one has the rest, and bytes are counted as they go', () => {
    const { get, say, lane } = make()
    say(...Array.from({ length: 20 }, () => '4x'))
    const before = lane.outgoingMark
    expect(get().answer?.[1]?.split('\x1e')).toHaveLength(16)
    expect([lane.unsentBytes, lane.outgoingMark - before]).toEqual([12, 48])
    expect(get().answer).toEqual([200, '4x\x1e4x\x1e4x\x1e4x'])
  })

  it('tells the session that there is something to write to', () => {
    const { get, told } = make()
    get()
    expect(told).toEqual(['writable'])
  })

  it('is refused where one is parked: that one ends with a close packet, and so does the session', () => {
    const { get, told } = make()
    const first = get()
    const second = get()
    expect([first.answer, second.answer]).toEqual([
      [200, '1'],
      [400, ''],
    ])
    expect(told).toEqual(['writable', 'gone: transport error'])
  })

  it('that is broken off ends the session', () => {
    const { get, told } = make()
    get().lose()
    expect(told.at(-1)).toBe('gone: transport error')
  })

  it('that was broken off before it is looked at ends the session', () => {
    const { lane, told } = make()
    const response = new FakeResponse()
    response.lose()
    lane.poll(new FakeRequest('GET').asked, response.given)
    expect(told).toEqual(['gone: transport error'])
  })

  it('that has been answered may go away', () => {
    const { get, say, told } = make()
    const response = get()
    say('4a')
    response.lose()
    expect(told).toEqual(['writable'])
  })
})

describe('a POST', () => {
  it('is answered when its packets have been told', async () => {
    const { post, told, when } = make()
    const seen: unknown[] = []
    const { answer, headers } = await post('4a\x1ebAP8Q\x1e3')
    when(() => seen.push('late'))
    expect(told).toEqual(['4a', '<00ff10>', '3'])
    expect([answer, headers['content-type'], seen]).toEqual([[200, 'ok'], 'text/html', []])
  })

  it('may be split within a character', async () => {
    const { begin, told } = make()
    const { request, done } = begin()
    for (const byte of Buffer.from('4€😀')) request.write(Buffer.from([byte]))
    request.end()
    await done
    expect(told).toEqual(['4€😀'])
  })

  it('is refused where one is on its way: that one is cut off, and the session is over', async () => {
    const { begin, post, told } = make()
    const first = begin()
    first.request.write('4a')
    expect((await post('4b')).answer).toEqual([400, ''])
    await first.done
    expect([first.request.destroyed, first.response.answer]).toEqual([true, undefined])
    expect(told).toEqual(['gone: transport error'])
  })

  it('that is binary is refused, and ends the session', async () => {
    const { post, told } = make()
    expect((await post('4a', { 'content-type': 'application/octet-stream' })).answer).toEqual([400, ''])
    expect(told).toEqual(['gone: transport error'])
  })

  it('that is no payload is refused; what came before has been told, and the session is over', async () => {
    const { post, told, get } = make()
    const parked = get()
    expect((await post('4a\x1ex\x1e4b')).answer).toEqual([400, ''])
    expect(parked.answer).toEqual([200, '1'])
    expect(told).toEqual(['writable', '4a', 'gone: parse error'])
    expect(get().answer).toEqual([400, ''])
  })

  it('that is too long is answered before it has come, and the session lives on', async () => {
    const { begin, post, told } = make()
    const { request, response, done } = begin()
    request.write('4'.repeat(MAX_PAYLOAD_BYTES + 1))
    await done
    expect([response.status, response.headers.connection]).toEqual([413, 'close'])
    expect((await post('4a')).answer).toEqual([200, 'ok'])
    expect(told).toEqual(['4a'])
  })

  it('that is too long is read on for 5 s and no longer, so that its sender sees the answer', async () => {
    const { begin, clock } = make()
    const { request, response, done } = begin()
    request.write('4'.repeat(MAX_PAYLOAD_BYTES + 1))
    await done
    clock.pass(4_999)
    expect([response.status, response.body]).toEqual([413, undefined])
    clock.pass(1)
    expect(response.body).toBe('')
    expect(clock.timers).toBe(0)
  })

  it('that is broken off ends the session', async () => {
    const { begin, told } = make()
    const { request, done } = begin()
    request.write('4a')
    request.destroy()
    await done
    expect(told).toEqual(['gone: transport error'])
  })

  it('that was broken off before it is looked at ends the session', async () => {
    const { lane, told } = make()
    const request = new FakeRequest('POST')
    request.destroy()
    await lane.receive(request.asked, new FakeResponse().given)
    expect(told).toEqual(['gone: transport error'])
  })

  it('is answered later where the session does not read, and may still be when that ends', async () => {
    const { lane, post } = make()
    lane.pause()
    const response = await post('4a')
    expect(response.answer).toBeUndefined()
    lane.resume()
    expect(response.answer).toEqual([200, 'ok'])
  })

  it('is answered where the session ends before it reads on', async () => {
    const { lane, post } = make()
    lane.pause()
    const response = await post('4a')
    lane.terminate('forced close')
    expect(response.answer).toEqual([200, 'ok'])
  })

  it('in whose middle the session ends tells nothing more', async () => {
    const { lane, post, told, when } = make()
    when(() => lane.terminate('forced close'))
    expect((await post('4a\x1e4b')).answer).toEqual([200, 'ok'])
    expect(told).toEqual(['4a', 'gone: forced close'])
  })
})

describe('the end', () => {
  it('is told to the GET that is parked', () => {
    const { get, lane, told } = make()
    const parked = get()
    lane.close('forced close')
    expect(parked.answer).toEqual([200, '1'])
    expect(told.at(-1)).toBe('gone: forced close')
  })

  it('is told to the next GET where none is parked', () => {
    const { get, lane, told, clock } = make()
    lane.close('forced close')
    expect(told).toEqual([])
    clock.pass(29_999)
    expect(get().answer).toEqual([200, '6\x1e1'])
    expect(told).toEqual(['gone: forced close'])
    expect(clock.timers).toBe(0)
  })

  it('is told behind what waits', () => {
    const { get, say, lane, told } = make()
    say('4a')
    lane.close('forced close')
    say('4 too late')
    expect(get().answer).toEqual([200, '4a'])
    expect(told).toEqual([])
    expect(get().answer).toEqual([200, '6\x1e1'])
    expect(told).toEqual(['gone: forced close'])
  })

  it('comes after 30 s where nobody asks any more', () => {
    const { lane, told, clock } = make()
    lane.close('forced close')
    clock.pass(30_000)
    expect(told).toEqual(['gone: forced close'])
  })

  it('comes after 30 s also where somebody has asked for what was waiting, and then no more', () => {
    const { get, say, lane, told, clock } = make()
    say('4a')
    lane.close('forced close')
    get()
    clock.pass(30_000)
    expect(told).toEqual(['gone: forced close'])
  })

  it('of a client that says goodbye is a noop for its parked GET', () => {
    const { get, lane, told } = make()
    const parked = get()
    lane.leave()
    expect(parked.answer).toEqual([200, '6'])
    expect(told.at(-1)).toBe('gone: transport close')
  })

  it('now lets go of what waits', () => {
    const { say, lane, told, get } = make()
    say('4a')
    lane.terminate('forced close')
    expect([told, lane.unsentBytes, get().answer]).toEqual([['gone: forced close'], 0, [400, '']])
  })

  it('is told once', () => {
    const { get, lane, told } = make()
    get()
    lane.close('forced close')
    lane.terminate('transport error')
    lane.leave()
    expect(told).toEqual(['writable', 'gone: forced close'])
  })
})

describe('a change to a WebSocket', () => {
  it('lets go of the GET that is parked at once, and of later ones after 5 ms, each', () => {
    const { get, lane, clock } = make()
    const parked = get()
    lane.release(true)
    expect(parked.answer).toEqual([200, '6'])
    for (let i = 0; i < 3; i++) {
      const later = get()
      clock.pass(4)
      expect(later.answer).toBeUndefined()
      clock.pass(1)
      expect(later.answer).toEqual([200, '6'])
    }
  })

  it('lets messages go out meanwhile, where a GET is parked', () => {
    const { get, lane, clock, say } = make()
    lane.release(true)
    const response = get()
    say('4a')
    expect(response.answer).toEqual([200, '4a'])
    clock.pass(5)
    expect(clock.timers).toBe(0)
  })

  it('that comes to nothing parks GETs as before', () => {
    const { get, lane, clock } = make()
    lane.release(true)
    lane.release(false)
    const response = get()
    clock.pass(1_000)
    expect(response.answer).toBeUndefined()
  })

  it('hands over what waits, and lets go of the GET', () => {
    const { get, lane, say } = make()
    say('4a', 'bAP8Q', '2')
    expect(lane.detach()).toEqual(['4a', Buffer.from('00ff10', 'hex'), '2'])
    expect(get().answer).toEqual([400, ''])
    const other = make()
    const parked = other.get()
    expect(other.lane.detach()).toEqual([])
    expect(parked.answer).toEqual([200, '6'])
  })

  it('refuses a POST that was on its way: nobody would know when it was said', async () => {
    const { begin, lane, told } = make()
    const { request, response, done } = begin()
    request.write('4a')
    lane.detach()
    request.end()
    await done
    expect([response.answer, told]).toEqual([[400, ''], []])
  })
})
