import { describe, expect, it } from 'vitest'
import { SettingError } from '../src/setting-error.ts'
import { resolveSettings } from '../src/settings.ts'

describe('settings', () => {
  it('are loopback and port 8080 where nothing is said', () => {
    expect(resolveSettings({}, {})).toEqual({
      port: 8080,
      host: 'localhost',
      hosts: [],
      origins: [],
      trustProxy: false,
      dataFolder: './data',
      logFormat: undefined,
    })
  })

  it('come from the environment, and from flags before it', () => {
    const environment = {
      PORT: '9000',
      HOST: '0.0.0.0',
      PARTYLINE_HOSTS: 'Chat.Example, b.example',
      PARTYLINE_ORIGINS: 'https://app.example,https://*.b.example',
      PARTYLINE_TRUST_PROXY: '1',
      PARTYLINE_DATA: '/var/lib/partyline',
      PARTYLINE_LOG: 'json',
    }
    expect(resolveSettings({}, environment)).toEqual({
      port: 9000,
      host: '0.0.0.0',
      hosts: ['chat.example', 'b.example'],
      origins: ['https://app.example', 'https://*.b.example'],
      trustProxy: true,
      dataFolder: '/var/lib/partyline',
      logFormat: 'json',
    })
    expect(resolveSettings({ port: '0', host: '[::1]' }, environment)).toMatchObject({ port: 0, host: '::1' })
  })

  it('take an empty variable for none', () => {
    expect(resolveSettings({}, { PORT: '', HOST: '', PARTYLINE_HOSTS: ' , ' })).toMatchObject({
      port: 8080,
      host: 'localhost',
      hosts: [],
    })
  })

  it.each([
    [{ port: '65536' }, {}, '--port'],
    [{ port: '-1' }, {}, '--port'],
    [{ port: '80.5' }, {}, '--port'],
    [{}, { PORT: 'http' }, 'PORT'],
    [{ host: 'http://localhost' }, {}, '--host'],
    [{}, { HOST: 'a b' }, 'HOST'],
    [{}, { PARTYLINE_HOSTS: 'chat.example:8080' }, 'PARTYLINE_HOSTS'],
    [{}, { PARTYLINE_ORIGINS: 'app.example' }, 'PARTYLINE_ORIGINS'],
    [{}, { PARTYLINE_ORIGINS: 'https://app.example/' }, 'PARTYLINE_ORIGINS'],
    [{}, { PARTYLINE_LOG: 'xml' }, 'PARTYLINE_LOG'],
    [{}, { PARTYLINE_TRUST_PROXY: 'yes' }, 'PARTYLINE_TRUST_PROXY'],
  ])('that mean nothing are refused by name: %j %j', (flags, environment, name) => {
    expect(() => resolveSettings(flags, environment)).toThrow(SettingError)
    expect(() => resolveSettings(flags, environment)).toThrow(new RegExp(`^${name} must be `))
  })
})
