import { faultOfRenewal } from '../connectors/renew.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { Grant } from '../store/grant-row.ts'
import { mayServe } from './choose-provider.ts'
import { claimsPlace, evaluateClaims, type GrantedClaims, lackingClaims, openClaims } from './evaluate-claims.ts'
import type { HeldRenewal } from './hold-renewal.ts'
import { renewSources } from './renew-sources.ts'

type Needs = Parameters<typeof renewSources>[0] & Pick<Services, 'vault'>

/** Claims of now, sealed for the grant, and the configurations that the person no longer has what it takes for. */
export type FreshClaims = { claimsSealed: Buffer; lost: string[] }

/**
 * The claims of a grant as its way yields them now, by the rules of now. What an administrator's approval brought stays.
 * @throws ProtocolError `refresh-account-ended`, `refresh-session-ended`, `refresh-other-account`, `refresh-unavailable`, and `claim-missing`
 * if the person has lost what each of the credentials needs
 */
export async function renewClaims(
  services: Needs,
  issuer: LiveIssuer,
  { id, terms }: Grant,
  held: HeldRenewal,
): Promise<FreshClaims> {
  const { mandatoryClaims, person } = held.renewal
  const served = terms.datasets
    .map(({ configurationId }) => configurationId)
    .filter((one) => (person ? mayServe(issuer, one, person.identityProvider) : issuer.configurations.has(one)))
  const sources = await renewSources(services, issuer, held, served).catch((error: unknown) => {
    throw error instanceof ProtocolError ? faultOfRenewal(error) : error
  })
  const sealer = await services.vault.of(issuer.tenantId)
  const before = openClaims(sealer, id, held.claimsSealed)
  const [claims, lost]: [GrantedClaims, string[]] = [{}, []]
  for (const configurationId of served) {
    const configuration = issuer.configurations.get(configurationId)!
    const evaluated = evaluateClaims(configuration, sources, services.clock())
    const found = 'claims' in evaluated ? evaluated.claims : undefined
    const kept = configuration.approval === 'manual' ? before[configurationId] : undefined
    if (found && lackingClaims(configuration, found, mandatoryClaims?.[configurationId]).length === 0)
      claims[configurationId] = found
    else if (kept) claims[configurationId] = kept
    else lost.push(configurationId)
  }
  if (Object.keys(claims).length === 0)
    throw new ProtocolError('invalid_grant', 'The person no longer has what the credential needs.', {
      cause: { fault: 'claim-missing', configurations: lost },
    })
  return { claimsSealed: sealer.seal(claimsPlace(id), JSON.stringify(claims)), lost }
}
