import type { LiveIssuer } from '../model/live.ts'
import { preAuthorizedCodeGrant } from '../protocol/token.ts'
import type { OfferTerms } from '../store/offer-row.ts'

export type OfferSecrets = { handle: string; code?: string; issuerState?: string }
export type CredentialOffer = {
  credential_issuer: string
  credential_configuration_ids: string[]
  grants: Record<string, unknown>
}
export type OfferLinks = { credentialOffer: CredentialOffer; credentialOfferUrl: string; offerPageUrl: string }

/** The Credential Offer object, OpenID4VCI §4.1.1. No data of the person is in it (VCI-36). */
export function credentialOfferOf(
  issuer: LiveIssuer,
  terms: OfferTerms,
  { code, issuerState }: Omit<OfferSecrets, 'handle'>,
): CredentialOffer {
  const grants: Record<string, unknown> = {}
  if (issuerState !== undefined) grants.authorization_code = { issuer_state: issuerState }
  if (code !== undefined)
    grants[preAuthorizedCodeGrant] = { 'pre-authorized_code': code, ...(terms.txCode && { tx_code: terms.txCode }) }
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
