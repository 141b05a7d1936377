import { describe, expect, it } from 'vitest'
import { SettingError } from '../src/setting-error.ts'
import { resolveSettings } from '../src/settings.ts'

const files = { PARTYLINE_TLS_CERT: '/c.pem', PARTYLINE_TLS_KEY: '/k.pem' }

describe('settings of TLS', () => {
  it.each([
    [{}, {}, undefined],
    [{ tlsSelfSigned: true }, {}, 'self-signed'],
    [{}, { PARTYLINE_TLS: 'self-signed' }, 'self-signed'],
    [{ tlsCert: 'c', tlsKey: 'k' }, {}, { certFile: 'c', keyFile: 'k' }],
    [{}, files, { certFile: '/c.pem', keyFile: '/k.pem' }],
    [{}, { ...files, PARTYLINE_TLS_PASSPHRASE: 'p' }, { certFile: '/c.pem', keyFile: '/k.pem', passphrase: 'p' }],
    [{ tlsCert: 'c', tlsKey: 'k' }, files, { certFile: 'c', keyFile: 'k' }],
    [{ tlsCert: 'c', tlsKey: 'k' }, { PARTYLINE_TLS: 'self-signed' }, { certFile: 'c', keyFile: 'k' }],
    [{ tlsSelfSigned: true }, files, 'self-signed'],
  ])('%j %j are %j', (flags, environment, tls) => {
    expect(resolveSettings(flags, environment).tls).toEqual(tls)
  })

  it.each([
    [{ tlsCert: 'c' }, {}, '--tls-cert needs --tls-key'],
    [{ tlsKey: 'k' }, files, '--tls-key needs --tls-cert'],
    [{}, { PARTYLINE_TLS_KEY: 'k' }, 'PARTYLINE_TLS_KEY needs PARTYLINE_TLS_CERT'],
    [{ tlsSelfSigned: true, tlsKey: 'k' }, {}, '--tls-self-signed makes a certificate'],
    [{}, { ...files, PARTYLINE_TLS: 'self-signed' }, 'PARTYLINE_TLS=self-signed makes a certificate'],
    [{}, { PARTYLINE_TLS: 'on' }, 'PARTYLINE_TLS must be "self-signed", not "on"'],
  ])('%j %j are refused', (flags, environment, words) => {
    expect(() => resolveSettings(flags, environment)).toThrow(SettingError)
    expect(() => resolveSettings(flags, environment)).toThrow(words)
  })
})
