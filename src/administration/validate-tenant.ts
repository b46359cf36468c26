import { testMistakes } from '../claims/mapping-tests.ts'
import { connectorSettings } from '../connectors/index.ts'
import type { CredentialConfiguration } from '../model/credential-configuration.ts'
import type { TenantFile } from '../model/tenant.ts'
import type { Mistake } from '../protocol/errors.ts'
import { pointerTo } from '../protocol/mistakes.ts'
import { membersOf } from './members-of.ts'
import { attesterMistakes, profileMistakes } from './validate-attesters.ts'
import { serverMistakes } from './validate-authorization-servers.ts'
import { claimSourceMistakes } from './validate-claim-sources.ts'
import { formatMistakes } from './validate-formats.ts'
import { issuerMistakes, namesIn } from './validate-issuer.ts'
import { checkRules, planOptions, type Surroundings } from './validate-rules.ts'

/**
 * `written`: the file before its defaults were filled in, for what only they could contradict. `tests: false`: the tests of the claim rules
 * are left to somebody else.
 */
export type ValidationOptions = { demo: boolean; now: Date; tests?: boolean; written: unknown }

const below = (path: string[], mistakes: readonly Mistake[]): Mistake[] =>
  mistakes.map((mistake) => ({ ...mistake, pointer: pointerTo(path) + mistake.pointer }))

/** What a configuration says that cannot be so. Pointers begin at it. */
function configurationMistakes(
  configuration: CredentialConfiguration,
  surroundings: Surroundings,
  { now, tests = true }: ValidationOptions,
): Mistake[] {
  const { identityProviders } = planOptions(configuration, surroundings)
  const strangers = (configuration.identity_providers ?? []).flatMap((id, index) =>
    identityProviders.includes(id)
      ? []
      : [{ pointer: `/identity_providers/${index}`, detail: `The issuer does not let ${id} sign people in.` }],
  )
  const { plan, mistakes } = checkRules(configuration, surroundings)
  return [
    ...strangers,
    ...formatMistakes(configuration),
    ...mistakes,
    ...(plan && tests ? testMistakes(configuration, plan, now) : []),
  ]
}

/** What the schemas of a tenant file cannot see: names that lead nowhere, settings of connectors, claim rules and their tests, what only the demo may do. */
export function validateTenant(file: TenantFile, options: ValidationOptions): Mistake[] {
  const { demo } = options
  const known = namesIn(options.written)
  const mistakes: Mistake[] = []
  for (const [id, provider] of Object.entries(file.identity_providers)) {
    const checked = connectorSettings(provider)
    if ('mistakes' in checked) mistakes.push(...below(['identity_providers', id], checked.mistakes))
  }
  for (const [id, server] of Object.entries(file.authorization_servers))
    mistakes.push(...below(['authorization_servers', id], serverMistakes(server)))
  for (const [id, source] of Object.entries(file.claim_sources))
    mistakes.push(...below(['claim_sources', id], claimSourceMistakes(source)))
  mistakes.push(...profileMistakes(file.wallet_profiles))
  for (const [id, attester] of Object.entries(file.attesters))
    mistakes.push(...below(['attesters', id], attesterMistakes(attester)))
  for (const [name, issuer] of Object.entries(file.issuers)) {
    const written = membersOf(membersOf(options.written).issuers)[name]
    mistakes.push(...below(['issuers', name], issuerMistakes(file, issuer, { demo, known, written })))
    const surroundings = { issuer, tenant: file, claimSources: known.claimSources }
    for (const [id, configuration] of Object.entries(issuer.credential_configurations)) {
      const path = ['issuers', name, 'credential_configurations', id]
      mistakes.push(...below(path, configurationMistakes(configuration, surroundings, options)))
    }
  }
  return mistakes
}
