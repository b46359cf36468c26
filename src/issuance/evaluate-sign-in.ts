import type { UnusableClaim } from '../claims/evaluate.ts'
import type { SignIn } from '../connectors/connector.ts'
import { claimName } from '../model/display.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { ClaimsPath } from '../protocol/claims-path.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { mayServe } from './choose-provider.ts'
import { evaluateClaims, type GrantedClaims, lackingClaims } from './evaluate-claims.ts'
import { gatherSources, type KnownSources, sessionOf } from './gather-sources.ts'
import { offerClaims } from './offer-behind.ts'
import type { Browser, OpenSignIn } from './open-sign-in.ts'
import { listOf } from './problem-fill.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'fetch' | 'providerKeys' | 'tables' | 'vault' | 'log'>

/** A configuration that cannot be issued, and the claims that are in the way. */
export type Lacking = { configurationId: string; missing: string[]; unusable: string[] }

/** What a sign-in gave, kept sealed until the person decides. */
export type SignInResult = {
  claims: GrantedClaims
  leftOut: Lacking[]
  account: { name?: string | undefined; email?: string | undefined }
  /** Under this the account is found again, without its subject. */
  personIndex: string
  identityProvider: string
}

/**
 * The claims of every configuration asked for, evaluated now: who cannot get them learns it at once, not in the wallet. What some
 * lack is left out; if nothing is left, that is an error.
 * @throws ProtocolError `access_denied` with the claims by the names that people know, and never a value; a fault of the directory
 */
export async function evaluateSignIn(
  services: Needs,
  issuer: LiveIssuer,
  open: OpenSignIn,
  signedIn: SignIn,
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
    ...(request.offer && { offer: await offerClaims(services, issuer, request.offer) }),
    session: sessionOf(identityProvider, signedIn.id_token),
  }
  // Not to be had at this provider, or no longer at all: no claim of the account is in the way.
  const served = request.configurationIds.filter((one) => mayServe(issuer, one, identityProvider))
  const sources = await gatherSources(services, issuer, served, known)
  const [claims, leftOut, broken]: [GrantedClaims, Lacking[], UnusableClaim[]] = [{}, [], []]
  for (const configurationId of served) {
    const configuration = issuer.configurations.get(configurationId)!
    const evaluated = evaluateFor(configuration, sources, now, request.mandatoryClaims?.[configurationId])
    if ('claims' in evaluated) claims[configurationId] = evaluated.claims
    else {
      const { missing, unusable } = evaluated
      log.info({ session: id, configurationId, missing, unusable }, 'An account lacks what a credential needs')
      leftOut.push({ configurationId, missing, unusable: unusable.map(({ claim }) => claim) })
      broken.push(...unusable.filter(({ cause }) => cause !== undefined))
    }
  }
  if (Object.keys(claims).length === 0) throw lackingError(issuer, leftOut, broken, language)
  const sealer = await vault.of(issuer.tenantId)
  const personIndex = sealer.index(JSON.stringify([signedIn.account.issuer, signedIn.account.subject]))
  return { claims, leftOut, account: accountOf(signedIn), personIndex, identityProvider }
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

function lackingError(
  issuer: LiveIssuer,
  leftOut: Lacking[],
  broken: readonly UnusableClaim[],
  language: string,
): ProtocolError {
  const denied = (fault: string, help: string, fill: Record<string, string> = {}) => {
    const cause = { fault, lacking: leftOut, ...(broken.length > 0 && { broken }) }
    return new ProtocolError('access_denied', 'The account lacks what the credential needs.', { help, fill, cause })
  }
  const namesOf = (kind: 'missing' | 'unusable') => [
    ...new Set(
      leftOut.flatMap((lacking) =>
        lacking[kind].map((claim) => claimName(issuer, lacking.configurationId, claim, language)),
      ),
    ),
  ]
  const [missing, unusable] = [namesOf('missing'), namesOf('unusable')]
  if (missing.length > 1) return denied('claim-missing', 'missing-claims', { claims: listOf(missing, language) })
  if (missing[0] !== undefined) return denied('claim-missing', 'missing-claim', { claim: missing[0] })
  if (unusable[0] === undefined) return denied('not-eligible', 'not-eligible')
  return denied(broken.length > 0 ? 'mapping-broken' : 'claim-invalid', 'claim-not-usable', { claim: unusable[0] })
}
