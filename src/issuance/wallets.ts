import type { WalletProfile } from '../model/clients.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import { redirectUriMistake } from '../protocol/redirect-uri.ts'
import type { Sender } from './open-session.ts'

/** Only a pushed request can authenticate its client. */
export const mustPush = ({ settings }: LiveIssuer): boolean =>
  settings.pushed_authorization_requests === 'required' || settings.wallet_attestation === 'required'

/** A wallet that may come to an issuer. Without a profile nobody has checked it, unless it has authenticated. */
export type Wallet = { profileId: string | undefined; profile: WalletProfile | undefined; attestedName?: string }

const unproven: Wallet = { profileId: undefined, profile: undefined }

const profilesOf = ({ tenant, settings }: LiveIssuer): [string, WalletProfile][] =>
  [...tenant.walletProfiles].filter(([id]) => settings.wallets === 'any' || settings.wallets.includes(id))

/** http to this very machine is the same at any port (RFC 8252 §7.3). All else is compared letter by letter (RFC 9700 §2.1). */
const withoutPort = (uri: string) => uri.replace(/^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::\d{1,5})?/, '$1')

/**
 * The wallet with this client id, whose redirect URI this is: only then may the browser be sent there (RFC 6749 §3.1.2.4).
 * Of a wallet with an attestation those count that its attester has, or any (RFC 9126 §2.4): it has authenticated.
 * @throws ProtocolError `invalid_client` for an unknown client, `invalid_request` for another redirect URI
 */
export function proveRedirectUri(issuer: LiveIssuer, clientId: string, redirectUri: string, sender?: Sender): Wallet {
  if (redirectUriMistake(redirectUri) !== undefined)
    throw new ProtocolError('invalid_request', 'The redirect_uri is not one that can be served.')
  if (sender?.attesterId !== undefined) return ofAttester(issuer, sender.attesterId, redirectUri)
  const ofClient = profilesOf(issuer).filter(([, profile]) => profile.client_id === clientId)
  const given = withoutPort(redirectUri)
  const proven = ofClient.find(([, { redirect_uris }]) => redirect_uris.some((uri) => withoutPort(uri) === given))
  const hasKeys = ofClient.some(([, { jwks }]) => jwks)
  if (hasKeys && sender?.authentication !== 'private_key_jwt')
    throw new ProtocolError('invalid_client', 'This client has to push its requests and authenticate there.')
  if (proven) return { profileId: proven[0], profile: proven[1] }
  if (issuer.settings.wallets === 'any' && !hasKeys) return unproven
  if (ofClient.length === 0) throw new ProtocolError('invalid_client', 'This issuer does not know the client.')
  throw new ProtocolError('invalid_request', 'The redirect_uri is not one that is registered for this client.')
}

function ofAttester({ tenant }: LiveIssuer, attesterId: string, redirectUri: string): Wallet {
  const { redirect_uris: allowed } = tenant.attesters.get(attesterId) ?? {}
  const given = withoutPort(redirectUri)
  if (allowed && !allowed.some((uri) => withoutPort(uri) === given))
    throw new ProtocolError('invalid_request', 'The redirect_uri is not one of those that the attester has.')
  return unproven
}

/** The wallet of a request that was accepted, as long as its profile stands. */
export function findWallet({ tenant }: LiveIssuer, profileId: string | undefined): Wallet {
  const profile = profileId === undefined ? undefined : tenant.walletProfiles.get(profileId)
  return profile ? { profileId, profile } : unproven
}

/** Any app can claim a scheme of its own; an https address only whoever has the host. So only that counts as known for sure. */
export const hasClaimedRedirectUri = ({ profile }: Wallet, redirectUri: string): boolean =>
  profile !== undefined && redirectUri.startsWith('https://')

/** How the consent page names where the answer goes: the host, or the scheme of an app. */
export function addressOf(redirectUri: string): string {
  const { protocol, host } = new URL(redirectUri)
  return protocol === 'https:' || protocol === 'http:' ? host : `${protocol}//`
}

/** The profile with keys of a client that may come to the issuer, else any profile of it. */
export function registrationOf(issuer: LiveIssuer, clientId: string): WalletProfile | undefined {
  const own = profilesOf(issuer).filter(([, profile]) => profile.client_id === clientId)
  return (own.find(([, { jwks }]) => jwks) ?? own[0])?.[1]
}
