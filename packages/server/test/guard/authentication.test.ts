import { RequestError } from '@partyline/protocol'
import { describe, expect, it } from 'vitest'
import { type Authenticate, Authentication } from '../../src/guard/authentication.ts'

const context = { namespace: '/', handshake: undefined }

function make(authenticate?: Authenticate, guests = false) {
  const failures: string[] = []
  const onFailure = (text: string): void => void failures.push(text)
  return { failures, it: new Authentication({ authenticate, guests, date: () => 1_000, onFailure }) }
}

const who = async (authenticate: Authenticate, token = 'secret') => make(authenticate).it.identify(token, context)

describe('authentication', () => {
  it('takes everybody for a guest where nothing is configured, and looks at no token', () => {
    const none = make().it
    expect([none.isConfigured, none.isDemanded]).toEqual([false, false])
    expect([none.identify('a', context), none.identify(undefined, context)]).toEqual([undefined, undefined])
  })

  it('demands a token, unless guests are welcome', () => {
    const authenticate = () => ({ id: 'ada' })
    expect(make(authenticate).it.isDemanded).toBe(true)
    expect(() => make(authenticate).it.identify(undefined, context)).toThrow(
      expect.objectContaining({ code: 'unauthorized' }),
    )
    expect(make(authenticate, true).it.identify(undefined, context)).toBeUndefined()
  })

  it('answers the user, by its id where it has no name', async () => {
    expect(await who(() => ({ id: 'ada', name: 'Ada' }))).toEqual({ user: { id: 'ada', name: 'Ada' } })
    expect(await who(async () => ({ id: 'ada', expiresAt: 2_000 }))).toEqual({
      user: { id: 'ada', name: 'ada' },
      expiresAt: 2_000,
    })
  })

  it.each([undefined, null, false] as const)('refuses a token for which the hook answers %j', async (answer) => {
    await expect(who(() => answer)).rejects.toMatchObject({ code: 'unauthorized' })
  })

  it('refuses what has expired', async () => {
    await expect(who(() => ({ id: 'ada', expiresAt: 1_000 }))).rejects.toMatchObject({ code: 'unauthorized' })
  })

  it('tells a hook’s own refusal as it is', async () => {
    const refuse = (): never => {
      throw new RequestError('forbidden', 'not on Sundays')
    }
    await expect(who(refuse)).rejects.toMatchObject({ code: 'forbidden', message: 'not on Sundays' })
  })

  it('tells the log what the hook has thrown, without the token and not for ever', async () => {
    const { it: authentication, failures } = make((token) => {
      throw new Error(`bad token ${token} ${'x'.repeat(1_000)}`)
    })
    await expect(authentication.identify('s3cret', context)).rejects.toMatchObject({
      code: 'unauthorized',
      message: 'the token is not good',
    })
    expect(failures).toHaveLength(1)
    expect(failures[0]).toMatch(/^Error: bad token \*\*\* x+$/)
    expect(failures[0]?.length).toBe(256)
  })

  it('does not look at a token that is too long', async () => {
    let asked = 0
    const authenticate = () => {
      asked++
      return { id: 'ada' }
    }
    await expect(who(authenticate, 'x'.repeat(8_193))).rejects.toMatchObject({ code: 'unauthorized' })
    expect(asked).toBe(0)
  })

  it.each(['', 'guest:1', 'a\nb', 'x'.repeat(257), 7])('says that %j is no id', async (id) => {
    await expect(who(() => ({ id: id as string }))).rejects.toThrow(/must answer an id/)
  })
})
