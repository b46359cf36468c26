// `npm run requirements`: every duty in docs/requirements has a test that names it or a sentence why there is none. Prints what is left.
import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const read = (path: string) => readFileSync(resolve(root, path), 'utf8')

type Duty = { label: string; document: string; explained: boolean }

/** A duty is a list item that begins with its label in bold; an indented `No test:` line explains why none names it. */
function dutiesIn(document: string): Duty[] {
  const items = read(document).split(/^(?=- |#)/m)
  return items.flatMap((item) => {
    const [, label] = /^- \*\*([^*]+)\*\*/.exec(item) ?? []
    return label === undefined ? [] : [{ label, document, explained: /^ {2}No test: \S/m.test(item) }]
  })
}

const duties = globSync('docs/requirements/*.md', { cwd: root }).flatMap(dutiesIn)
// Titles stand in quotes; what only a comment says is no test. A label in a title may be part of a list: `VCI-1, VCI-2: …`.
const quoted = /'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|"(?:[^"\\\n]|\\.)*"/g
const titles = globSync('test/**/*.test.ts', { cwd: root }).flatMap((file) => read(file).match(quoted) ?? [])
const text = titles.join('\n')
const named = (label: string) =>
  new RegExp(`(?<![\\w-])${label.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&')}(?![\\w-])`).test(text)

const left: string[] = []
for (const { label, document, explained } of duties) {
  if (named(label) && explained) left.push(`${document}: ${label} is tested, and explained away`)
  if (!named(label) && !explained) left.push(`${document}: ${label} has neither test nor reason`)
}
const labels = new Set(duties.map(({ label }) => label))
for (const label of new Set(text.match(/\b(?:VCI|HAIP|FAPI|ABCA|SDJWT|TSL|BSL|MDOC|VCDM)-\d+\b/g)))
  if (!labels.has(label)) left.push(`a test names ${label}, which is no duty`)
if (duties.length === 0) left.push('docs/requirements names no duty')

for (const line of left.toSorted()) console.log(line)
process.exitCode = left.length > 0 ? 1 : 0
