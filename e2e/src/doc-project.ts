import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DocBlock } from './doc-blocks.ts'
import { docImports } from './doc-context.ts'

const root = join(import.meta.dirname, '../..')
const contextFile = join(import.meta.dirname, 'doc-context.ts')
const contextNames = [...readFileSync(contextFile, 'utf8').matchAll(/^ {2}readonly (\w+):/gm)].map(([, name]) => name)

/** Languages that the compiler reads: it checks the types of the first, and the grammar of all. */
const extensions: Readonly<Record<string, string>> = { ts: 'ts', js: 'js', mjs: 'js' }

const settings = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable'],
    types: ['node'],
    strict: true,
    skipLibCheck: true,
    allowJs: true,
    checkJs: false,
    rewriteRelativeImportExtensions: true,
    rootDir: '.',
    outDir: 'out',
  },
  include: ['*.ts', '*.js'],
}

/** A folder as somebody has it who uses the built packages, with all programs of the pages in it, and pieces made whole. */
export class DocProject {
  readonly folder = mkdtempSync(join(tmpdir(), 'partyline-docs-'))
  readonly #sources = new Map<string, { readonly block: DocBlock; readonly firstLine: number }>()

  /** `inThisPlace` puts what is of this machine (ports) into a block. */
  constructor(blocks: readonly DocBlock[], inThisPlace: (code: string) => string = (code) => code) {
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'))
    writeFileSync(join(this.folder, 'package.json'), '{ "type": "module" }\n')
    writeFileSync(join(this.folder, 'tsconfig.json'), JSON.stringify(settings))
    copyFileSync(contextFile, join(this.folder, 'doc-context.ts'))
    for (const block of blocks) {
      if (extensions[block.language] === undefined) continue
      const code = inThisPlace(block.code)
      const { text, firstLine } = block.kind === 'fragment' ? madeWhole(code, block) : { text: code, firstLine: 1 }
      writeFileSync(join(this.folder, sourceOf(block)), text)
      this.#sources.set(sourceOf(block), { block, firstLine })
    }
  }

  /** What the compiler says against each block, with the lines of the page. Makes programs of those that are whole. */
  compile(): string[] {
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, '-p', '.'], { cwd: this.folder })
    const said = `${stdout}${stderr}`
    const errors = [...said.matchAll(/^(\S+?)\((\d+),\d+\): error (.*)$/gm)].map(([, file, line, message]) => {
      const source = this.#sources.get(file as string)
      if (source === undefined) return `${file}:${line}: ${message}`
      return `${source.block.page}:${source.block.line + Number(line) - source.firstLine}: ${message}`
    })
    if (status !== 0 && errors.length === 0) return [said]
    return errors
  }

  /** The program that a block became when it was compiled. */
  programOf(block: DocBlock): string {
    return join(this.folder, 'out', sourceOf(block).replace(/\.ts$/, '.js'))
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}

const sourceOf = ({ page, line, language }: DocBlock): string =>
  `${page.replace(/\W+/g, '-')}-${line}.${extensions[language]}`

/** A piece of a program in a function of its own, where what it declares hides what it takes for granted. */
function madeWhole(code: string, { language }: DocBlock): { text: string; firstLine: number } {
  const own = code.match(/^import .*$/gm) ?? []
  const body = code.replace(/^import .*$/gm, '').replace(/^export /gm, '')
  if (language !== 'ts') return { text: `${own.join(';')}; async () => {\n${body}}\n`, firstLine: 2 }
  const isOwn = (name: string): boolean => own.some((line) => new RegExp(`\\b${name.split(' ').at(-1)}\\b`).test(line))
  const imports = Object.entries(docImports).map(
    ([from, names]) => `import { ${names.filter((name) => !isOwn(name)).join(', ')} } from '${from}'`,
  )
  const head = [
    ...imports,
    ...own,
    "import type { DocContext } from './doc-context.ts'",
    `export async function piece({ ${contextNames.join(', ')} }: DocContext) { {`,
  ].join(';')
  return { text: `${head}\n${body}} }\n`, firstLine: 2 }
}
