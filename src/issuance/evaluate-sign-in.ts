import type { UnusableClaim } from '../claims/evaluate.ts'
import type { SignIn } from '../connectors/connector.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { ClaimsPath } from '../protocol/claims-path.ts'
import type { Services } from '../services.ts'
import { subjectText } from './check-subject.ts'
import { mayServe } from './choose-provider.ts'
import { askClaimSources } from './claim-sources.ts'
import { evaluateClaims, type GrantedClaims, lackingClaims } from './evaluate-claims.ts'
import { gatherSources, type KnownSources, sessionOf } from './gather-sources.ts'
import { type Lacking, lackingError } from './lacking-claims.ts'
import { type OfferBehind, offerClaims } from './offer-behind.ts'
import type { Browser, OpenSignIn } from './open-sign-in.ts'
import { mayBeBound } from './refresh-policy.ts'
import { drawRenewal, type Renewal } from './renewal.ts'
import { toKeep, type WaitingClaims } from './waiting-claims.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'fetch' | 'keyRing' | 'providerKeys' | 'tables' | 'vault' | 'log'>

/** Who signed in, and the offer that the wallet came from. */
export type SignedIn = { signedIn: SignIn; behind: OfferBehind | undefined }

/** What a sign-in gave, kept sealed until the person decides. */
export type SignInResult = {
  claims: GrantedClaims
  /** What comes later, when a claim source can be read. */
  waiting?: Record<string, WaitingClaims>
  leftOut: Lacking[]
  account: { name?: string | undefined; email?: string | undefined }
  /** Under this the account is found again, without its subject. */
  personIndex: string
  identityProvider: string
  /** How the claims are fetched again when the wallet renews. */
  renewal?: Renewal
}

/**
 * The claims of every configuration asked for, evaluated now: who cannot get them learns it at once, not in the wallet. What some
 * lack is left out; if nothing is left, that is an error. What needs a claim source that is unavailable may come later.
 * @throws ProtocolError `access_denied` with the claims by the names that people know, and never a value; a fault of the directory or of a
 * claim source
 */
export async function evaluateSignIn(
  services: Needs,
  issuer: LiveIssuer,
  open: OpenSignIn,
  { signedIn, behind }: SignedIn,
  { language }: Browser,
): Promise<SignInResult> {
  const { clock, log, vault } = services
  const { id, request, signIn } = open
  const [identityProvider, now] = [signIn.identityProvider ?? '', clock()]
  const known: KnownSources = {
    account: signedIn.account,
    id_token: signedIn.id_token,
    userinfo: signedIn.userinfo,
    ...(signedIn.unknown && { unknown: signedIn.unknown }),
    ...(behind && { offer: await offerClaims(services, issuer, behind) }),
    session: sessionOf(identityProvider, signedIn.id_token),
  }
  // Not to be had at this provider, or no longer at all: no claim of the account is in the way.
  const served = request.configurationIds.filter((one) => mayServe(issuer, one, identityProvider))
  const sources = await gatherSources(services, issuer, served, known)
  const gathered = await askClaimSources(services, issuer, served, sources, { mayWait: mayBeBound(issuer) })
  const waiting: Record<string, WaitingClaims> = {}
  const [claims, leftOut, broken]: [GrantedClaims, Lacking[], UnusableClaim[]] = [{}, [], []]
  for (const configurationId of served) {
    const configuration = issuer.configurations.get(configurationId)!
    const mandatory = request.mandatoryClaims?.[configurationId]
    const kept = toKeep(issuer, configuration, gathered, mandatory)
    const evaluated = kept ?? evaluateFor(configuration, gathered.sources, now, mandatory)
    if ('sources' in evaluated) waiting[configurationId] = evaluated
    else if ('claims' in evaluated) claims[configurationId] = evaluated.claims
    else {
      const { missing, unusable } = evaluated
      log.info({ session: id, configurationId, missing, unusable }, 'An account lacks what a credential needs')
      leftOut.push({ configurationId, missing, unusable: unusable.map(({ claim }) => claim) })
      broken.push(...unusable.filter(({ cause }) => cause !== undefined))
    }
  }
  if (Object.keys({ ...claims, ...waiting }).length === 0) throw lackingError(issuer, leftOut, broken, language)
  const sealer = await vault.of(issuer.tenantId)
  const personIndex = sealer.index(subjectText.account(signedIn.account.issuer, signedIn.account.subject))
  const renewal = drawRenewal(issuer, request, signedIn, known)
  const result = { claims, waiting, leftOut, account: accountOf(signedIn), personIndex, identityProvider }
  return renewal ? { ...result, renewal } : result
}

/** The claims of one credential, unless one is missing that a rule or the wallet calls mandatory (OpenID4VCI Appendix B.1). */
function evaluateFor(
  ...[configuration, sources, now, mandatory]: [...Parameters<typeof evaluateClaims>, ClaimsPath[]?]
) {
  const evaluated = evaluateClaims(configuration, sources, now)
  if (!('claims' in evaluated)) return evaluated
  const missing = lackingClaims(configuration, evaluated.claims, mandatory)
  return missing.length > 0 ? { missing, unusable: [] } : evaluated
}

/** Who signed in, as the consent page shows it. */
function accountOf({ id_token, userinfo }: SignIn): SignInResult['account'] {
  const first = (name: string) => [userinfo[name], id_token[name]].find((value) => typeof value === 'string' && value)
  const [name, email] = [first('name') ?? first('preferred_username'), first('email')] as (string | undefined)[]
  return { name, email }
}
