import { z } from 'zod'
import { accept, readAnswer } from './answer.ts'
import { WalletError } from './errors.ts'
import type { Fetch } from './exchange.ts'
import { AuthorizationServerMetadata, IssuerMetadata, Offer, preAuthorizedCode } from './messages.ts'

/** A credential issuer and the authorization server that an offer means. */
export type Metadata = { issuer: IssuerMetadata; authorizationServer: AuthorizationServerMetadata }

const get = async (fetch: Fetch, url: string | URL) =>
  readAnswer(await fetch(url, { headers: { accept: 'application/json' }, redirect: 'error' }))

/** The well-known address of an identifier: inserted between host and path (OpenID4VCI §12.2.2, RFC 8414 §3.1). */
export function wellKnown(identifier: string, name: string): string {
  const { origin, pathname } = new URL(identifier)
  return `${origin}/.well-known/${name}${pathname.replace(/\/$/, '')}`
}

/**
 * Credential Offer, OpenID4VCI §4.1: from an offer link of any scheme (by value or by reference), or from its JSON.
 * Throws `invalid_offer`, or what the server answered for an offer by reference.
 */
export async function resolveOffer(fetch: Fetch, linkOrJson: string): Promise<Offer> {
  if (linkOrJson.trimStart().startsWith('{')) return parseOffer(linkOrJson)
  if (!URL.canParse(linkOrJson)) throw new WalletError('invalid_offer', 'An offer is a link or a JSON object.')
  const { searchParams } = new URL(linkOrJson)
  const values = searchParams.getAll('credential_offer')
  const references = searchParams.getAll('credential_offer_uri')
  if (values.length + references.length !== 1) {
    throw new WalletError('invalid_offer', 'An offer link has either credential_offer or credential_offer_uri, once.')
  }
  if (values[0] !== undefined) return parseOffer(values[0])
  const reference = references[0] ?? ''
  if (!URL.canParse(reference) || !/^https?:$/.test(new URL(reference).protocol)) {
    throw new WalletError('invalid_offer', 'The credential_offer_uri is not an https URL.')
  }
  return checkOffer(accept(z.record(z.string(), z.unknown()), await get(fetch, reference)))
}

function parseOffer(text: string): Offer {
  try {
    return checkOffer(JSON.parse(text))
  } catch (cause) {
    if (cause instanceof WalletError) throw cause
    throw new WalletError('invalid_offer', 'The offer is not JSON.', { cause })
  }
}

function checkOffer(value: unknown): Offer {
  const parsed = Offer.safeParse(value)
  if (!parsed.success) throw new WalletError('invalid_offer', z.prettifyError(parsed.error))
  return parsed.data
}

/**
 * Issuer and authorization server metadata, OpenID4VCI §12.2 and §12.3. Both must name exactly the identifier they were
 * asked under. `authorizationServer` is the offer's, and must be one of those that the issuer names.
 * Throws `invalid_metadata`, or what the server answered.
 */
export async function loadMetadata(fetch: Fetch, identifier: string, authorizationServer?: string): Promise<Metadata> {
  const issuer = accept(IssuerMetadata, await get(fetch, wellKnown(identifier, 'openid-credential-issuer')))
  if (issuer.credential_issuer !== identifier) {
    throw new WalletError('invalid_metadata', 'The metadata names another credential_issuer than it was asked for.')
  }
  const servers = issuer.authorization_servers ?? [identifier]
  const chosen = authorizationServer ?? servers[0] ?? identifier
  if (!servers.includes(chosen)) {
    throw new WalletError('invalid_metadata', 'The authorization_server of the offer is not one of the issuer.')
  }
  const document = await get(fetch, wellKnown(chosen, 'oauth-authorization-server'))
  const server = accept(AuthorizationServerMetadata, document)
  if (server.issuer !== chosen) {
    throw new WalletError('invalid_metadata', 'The metadata names another issuer than it was asked for.')
  }
  return { issuer, authorizationServer: server }
}

/** The metadata that an offer leads to. Throws as `loadMetadata`, and `invalid_offer` if it offers what is not there. */
export async function loadOfferMetadata(fetch: Fetch, offer: Offer): Promise<Metadata> {
  const { authorization_code: byCode, [preAuthorizedCode]: preAuthorized } = offer.grants
  const server = byCode?.authorization_server ?? preAuthorized?.authorization_server
  const metadata = await loadMetadata(fetch, offer.credential_issuer, server)
  const known = metadata.issuer.credential_configurations_supported
  if (!offer.credential_configuration_ids.every((id) => Object.hasOwn(known, id))) {
    throw new WalletError('invalid_offer', 'The offer names a credential configuration that the issuer does not have.')
  }
  return metadata
}
