import type { ClaimPlan } from '../claims/evaluate.ts'
import { compilePlan, type PlanOptions } from '../claims/plan.ts'
import { formats } from '../formats/index.ts'
import type { CredentialConfiguration } from '../model/credential-configuration.ts'
import type { IssuerSettings } from '../model/issuer.ts'
import type { TenantFile } from '../model/tenant.ts'
import type { Mistake } from '../protocol/errors.ts'
import { unfillableClaims } from './validate-authorization-servers.ts'
import { directoryMistakes } from './validate-directory.ts'
import { keyMistakes } from './validate-keys.ts'
import { lostAtRenewal } from './validate-renewal.ts'

/** What claim rules are judged by beside their configuration: the issuer, and what its tenant has. */
export type Surroundings = {
  issuer: Pick<IssuerSettings, 'grants' | 'refresh_tokens' | 'authorization_servers'>
  tenant: Pick<TenantFile, 'identity_providers' | 'authorization_servers' | 'country' | 'time_zone'>
  claimSources: readonly string[]
}

const signingIn = ({ grants }: Surroundings['issuer']): string[] =>
  (grants.authorization_code?.identity_providers ?? []).map(({ id }) => id)

/** What the claim rules of a configuration are compiled with. */
export function planOptions(
  { format }: Pick<CredentialConfiguration, 'format'>,
  { issuer, tenant, claimSources }: Surroundings,
): Required<PlanOptions> {
  // People of an external server are that server's: by its name rules and configurations tell them apart.
  const identityProviders = [...signingIn(issuer), ...(issuer.authorization_servers ?? [])]
  const reservedClaims = formats.get(format)?.reservedClaims ?? []
  return { reservedClaims, identityProviders, claimSources, timeZone: tenant.time_zone }
}

/** The plan of a configuration's claim rules if they compile, and every mistake in them but those of its format. Pointers begin at the configuration. */
export function checkRules(
  configuration: CredentialConfiguration,
  surroundings: Surroundings,
): { plan?: ClaimPlan; mistakes: Mistake[] } {
  const { issuer, tenant } = surroundings
  const compiled = compilePlan(configuration, planOptions(configuration, surroundings))
  const mistakes = keyMistakes(configuration, tenant.country)
  if ('mistakes' in compiled) return { mistakes: [...mistakes, ...compiled.mistakes] }
  const { plan } = compiled
  const serving = signingIn(issuer).filter((id) => configuration.identity_providers?.includes(id) ?? true)
  mistakes.push(...directoryMistakes(plan, serving, tenant.identity_providers))
  mistakes.push(...lostAtRenewal(issuer, plan, serving))
  mistakes.push(...unfillableClaims(issuer, tenant.authorization_servers, plan))
  return { plan, mistakes }
}
