// What `npm run check` ends with: links between our documents resolve, tenant files in them parse, TypeScript in them type-checks.
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parse } from 'yaml'
import { TenantFile } from '../src/model/tenant.ts'

const root = resolve(import.meta.dirname, '..')
const mistakes: string[] = []
const documents = globSync(['*.md', '{docs,keycloak,bench,demo}/**/*.md'], { cwd: root })

type Block = { language: string; text: string; where: string }

function blocksOf(document: string, text: string): Block[] {
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(({ 1: language, 2: block, index }) => {
    return { language: language!, text: block!, where: `${document}:${text.slice(0, index).split('\n').length}` }
  })
}

/** The fragment that a heading gets where Markdown is shown. */
const fragmentOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')

function checkLinks(document: string, text: string): void {
  const prose = text.replaceAll(/^```.*?^```$/gms, '')
  for (const { 1: link } of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(link!)) continue
    const [path = '', fragment] = link!.split('#')
    const target = path === '' ? join(root, document) : resolve(root, dirname(document), path)
    if (!existsSync(target)) mistakes.push(`${document}: ${link} leads nowhere`)
    else if (fragment !== undefined && target.endsWith('.md')) {
      const headings = [...readFileSync(target, 'utf8').matchAll(/^#+ (.*)$/gm)].map(({ 1: heading }) =>
        fragmentOf(heading!),
      )
      if (!headings.includes(fragment)) mistakes.push(`${document}: ${link} names no heading`)
    }
  }
}

function checkTenantFile({ text, where }: Block): void {
  const { error } = TenantFile.safeParse(parse(text))
  for (const { path, message } of error?.issues ?? []) mistakes.push(`${where}: ${path.join('.')}: ${message}`)
}

function checkTypes(blocks: Block[]): void {
  if (blocks.length === 0) return
  const folder = join(root, 'test/.docs')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  for (const [i, { text }] of blocks.entries()) writeFileSync(join(folder, `${i}.ts`), `${text}\nexport {}\n`)
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', include: ['*.ts'] }))
  try {
    execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    const { stdout } = error as { stdout: string }
    mistakes.push(stdout.replaceAll(/\S*?(\d+)\.ts\(/g, (_, i) => `${blocks[Number(i)]?.where} (`))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const programs: Block[] = []
for (const document of documents) {
  const text = readFileSync(join(root, document), 'utf8')
  checkLinks(document, text)
  for (const block of blocksOf(document, text)) {
    if (block.language === 'yaml' && block.text.startsWith('tenant:')) checkTenantFile(block)
    if (block.language === 'ts') programs.push(block)
  }
}
checkTypes(programs)

for (const mistake of mistakes) console.error(mistake)
console.log(`Checked ${documents.length} documents, ${mistakes.length} mistakes.`)
process.exitCode = mistakes.length > 0 ? 1 : 0
