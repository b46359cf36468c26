import { run } from '../../src/cli/run.ts'
import { apiKey } from './tenant.ts'

/** A command line that speaks to a node with the key of the client `portal`: its exit code and all it wrote. */
export async function commandLine(url: string, words: string[]): Promise<{ code: number; text: string }> {
  const lines: string[] = []
  const write = (text: string) => lines.push(text)
  const environment = { CLAIMGATE_URL: url, CLAIMGATE_API_KEY: apiKey }
  const code = await run(words, {
    environment,
    fetch: globalThis.fetch,
    now: () => new Date(),
    print: write,
    note: write,
  })
  return { code, text: lines.join('\n') }
}
