import { Command } from 'commander'
import type { TestOutcome } from '../claims/mapping-tests.ts'
import { Failure } from './failure.ts'
import type { Terminal } from './terminal.ts'

const json = (value: unknown): string => {
  const text = JSON.stringify(value)
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}

function linesOf({ name, differences }: TestOutcome): string[] {
  const reasons = differences.flatMap(({ path, detail, values }) => {
    const where = `    ${path.join(' ')}: `
    return values
      ? [`${where}`.trimEnd(), `      expected ${json(values.expected)}`, `      got      ${json(values.got)}`]
      : [where + detail]
  })
  return [`  ${differences.length === 0 ? '✔' : '✘'} ${name}`, ...reasons]
}

/** `claimgate test -f FILE`: runs the mapping tests of a tenant file; needs neither a node nor a database. */
export const test = (terminal: Terminal): Command =>
  new Command('test')
    .description('run the mapping tests of a tenant file: given sources, expected claims')
    .requiredOption('-f, --file <file>', 'the tenant file')
    .option('--json', 'print the outcomes as JSON')
    .action(async ({ file: name, json: asJson }: { file: string; json?: true }) => {
      const { loadTenantFile } = await import('./tenant-file.ts') // loads every connector and format
      const { testTenant } = await import('../administration/test-tenant.ts')
      const { file } = await loadTenantFile(terminal, name, { demo: true, tests: false })
      const tested = testTenant(file, terminal.now())
      const outcomes = tested.flatMap(({ outcomes: some }) => some)
      const failed = outcomes.filter(({ differences }) => differences.length > 0).length
      if (asJson) {
        terminal.print(JSON.stringify({ tenant: file.tenant, failed, configurations: tested }, null, 2))
      } else {
        for (const { issuer, configuration, outcomes: some } of tested)
          terminal.print([`${file.tenant}/${issuer} ${configuration}`, ...some.flatMap(linesOf)].join('\n'))
      }
      if (failed > 0) throw new Failure([`${failed} of ${outcomes.length} tests failed.`])
      if (outcomes.length === 0)
        terminal.note(`${name} has no tests; docs/reference/claim-mapping.md says how to write them.`)
      else if (!asJson) terminal.print(`${outcomes.length} tests passed.`)
    })
