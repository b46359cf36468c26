import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import { preAuthorizedCodeGrant } from '../protocol/token.ts'
import type { OfferTerms } from '../store/offer-row.ts'
import { authorizationServersOf } from './describe-issuer.ts'

export type OfferSecrets = { handle: string; code?: string; issuerState?: string }
export type CredentialOffer = {
  credential_issuer: string
  credential_configuration_ids: string[]
  grants: Record<string, unknown>
}
export type OfferLinks = { credentialOffer: CredentialOffer; credentialOfferUrl: string; offerPageUrl: string }

/** The authorization server of an offer, where the wallet could mean another one (VCI-33). */
function serverOf(issuer: LiveIssuer, { authorizationServer: name }: OfferTerms): { authorization_server?: string } {
  const external = issuer.authorizationServers.find(({ id }) => id === name)
  if (name !== undefined && !external)
    throw new ProtocolError('gone', 'The authorization server of the offer is not there any more.', {
      help: 'offer-withdrawn',
    })
  if (authorizationServersOf(issuer).length < 2) return {}
  return { authorization_server: external?.issuer ?? issuer.identifier }
}

/** The Credential Offer object, OpenID4VCI §4.1.1. No data of the person is in it (VCI-36). */
export function credentialOfferOf(
  issuer: LiveIssuer,
  terms: OfferTerms,
  { code, issuerState }: Omit<OfferSecrets, 'handle'>,
): CredentialOffer {
  const grants: Record<string, unknown> = {}
  const server = serverOf(issuer, terms)
  // An external server knows nothing of an issuer_state of ours.
  if (terms.authorizationServer !== undefined) grants.authorization_code = server
  else if (issuerState !== undefined) grants.authorization_code = { issuer_state: issuerState, ...server }
  if (code !== undefined)
    grants[preAuthorizedCodeGrant] = {
      'pre-authorized_code': code,
      ...(terms.txCode && { tx_code: terms.txCode }),
      ...server,
    }
  return { credential_issuer: issuer.identifier, credential_configuration_ids: terms.configurationIds, grants }
}

/** The link that opens an offer in a wallet, by reference or by value (§4.1.2, §4.1.3), for a scheme or an https address. */
export function walletLink(
  issuer: LiveIssuer,
  { scheme, by }: Pick<OfferTerms, 'scheme' | 'by'>,
  offer: CredentialOffer,
  handle: string,
): string {
  const parameter =
    by === 'value'
      ? `credential_offer=${encodeURIComponent(JSON.stringify(offer))}`
      : `credential_offer_uri=${encodeURIComponent(`${issuer.identifier}/offers/${handle}`)}`
  return `${scheme}${scheme.includes('?') ? '&' : '?'}${parameter}`
}

/** Everything that is made of an offer's secrets; never stored, never logged. */
export function offerLinks(issuer: LiveIssuer, terms: OfferTerms, secrets: OfferSecrets): OfferLinks {
  const credentialOffer = credentialOfferOf(issuer, terms, secrets)
  return {
    credentialOffer,
    credentialOfferUrl: walletLink(issuer, terms, credentialOffer, secrets.handle),
    offerPageUrl: `${issuer.identifier}/offer/${secrets.handle}`,
  }
}
