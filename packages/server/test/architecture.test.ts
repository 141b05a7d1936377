import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

/**
 * The layers of packages/server/src, the lowest first. Imports go down this list or stay in their line, types
 * included. A name that ends in a slash is a folder.
 */
const layers: readonly (readonly string[])[] = [
  ['flush.ts', 'maybe.ts', 'clock.ts', 'ids.ts', 'stats.ts', 'listeners.ts', 'events.ts', 'answers.ts'],
  ['heartbeat.ts', 'pending-acks.ts', 'quiet-log.ts', 'silent-sockets.ts'],
  ['websocket/'],
  ['broker.ts'],
  ['guard/rate.ts'],
  ['rules.ts'],
  ['brokers/'],
  ['hub/'],
  ['sessions.ts', 'guest.ts', 'handshake.ts', 'socket-request.ts', 'presence.ts'],
  ['guard/'],
  ['options.ts', 'engine-options.ts'],
  [
    'transports/body.ts',
    'transports/engine-io/',
    'transports/client-transport.ts',
    'transports/deflated-forms.ts',
    'transports/plain-paths.ts',
    'transports/polling.ts',
    'transports/websocket.ts',
    'transports/websocket-upgrades.ts',
  ],
  ['protocols/'],
  ['core.ts'],
  ['clients.ts'],
  ['transports/http/'],
  ['middleware.ts', 'event-line.ts', 'contract.ts', 'escape-html.ts', 'outgoing-listeners.ts', 'broadcast-acks.ts'],
  ['broadcast.ts', 'plain-connection.ts', 'socket-events.ts'],
  ['broadcaster.ts', 'socket-emitter.ts', 'adapter-view.ts'],
  ['namespace-events.ts'],
  ['socket.ts'],
  ['namespace.ts'],
  ['parent-namespace.ts'],
  ['namespaces.ts'],
  ['server-root.ts'],
  ['http-door.ts'],
  ['server.ts'],
  ['index.ts'],
]

/** What the sources of each package may import besides their own: other packages, and `node:` where they need Node. */
const packages: Readonly<Record<string, readonly string[]>> = {
  'packages/protocol': [],
  'packages/server': ['node:', '@partyline/protocol', '@standard-schema/spec', 'cookie', 'cors'],
  'packages/client': ['@partyline/protocol', 'ws'],
  'packages/partyline': ['node:', '@partyline/server', '@partyline/protocol', 'citty', 'pino', 'selfsigned'],
  'apps/web': ['@partyline/client', '@partyline/protocol', 'react', 'react-dom'],
}

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Path within the folder of the sources → text. */
type Sources = ReadonlyMap<string, string>

function sourcesOf(folder: string): Sources {
  const source = join(root, folder, 'src')
  const paths = existsSync(source) ? readdirSync(source, { recursive: true, encoding: 'utf8' }) : []
  const files = paths.map((path) => path.replaceAll('\\', '/')).filter((path) => /\.tsx?$/.test(path))
  return new Map(files.sort().map((path) => [path, readFileSync(join(source, path), 'utf8')]))
}

/** The specifiers of every `import` and `export … from`, static, dynamic or in a type. */
function importsOf(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  const statements = code.matchAll(/^\s*(?:import|export)\b(?:[^'"`;()=]*?\bfrom)?\s*(['"])([^'"\n]+)\1/gm)
  const calls = code.matchAll(/\b(?:import|require)\(\s*(['"`])([^'"`\n]+)\1/g)
  return [...statements, ...calls].map((match) => match[2] as string)
}

function isIn(path: string, entry: string): boolean {
  return entry.endsWith('/') ? path.startsWith(entry) : path === entry
}

function layerOf(path: string): number {
  return layers.findIndex((layer) => layer.some((entry) => isIn(path, entry)))
}

/** What breaks the order of the layers, in words. */
function upwardImports(sources: Sources): string[] {
  const broken: string[] = []
  for (const [path, text] of sources) {
    if (layerOf(path) === -1) broken.push(`${path} is in no layer`)
    for (const specifier of importsOf(text)) {
      if (!specifier.startsWith('.')) continue
      const target = posix.join(posix.dirname(path), specifier)
      if (layerOf(target) <= layerOf(path)) continue
      broken.push(`${path} imports ${target} from a higher layer`)
    }
  }
  return broken
}

/** What a package imports that it may not, in words. */
function foreignImports(sources: Sources, allowed: readonly string[]): string[] {
  const broken: string[] = []
  for (const [path, text] of sources) {
    for (const specifier of importsOf(text)) {
      if (specifier.startsWith('.')) {
        if (posix.join(posix.dirname(path), specifier).startsWith('..')) broken.push(`${path} imports ${specifier}`)
        continue
      }
      const name = specifier.startsWith('node:')
        ? 'node:'
        : specifier.split('/', specifier[0] === '@' ? 2 : 1).join('/')
      if (!allowed.includes(name)) broken.push(`${path} imports ${specifier}`)
    }
  }
  return broken
}

describe('the layers of the server', () => {
  it('import downwards only, and every file is in one', () => {
    const sources = sourcesOf('packages/server')
    expect(sources.size).toBeGreaterThan(0)
    expect(upwardImports(sources)).toEqual([])
  })

  it.each([
    ['a value', "import { Server } from '../server.ts'"],
    ['a type', "import type { Server } from '../server.ts'"],
    ['names on lines of their own', "import {\n  Server,\n  type Options,\n} from '../server.ts'"],
    ['an export', "export * from '../server.ts'"],
    ['a side effect', "import '../server.ts'"],
    ['a dynamic import', "const { Server } = await import('../server.ts')"],
    ['a type in place', "let server: import('../server.ts').Server"],
  ])('are seen to be broken by %s', (_, text) => {
    expect(upwardImports(new Map([['hub/room.ts', text]]))).toEqual([
      'hub/room.ts imports server.ts from a higher layer',
    ])
  })

  it('allow what is lower and what is beside', () => {
    const sources = new Map([
      ['hub/room.ts', "import { Flush } from '../flush.ts'\nimport { Outbox } from './outbox.ts'"],
    ])
    expect(upwardImports(sources)).toEqual([])
  })

  it('do not take what a comment shows for an import', () => {
    const text = "/**\n * import { Server } from '../server.ts'\n */\n// import '../server.ts'\nexport class Room {}"
    expect(upwardImports(new Map([['hub/room.ts', text]]))).toEqual([])
  })

  it('miss a file that nobody has placed', () => {
    expect(upwardImports(new Map([['misc.ts', '']]))).toEqual(['misc.ts is in no layer'])
  })
})

describe('the packages', () => {
  it.each(Object.entries(packages))('%s imports only what it may', (folder, allowed) => {
    expect(foreignImports(sourcesOf(folder), allowed)).toEqual([])
  })

  it.each([
    ['another package', "import { Server } from '@partyline/server/websocket'", '@partyline/server/websocket'],
    ['Node where it is not allowed', "import { join } from 'node:path'", 'node:path'],
    ['the sources of another package', "import { x } from '../../server/src/x.ts'", '../../server/src/x.ts'],
  ])('are seen to import %s', (_, text, specifier) => {
    const sources = new Map([['index.ts', text]])
    expect(foreignImports(sources, ['@partyline/protocol'])).toEqual([`index.ts imports ${specifier}`])
  })
})
