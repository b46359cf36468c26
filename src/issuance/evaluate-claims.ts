import { type EvaluatedClaims, evaluatePlan } from '../claims/evaluate.ts'
import type { Sources } from '../model/claim-mapping.ts'
import type { LiveConfiguration } from '../model/live.ts'
import { type ClaimsPath, selectClaims } from '../protocol/claims-path.ts'
import type { Sealer } from '../store/sealed.ts'
import { planOf } from './plans.ts'

export type ClaimsRefused = Pick<EvaluatedClaims, 'missing' | 'unusable'>

/** The claims of one credential, or the keys of the claims that are missing or cannot be used. Never throws for what the sources hold. */
export function evaluateClaims(
  configuration: LiveConfiguration,
  sources: Sources,
  now: Date,
): { claims: Record<string, unknown> } | ClaimsRefused {
  const { claims, missing, unusable } = evaluatePlan(planOf(configuration), sources, now)
  return missing.length > 0 || unusable.length > 0 ? { missing, unusable } : { claims }
}

/** The claims that a wallet calls mandatory and that these do not hold, OpenID4VCI Appendix B.1, as dotted paths. */
export const lackingClaims = (
  { format }: LiveConfiguration,
  claims: Record<string, unknown>,
  mandatory: readonly ClaimsPath[] = [],
): string[] =>
  mandatory
    .filter((path) => selectClaims(claims, path, format) === undefined)
    .map((path) => path.map((step) => step ?? '*').join(format === 'mso_mdoc' ? '/' : '.'))

/** What the grant's `claims_sealed` holds: the claims of every configuration that it covers. */
export type GrantedClaims = Record<string, Record<string, unknown>>

export const claimsPlace = (grantId: string) => ({ table: 'grants', column: 'claims_sealed', row: grantId })

/** The same, opened; nothing where it was wiped. */
export const openClaims = (sealer: Sealer, grantId: string, sealed: Buffer): GrantedClaims =>
  sealed.length > 0 ? JSON.parse(sealer.open(claimsPlace(grantId), sealed).toString()) : {}
