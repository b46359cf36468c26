import { readsMember } from '../claims/reads.ts'
import type { Sources } from '../model/claim-mapping.ts'
import type { LiveConfiguration, LiveIssuer } from '../model/live.ts'
import type { ClaimsPath } from '../protocol/claims-path.ts'
import { claimSourcesOf, type Gathered, readsFor } from './claim-sources.ts'
import type { GrantedClaims } from './evaluate-claims.ts'

/** What is kept, sealed, of a person whose credential waits for a claim source: what its rules and the source's templates read. */
export type WaitingClaims = { sources: Sources; mandatory?: ClaimsPath[] }

/** Beside the claims in a grant's `claims_sealed`, under a name that no configuration can have. */
const keyOf = (configurationId: string) => `waiting:${configurationId}`

/** What of the sources a configuration needs, if a source that it reads is to be asked again. */
export function toKeep(
  issuer: LiveIssuer,
  configuration: LiveConfiguration,
  { sources, waiting }: Gathered,
  mandatory: ClaimsPath[] | undefined,
): WaitingClaims | undefined {
  const provider = sources.session.identity_provider
  if (!claimSourcesOf(configuration, provider).some((name) => waiting.includes(name))) return undefined
  const { session, source: _, ...others } = sources
  const reads = readsFor(issuer, configuration, provider)
  const kept = Object.entries(others).map(([root, members]) => {
    return [root, Object.fromEntries(Object.entries(members).filter(([name]) => readsMember(reads, root, name)))]
  })
  return { sources: { ...Object.fromEntries(kept), session }, ...(mandatory && { mandatory }) }
}

/** What `claims_sealed` holds: the claims by configuration, and what waits. */
export const withWaiting = (claims: GrantedClaims, waiting: Record<string, WaitingClaims> = {}): GrantedClaims => ({
  ...claims,
  ...Object.fromEntries(Object.entries(waiting).map(([id, kept]) => [keyOf(id), kept])),
})

export const waitingIn = (granted: GrantedClaims, configurationId: string): WaitingClaims | undefined =>
  granted[keyOf(configurationId)] as WaitingClaims | undefined

/** The same with the claims in the place of what waited for them. */
export function withClaims(granted: GrantedClaims, configurationId: string, claims: Record<string, unknown>) {
  const { [keyOf(configurationId)]: _, ...others } = granted
  return { ...others, [configurationId]: claims }
}
