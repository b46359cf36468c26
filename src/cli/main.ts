import { environment } from '../config.ts'
import { run } from './run.ts'

process.exitCode = await run(process.argv.slice(2), {
  environment: environment(),
  fetch: globalThis.fetch,
  now: () => new Date(),
  print: (text) => process.stdout.write(`${text}\n`),
  note: (text) => process.stderr.write(`${text}\n`),
})
