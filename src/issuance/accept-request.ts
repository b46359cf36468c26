import type { LiveIssuer } from '../model/live.ts'
import type { SubjectKind } from '../model/subject.ts'
import { readAuthorizationRequest, readReturnAddress } from '../protocol/authorization-request.ts'
import type { ClaimsPath } from '../protocol/claims-path.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { findByIssuerState, type OfferBehind, type OfferReference, offerLoginHint } from './offer-behind.ts'
import type { Sender } from './open-session.ts'
import { selectConfigurations } from './select-configurations.ts'
import { parametersToKeep } from './sign-in-parameters.ts'
import { proveRedirectUri } from './wallets.ts'

type Needs = Pick<Services, 'clock' | 'tables' | 'vault'>

/** Where answers go: the type is the proof that the redirect URI is the client's. */
export type ProvenReturn = {
  clientId: string
  redirectUri: string
  state: string | undefined
  walletProfile: string | undefined
}

/** An authorization request that was checked; kept sealed from then on. */
export type AcceptedRequest = ProvenReturn & {
  codeChallenge: string
  /** The claims without which the wallet does not want a credential, by configuration. */
  mandatoryClaims: Record<string, ClaimsPath[]>
  configurationIds: string[]
  /** The wallet asked by `authorization_details`, so the token response names identifiers. */
  byDetails: boolean
  scope: string | undefined
  /** The DPoP key that the code is bound to (RFC 9449 §10). */
  keyThumbprint: string | undefined
  /** The wallet instance's key (OpenID4VCI Appendix E), which has to be the same at the token endpoint. */
  attestationKey: string | undefined
  authentication: Sender['authentication']
  /** What the attester calls the wallet. */
  walletName: string | undefined
  offer: OfferReference | undefined
  /** The view of the offer page that the wallet came from. */
  viewHash: string | undefined
  /** Where the offer lets people sign in. */
  identityProvider: string | undefined
  loginHint: string | undefined
  /** How the offer names its person, where it does. */
  subject?: SubjectKind | undefined
  /** Where the wallet would have the person sign in; requests of an earlier version have no hints. */
  providerHint?: string | undefined
  domainHint?: string | undefined
  /** The parameters that rules for sign-ins read, as the wallet sent them. */
  parameters?: Record<string, string>
}

/**
 * Who asks and where the answer goes.
 * @throws ProtocolError that never may become a redirect: nothing is proven
 */
export function proveReturn(issuer: LiveIssuer, parameters: URLSearchParams, sender?: Sender): ProvenReturn {
  if (!issuer.settings.grants.authorization_code)
    throw new ProtocolError('unauthorized_client', 'This issuer does not serve the authorization code flow.')
  const { client_id: clientId, redirect_uri: redirectUri, state } = readReturnAddress(parameters)
  const { profileId } = proveRedirectUri(issuer, clientId, redirectUri, sender)
  return { clientId, redirectUri, state, walletProfile: profileId }
}

/**
 * Authorization Request, OpenID4VCI §5.1: checked against what the issuer has and against the offer it came from.
 * A pushed request has a `sender`, whose DPoP key and `dpop_jkt` must be the same (RFC 9449 §10.1).
 * @throws ProtocolError with a code of the authorization response; with `help` where the offer is over
 */
export async function acceptRequest(
  services: Needs,
  issuer: LiveIssuer,
  parameters: URLSearchParams,
  proven: ProvenReturn,
  sender?: Sender,
): Promise<AcceptedRequest> {
  const request = readAuthorizationRequest(parameters, issuer.identifier)
  const provenThumbprint = sender?.keyThumbprint
  const { dpopThumbprint = provenThumbprint } = request
  if (provenThumbprint !== undefined && dpopThumbprint !== provenThumbprint)
    throw new ProtocolError('invalid_request', 'dpop_jkt is not the key of the DPoP proof.')
  const { issuerState } = request
  const behind = issuerState === undefined ? undefined : await findByIssuerState(services, issuer, issuerState)
  const asked = selectConfigurations(issuer, request, behind?.terms.configurationIds)
  return {
    ...proven,
    ...asked,
    codeChallenge: request.codeChallenge,
    // Where DPoP is off a wallet may name its key all the same; the code is not bound to what nobody will prove.
    keyThumbprint: issuer.settings.dpop === 'off' ? undefined : dpopThumbprint,
    attestationKey: sender?.attestationKey,
    authentication: sender?.authentication ?? 'none',
    walletName: sender?.name,
    ...remembered(behind),
    loginHint: (behind && (await offerLoginHint(services, issuer, behind))) ?? request.loginHint,
    providerHint: request.providerHint,
    domainHint: request.domainHint,
    parameters: parametersToKeep(issuer, parameters),
  }
}

/** What a request remembers of the offer behind it. */
function remembered(behind: OfferBehind | undefined) {
  return {
    offer:
      behind &&
      ('personal' in behind ? { id: behind.personal.id, shared: false } : { id: behind.shared.id, shared: true }),
    viewHash: behind && 'shared' in behind ? behind.viewHash : undefined,
    identityProvider: behind?.terms.identityProvider,
    subject: behind?.terms.subject,
  }
}
