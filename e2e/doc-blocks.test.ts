import { describe, expect, it, onTestFinished } from 'vitest'
import { anchorsOf, blocksOf, commandsOf, type DocBlock, linksOf, promisedOutput } from './src/doc-blocks.ts'
import { follow } from './src/doc-commands.ts'
import { listeningPortOf } from './src/doc-programs.ts'
import { DocProject } from './src/doc-project.ts'
import { freePort } from './src/free-port.ts'
import { run } from './src/process.ts'

/** A page of lines. */
const page = (...lines: readonly string[]): string => lines.join('\n')
const blockOf = (info: string, code: string): DocBlock => {
  const [block] = blocksOf('page.md', page('# A page', `\`\`\`${info}`, code, '```'))
  return block as DocBlock
}

function projectOf(...blocks: readonly DocBlock[]): DocProject {
  const project = new DocProject(blocks)
  onTestFinished(() => project.remove())
  return project
}

describe('the blocks of a page', () => {
  it('have a language, a kind, a heading and a line', () => {
    const text = page('# One', '```ts fragment', 'a', '```', 'text', '## Two', '```', 'b', '', 'c', '```')
    expect(blocksOf('page.md', text)).toEqual([
      { page: 'page.md', heading: 'One', line: 3, language: 'ts', kind: 'fragment', code: 'a\n' },
      { page: 'page.md', heading: 'Two', line: 8, language: '', kind: '', code: 'b\n\nc\n' },
    ])
  })

  it('are found in lists, without the indentation', () => {
    const [block] = blocksOf('page.md', page('* text', '  ```js', '  if (a) {', '    b()', '  }', '  ```'))
    expect(block?.code).toBe('if (a) {\n  b()\n}\n')
  })

  it('may hold headings and shorter fences', () => {
    const [block, ...others] = blocksOf('page.md', page('````md', '# no heading', '```js', '```', '````'))
    expect(block?.code).toBe('# no heading\n```js\n```\n')
    expect(others).toEqual([])
  })

  it('are refused where one is never closed', () => {
    expect(() => blocksOf('page.md', page('text', '```js', 'a'))).toThrow('page.md:2: a block that is never closed')
  })

  it('hold commands, one a line, which may go on and have comments', () => {
    expect(commandsOf("npm start # says where\n\ncurl \\\n  -d '#' x\n")).toEqual(['npm start', "curl -d '#' x"])
  })

  it('promise output in comments behind console.log', () => {
    const code = 'console.log(a) // 1\nfor (;;) console.log(b) // no\n  console.log(c) // 2, then 3\nb() // 4\n'
    expect(promisedOutput(code)).toEqual(['1', '2', '3'])
  })
})

describe('the links of a page', () => {
  it('are those to other pages, outside of code', () => {
    const text = page('[a](docs/a.md#b) `[no](no.md)` [c](https://c.org) ![d](d.png)', '```', '[no](no.md)', '```')
    expect(linksOf(text)).toEqual(['docs/a.md#b', 'd.png'])
  })

  it('lead to headings by the names that GitHub gives them', () => {
    expect(
      anchorsOf(page('# The *plain* protocol', '```', '# no', '```', '## What `npm start` serves', '### Node.js')),
    ).toEqual(['the-plain-protocol', 'what-npm-start-serves', 'nodejs'])
  })
})

describe('the compiler', () => {
  it('accepts a program, a piece of one, and JavaScript', () => {
    const project = projectOf(
      blockOf('ts', "import { Server } from '@partyline/server'\nnew Server()"),
      { ...blockOf('ts fragment', 'const io = new Server()\nawait io.publish(name, text)'), line: 20 },
      { ...blockOf('js fragment', "import { x } from 'x'\nawait x()"), line: 30 },
    )
    expect(project.compile()).toEqual([])
  })

  // grammar goes first: while it is broken, nothing is said of types
  it.each([
    [
      'types',
      [
        ['ts', 'const a = 1\nconst b: string = a', 'TS2322', 1],
        ['ts fragment', "\nio.publish('room')", 'TS2554', 1],
        ['ts fragment', 'nobody()', 'TS2304', 0],
        ['ts', "import { Nobody } from '@partyline/server'", 'TS2305', 0],
      ],
    ],
    [
      'grammar',
      [
        ['js', 'const = 1', 'TS1134', 0],
        ['ts', 'a(\n', 'TS1005', 2],
        ['js fragment', 'a()\nb c d', 'TS1434', 1],
      ],
    ],
  ] as const)('refuses broken %s, and says where on the page', (_, broken) => {
    const blocks = broken.map(([info, code], index) => ({ ...blockOf(info, code), line: 100 * index }))
    const complaints = projectOf(...blocks).compile()
    broken.forEach(([, , code, line], index) => {
      expect(complaints).toContainEqual(expect.stringMatching(`^page.md:${100 * index + line}: ${code}`))
    })
  })
})

describe('a program', () => {
  const start = (code: string) => run(process.execPath, ['-e', code])

  it('that ends badly is told by what it says', async () => {
    await expect(listeningPortOf(start('throw new Error("broken")'), [])).rejects.toThrow('broken')
  })

  it('that ends well, or listens, is told by that', async () => {
    expect(await listeningPortOf(start(''), [])).toBeUndefined()
    const port = await freePort()
    expect(await listeningPortOf(start(`require('net').createServer().listen(${port})`), [port])).toBe(port)
  })
})

describe('a command', () => {
  const surroundings = {
    folder: import.meta.dirname,
    inThisPlace: (text: string) => text,
    note: async () => {},
  }

  it.each([
    ['that nobody knows', 'sudo rm', 'nobody knows how to follow: sudo rm'],
    ['of npm that is no script', 'npm run nothing', 'nothing'],
    ['that installs what is nowhere', 'npm install @partyline/nowhere', 'is no package of this workspace'],
    ['that starts with an option that is none', 'npm start -- --nothing', 'it ended without saying'],
  ])('%s fails', async (_, command, failure) => {
    await expect(follow(command, surroundings)).rejects.toThrow(failure)
  })

  it('of curl fails where the answer is an error', async () => {
    const project = projectOf()
    const port = await freePort()
    const command = `curl http://127.0.0.1:${port}/`
    await expect(follow(command, { ...surroundings, folder: project.folder })).rejects.toThrow('curl: (7)')
  })
})
