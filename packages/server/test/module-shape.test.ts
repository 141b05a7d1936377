import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import * as sources from '../src/index.ts'

const run = promisify(execFile)

/**
 * What a program prints that has the package, and no other, in its `node_modules`; as JSON. Such a program runs what was
 * built.
 */
async function printed(name: string, program: string): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'partyline-module-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'node_modules/@partyline'), { recursive: true })
  symlinkSync(fileURLToPath(new URL('..', import.meta.url)), join(folder, 'node_modules/@partyline/server'))
  writeFileSync(join(folder, name), program)
  const { stdout } = await run(process.execPath, [name], { cwd: folder, timeout: 60_000 })
  return JSON.parse(stdout)
}

const values = Object.keys(sources).sort()

describe('require("@partyline/server")', () => {
  it('answers a function with everything that import brings', async () => {
    const program = `
      const io = require('@partyline/server')
      const { Server, Namespace, Socket, BroadcastOperator } = io
      console.log(JSON.stringify([typeof io, Object.keys(io).sort(), [Server, Namespace, Socket, BroadcastOperator].map((each) => typeof each)]))`
    expect(await printed('program.cjs', program)).toEqual(['function', values, Array(4).fill('function')])
  })

  it('makes a server of it, with a server, with a port, with options alone', async () => {
    const program = `
      const http = require('node:http')
      const own = http.createServer()
      const make = require('@partyline/server')
      const [first, second, third] = [make(own, { pingInterval: 1000 }), make(0), make({ path: '/other' })]
      const seen = [first, second, third].map((io) => [io instanceof make.Server, io.options.heartbeatMs, io.path(), io.httpServer !== undefined])
      seen.push(first.httpServer === own)
      console.log(JSON.stringify(seen))
      process.exit()`
    expect(await printed('program.cjs', program)).toEqual([
      [true, 1_000, '/socket.io', true],
      [true, 25_000, '/socket.io', true],
      [true, 25_000, '/other', false],
      true,
    ])
  })
})

describe('import of @partyline/server', () => {
  it('brings the classes by their names', async () => {
    const program = `
      import * as all from '@partyline/server'
      const { Server, Namespace, Socket } = all
      const io = new Server()
      console.log(JSON.stringify([Object.keys(all).sort(), io.sockets instanceof Namespace, typeof Socket]))`
    expect(await printed('program.mjs', program)).toEqual([values, true, 'function'])
  })

  it('has a version to be read', async () => {
    const program = `console.log(JSON.stringify(require('@partyline/server/package.json').version))`
    expect(await printed('program.cjs', program)).toMatch(/^\d+\.\d+\.\d+/)
  })
})

describe('a program without socket.io-client', () => {
  it('says what to install where the stock client is asked for', async () => {
    const program = `
      const io = require('@partyline/server')()
      io.listen(0, '127.0.0.1', async () => {
        const answer = await fetch('http://127.0.0.1:' + io.httpServer.address().port + '/socket.io/socket.io.js')
        console.log(JSON.stringify([answer.status, await answer.text()]))
        process.exit()
      })`
    expect(await printed('program.cjs', program)).toEqual([
      404,
      'the client is served from socket.io-client: npm install it beside the server\n',
    ])
  })
})
