// What `npm test` calls: finds the services, runs AVA, looks for secrets in the captured logs, prints the closing line.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { type ServiceName, variableOf } from './support/addresses.ts'
import { dropDatabases } from './support/databases.ts'
import { services } from './support/find-services.ts'
import { findLeaks, logsIn } from './support/leaks.ts'

const count = { passed: 0, failed: 0, skipped: 0 }
/** The failures and their details, line by line: repeated at the end, where whoever sees only a log's tail finds them. */
const failures: string[] = []

function fail(sentence: string): void {
  count.failed++
  failures.push(`✖ ${sentence}`)
  console.log(`✖ ${sentence}`)
}

const runDirectory = mkdtempSync(join(tmpdir(), 'claimgate-test-'))
const logDirectory = join(runDirectory, 'logs')
mkdirSync(logDirectory)

const run = basename(runDirectory).slice(-6).toLowerCase()
const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CLAIMGATE_'))),
  TEST_RUN: run,
  TEST_RUN_DIR: runDirectory,
  TEST_LOG_DIR: logDirectory,
}

/** Puts each service's address into the environment; a missing one is named, and in CI a failure. */
async function findServices(): Promise<void> {
  for (const name of Object.keys(services) as ServiceName[]) {
    const { find, hint } = services[name]
    const address = await find(process.env[variableOf[name]] || undefined)
    environment[variableOf[name]] = address
    if (address !== undefined) console.log(`Using ${name} at ${address.replaceAll(/\/\/[^@/]*@/g, '//')}`)
    else if (process.env.CI) fail(`${name} is missing (${hint})`)
    else console.log(`Skipping what needs ${name}: not found (${hint})`)
  }
}

/** One line of TAP: a test's result, or the indented details of a failure. */
function report(line: string): void {
  const [, not, title, directive] = /^(not )?ok \d+ - (.*?)(?: # (SKIP|TODO).*)?$/.exec(line) ?? []
  if (title === undefined) {
    if (!line.startsWith('  ') && !line.startsWith('Bail out')) return
    failures.push(line)
    console.log(line)
  } else if (directive !== undefined) {
    count.skipped++
    // In CI everything that a test needs is there.
    if (process.env.CI) fail(`${title} was skipped`)
    else console.log(`- ${title}`)
  } else if (not !== undefined) fail(title)
  else {
    count.passed++
    console.log(`✔ ${title}`)
  }
}

async function runAva(): Promise<void> {
  const ava = new URL('../node_modules/ava/entrypoints/cli.js', import.meta.url).pathname
  const details = new URL('support/tap-details.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--import', details, ava, '--tap', ...process.argv.slice(2)], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { promise: ended, resolve } = Promise.withResolvers<number | null>()
  child.once('close', resolve)
  for await (const line of createInterface({ input: child.stdout })) report(line)
  const code = await ended
  if (code !== 0 && count.failed === 0) fail(`AVA ended with exit code ${code}`)
}

/** The databases that this run's tests made on the servers. */
async function dropAll(): Promise<void> {
  const servers = [environment[variableOf.MariaDB], environment[variableOf.Galera]?.split(',')[0]]
  for (const server of servers) if (server !== undefined) await dropDatabases(server, run)
}

await findServices()
await runAva()
for (const leak of findLeaks(logDirectory)) fail(`A secret reached a log: ${leak}`)
if (logsIn(logDirectory).length === 0) {
  // In CI the search must not pass for want of anything to search.
  if (process.env.CI) fail('No log was captured')
  else console.log('No log was captured, so none was searched for secrets')
}
await dropAll()
if (count.failed === 0) rmSync(runDirectory, { recursive: true })
else console.log(`Logs are in ${logDirectory}`)

if (failures.length > 0) console.log(['', 'What failed:', ...failures].join('\n'))
const { passed, failed, skipped } = count
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exitCode = failed > 0 ? 1 : 0
