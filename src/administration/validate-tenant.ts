import { testMistakes } from '../claims/mapping-tests.ts'
import { compilePlan, type PlanOptions } from '../claims/plan.ts'
import { connectorSettings } from '../connectors/index.ts'
import { formats } from '../formats/index.ts'
import type { CredentialConfiguration } from '../model/credential-configuration.ts'
import type { IssuerSettings } from '../model/issuer.ts'
import type { TenantFile } from '../model/tenant.ts'
import type { Mistake } from '../protocol/errors.ts'
import { pointerTo } from '../protocol/mistakes.ts'
import { membersOf } from './members-of.ts'
import { attesterMistakes, profileMistakes } from './validate-attesters.ts'
import { serverMistakes, unfillableClaims } from './validate-authorization-servers.ts'
import { claimSourceMistakes } from './validate-claim-sources.ts'
import { directoryMistakes } from './validate-directory.ts'
import { formatMistakes } from './validate-formats.ts'
import { issuerMistakes, type Known, namesIn } from './validate-issuer.ts'
import { keyMistakes } from './validate-keys.ts'
import { lostAtRenewal } from './validate-renewal.ts'

/**
 * `written`: the file before its defaults were filled in, for what only they could contradict. `tests: false`: the tests of the claim rules
 * are left to somebody else.
 */
export type ValidationOptions = { demo: boolean; now: Date; tests?: boolean; written: unknown }

const signingIn = ({ grants }: IssuerSettings): string[] =>
  (grants.authorization_code?.identity_providers ?? []).map(({ id }) => id)

/** What the claim rules of a configuration are compiled with. */
export function planOptions(
  file: TenantFile,
  issuer: IssuerSettings,
  { format }: CredentialConfiguration,
  claimSources: readonly string[] = Object.keys(file.claim_sources),
): PlanOptions {
  // People of an external server are that server's: by its name rules and configurations tell them apart.
  const identityProviders = [...signingIn(issuer), ...(issuer.authorization_servers ?? [])]
  const reservedClaims = formats.get(format)?.reservedClaims ?? []
  return { reservedClaims, identityProviders, claimSources, timeZone: file.time_zone }
}

const below = (path: string[], mistakes: readonly Mistake[]): Mistake[] =>
  mistakes.map((mistake) => ({ ...mistake, pointer: pointerTo(path) + mistake.pointer }))

function configurationMistakes(
  configuration: CredentialConfiguration,
  issuer: IssuerSettings,
  file: TenantFile,
  known: Known,
  { now, tests = true }: ValidationOptions,
): Mistake[] {
  const options = planOptions(file, issuer, configuration, known.claimSources)
  const { identityProviders = [] } = options
  const mistakes: Mistake[] = (configuration.identity_providers ?? []).flatMap((id, index) =>
    identityProviders.includes(id)
      ? []
      : [{ pointer: `/identity_providers/${index}`, detail: `The issuer does not let ${id} sign people in.` }],
  )
  const compiled = compilePlan(configuration, options)
  mistakes.push(...formatMistakes(configuration))
  if ('mistakes' in compiled) return [...mistakes, ...compiled.mistakes]
  const serving = signingIn(issuer).filter((id) => configuration.identity_providers?.includes(id) ?? true)
  mistakes.push(...directoryMistakes(compiled.plan, serving, file.identity_providers))
  mistakes.push(...lostAtRenewal(issuer, compiled.plan, serving))
  mistakes.push(...unfillableClaims(issuer, file.authorization_servers, compiled.plan))
  return tests ? [...mistakes, ...testMistakes(configuration, compiled.plan, now)] : mistakes
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
    for (const [id, configuration] of Object.entries(issuer.credential_configurations)) {
      mistakes.push(
        ...below(
          ['issuers', name, 'credential_configurations', id],
          [
            ...configurationMistakes(configuration, issuer, file, known, options),
            ...keyMistakes(configuration, file.country),
          ],
        ),
      )
    }
  }
  return mistakes
}
