import { compilePlan, type PlanOptions } from '../claims/plan.ts'
import { formats } from '../formats/index.ts'
import type { Claims } from '../model/claim-mapping.ts'
import type { LiveConfiguration, LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import { directoryMistakes } from './validate-directory.ts'
import { formatMistakes } from './validate-formats.ts'

export type Drafted = { issuer: LiveIssuer; configuration: LiveConfiguration }

/** What the rules of a live configuration are compiled with. */
export const livePlanOptions = (
  { tenant, identityProviders, authorizationServers }: LiveIssuer,
  { format, timeZone }: LiveConfiguration,
): PlanOptions => ({
  reservedClaims: formats.get(format)?.reservedClaims ?? [],
  identityProviders: [...identityProviders, ...authorizationServers].map(({ id }) => id),
  claimSources: [...tenant.claimSources.keys()],
  timeZone,
})

/**
 * An issuer one of whose credential configurations has other rules than the saved ones, checked as they would be before they are saved;
 * with its own rules if there are no others.
 * @throws ProtocolError `not_found`, or `unprocessable` with every mistake; its pointer begins at `/claims`
 */
export function draftClaims(issuer: LiveIssuer, configurationId: string, claims: Claims | undefined): Drafted {
  const saved = issuer.configurations.get(configurationId)
  if (!saved) throw new ProtocolError('not_found', 'The issuer has no such credential configuration.')
  if (!claims) return { issuer, configuration: saved }
  const draft = { ...saved, claims }
  const compiled = compilePlan(draft, livePlanOptions(issuer, draft))
  const providers = [...issuer.tenant.identityProviders].map(([id, { id: _, ...settings }]) => [id, settings] as const)
  const serving = issuer.identityProviders
    .map(({ id }) => id)
    .filter((id) => draft.identity_providers?.includes(id) ?? true)
  const mistakes = [
    ...formatMistakes(draft),
    ...('plan' in compiled
      ? directoryMistakes(compiled.plan, serving, Object.fromEntries(providers))
      : compiled.mistakes),
  ]
  if (mistakes.length > 0)
    throw new ProtocolError('unprocessable', 'The claim rules cannot be as described.', { mistakes })
  return {
    issuer: { ...issuer, configurations: new Map([...issuer.configurations, [configurationId, draft]]) },
    configuration: draft,
  }
}
