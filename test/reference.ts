import { writeFileSync } from 'node:fs'
import { ProductionSettings, Settings } from '../src/settings.ts'

/** docs/reference/settings.md, made from the schema that reads the environment. */
export function settingsPage(): string {
  const rows = Object.entries(Settings.shape).map(([name, schema]) => {
    const required = !ProductionSettings.shape[name as keyof typeof Settings.shape].safeParse(undefined).success
    const standard = schema.safeParse(undefined).data
    const given = typeof standard === 'string' || typeof standard === 'number' ? ` Default: \`${standard}\`.` : ''
    return `| \`${name}\` | ${required ? 'yes' : ''} | ${schema.description}${given} |`
  })
  return `# Settings

Claimgate reads its settings from the environment when it starts. This page is made from the schema that reads them
(\`node test/reference.ts\`).

* Every variable can also come from a file: \`CLAIMGATE_SECRET_FILE=/run/secrets/claimgate\` reads \`CLAIMGATE_SECRET\` from there.
* A name that begins with \`CLAIMGATE_\` and is not on this page is refused, so that a slip of the pen does not go unnoticed. What
  Kubernetes injects for a Service named claimgate (\`CLAIMGATE_PORT=tcp://…\`, \`CLAIMGATE_SERVICE_HOST\`, …) is ignored.
* A variable that is set but empty counts as not set. All mistakes are named at once.
* "Required" is about production, \`claimgate start\`. The demo, \`claimgate start --demo\`, needs no variable at all.

| variable | required | |
| --- | --- | --- |
${rows.join('\n')}
`
}

if (import.meta.main) writeFileSync(new URL('../docs/reference/settings.md', import.meta.url), settingsPage())
