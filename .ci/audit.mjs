// Known vulnerabilities of what the product ships with (`npm audit --omit=dev`), but for those that audit-exceptions.json names with a reason.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const exceptions = new Map(
  JSON.parse(readFileSync(new URL('audit-exceptions.json', import.meta.url), 'utf8')).map(({ advisory, reason }) => [
    advisory,
    reason,
  ]),
)
const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8' })
const report = JSON.parse(stdout)

if ([404, 405, 501].includes(report.statusCode)) {
  console.log(`npm audit: not done, this registry does not serve the audit endpoint (HTTP ${report.statusCode}).`)
} else if (report.vulnerabilities === undefined) {
  console.error(`npm audit failed: ${report.message ?? report.error?.summary ?? 'no report'}`)
  process.exit(1)
} else {
  const advisories = Object.values(report.vulnerabilities)
    .flatMap(({ via }) => via)
    .filter((via) => typeof via === 'object')
  const found = new Map(advisories.map(({ url, name, title }) => [url.split('/').pop(), `${name}: ${title} (${url})`]))
  for (const [advisory, reason] of exceptions) {
    console.log(
      `npm audit: ${advisory} is ${found.has(advisory) ? `accepted: ${reason}` : 'gone; remove it from the exceptions'}`,
    )
  }
  const open = [...found].filter(([advisory]) => !exceptions.has(advisory))
  for (const [, sentence] of open) console.error(`npm audit: ${sentence}`)
  console.log(`npm audit: ${open.length} open, ${found.size - open.length} accepted.`)
  process.exit(open.length > 0 ? 1 : 0)
}
