import { readFile } from 'node:fs/promises'
import test from 'ava'
import { testMistakes } from '../../src/claims/mapping-tests.ts'
import { compilePlan } from '../../src/claims/plan.ts'
import { run } from '../../src/cli/run.ts'
import type { Terminal } from '../../src/cli/terminal.ts'
import { connectorSettings, connectors } from '../../src/connectors/index.ts'
import { presets } from '../../src/connectors/presets/index.ts'
import { Preset } from '../../src/connectors/presets/preset.ts'
import { CredentialConfiguration } from '../../src/model/credential-configuration.ts'
import { TenantFile } from '../../src/model/tenant.ts'
import { presetFile, providersPage } from '../reference.ts'

for (const [id, preset] of Object.entries(presets)) {
  test(`Presets: ${id}: its settings are those of its connector, and what goes wrong is said where it would`, (t) => {
    t.notThrows(() => Preset.parse(preset))
    t.true(Object.hasOwn(connectors, preset.kind))
    const checked = connectorSettings({ kind: preset.kind, ...preset.settings })
    t.deepEqual('mistakes' in checked ? checked.mistakes : [], [])
    t.true(Object.hasOwn(preset.settings, preset.address.setting))
    t.deepEqual(TenantFile.safeParse(presetFile(id, preset)).error?.issues ?? [], [])
  })

  test(`Presets: ${id}: its example address looks as its pattern says`, (t) => {
    const { setting, pattern } = preset.address
    const literal = pattern.split(/\{[^}]*\}/).map((part) => part.replaceAll(/[.?/\\()]/g, '\\$&'))
    const shape = new RegExp(`^${literal.join('.+')}$`)
    if (id === 'oidc') t.is(pattern, 'https://{host}/{path}')
    else t.regex(String(preset.settings[setting]), shape)
  })

  test(`Presets: ${id}: its claim rules compile, and give what its tests say`, (t) => {
    const configuration = CredentialConfiguration.parse({
      ...{ format: 'dc+sd-jwt', claims: preset.claims, tests: preset.tests },
    })
    const compiled = compilePlan(configuration, { reservedClaims: [] })
    if ('mistakes' in compiled) return t.deepEqual(compiled.mistakes, [])
    t.deepEqual(testMistakes(configuration, compiled.plan, new Date('2026-11-27')), [])
    t.true(preset.tests.length > 0)
  })

  test(`Presets: ${id}: the redirect URI is named where it is to be entered`, (t) => {
    const steps = preset.steps.map((said) => (typeof said === 'string' ? said : said.unchecked))
    t.true(steps.some((step) => step.includes('{redirect_uri}')))
  })
}

test('docs/reference/identity-providers.md is what the presets say', async (t) => {
  const page = await readFile(new URL('../../docs/reference/identity-providers.md', import.meta.url), 'utf8')
  t.is(page, providersPage(), 'run `node test/reference.ts`')
})

async function said(...words: string[]) {
  const [printed, noted]: [string[], string[]] = [[], []]
  const terminal: Terminal = {
    environment: { CLAIMGATE_URL: 'https://id.acme.example' },
    fetch: () => Promise.reject(new Error('This command asks nobody.')),
    now: () => new Date(),
    print: (text) => printed.push(text),
    note: (text) => noted.push(text),
  }
  const code = await run(['presets', ...words], terminal)
  return { code, printed: printed.join('\n'), noted: noted.join('\n') }
}

test('`claimgate presets` lists the products, and for one prints the steps with the redirect URI of a provider', async (t) => {
  const all = await said()
  t.is(all.code, 0)
  for (const id of Object.keys(presets)) t.regex(all.printed, new RegExp(`^${id} `, 'm'))

  const { code, printed } = await said('okta', 'acme/login')
  t.is(code, 0)
  t.regex(printed, /Sign-in redirect URIs https:\/\/id\.acme\.example\/acme\/callback\/login\./)
  t.notRegex(printed, /\*\*|`|redirect_uri/)
  t.regex((await said('okta')).printed, /https:\/\/id\.acme\.example\/\{tenant\}\/callback\/\{identity provider\}/)

  t.like(await said('oktopus'), { code: 1, printed: '' })
  t.regex((await said('oktopus')).noted, /There is no preset oktopus; there is keycloak, /)
  t.is((await said('okta', 'acme')).code, 2)
})
