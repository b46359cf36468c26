import { after, durationSeconds } from '../lib/time.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { NewGrant } from '../store/grant-row.ts'
import type { TokenOfGrant } from '../store/tokens.ts'
import { waitsForSources } from './claim-sources.ts'
import type { Sender } from './open-session.ts'

const deferring = new WeakMap<LiveIssuer, boolean>()

/**
 * An issuer with a configuration that an administrator approves, or whose data source may be slow: its wallets have to be able to come
 * back (OpenID4VCI §9).
 */
export function mayDefer(issuer: LiveIssuer): boolean {
  const known = deferring.get(issuer)
  if (known !== undefined) return known
  const configurations = [...issuer.configurations.values()]
  const may = configurations.some((one) => one.approval === 'manual' || waitsForSources(issuer, one))
  deferring.set(issuer, may)
  return may
}

/** Whether wallets of this issuer can be bound to a key, so that they can come back. */
export const mayBeBound = ({ settings }: LiveIssuer): boolean =>
  settings.dpop !== 'off' || settings.wallet_attestation !== 'off'

export const givesRefreshTokens = (issuer: LiveIssuer): boolean =>
  issuer.settings.refresh_tokens !== undefined || mayDefer(issuer)

/** Whether a wallet may come back with a refresh token, which only one may that is bound to a key (OpenID4VCI §14.5, RFC 9700 §2.2.2). */
export const canComeBack = (issuer: LiveIssuer, { keyThumbprint, attestationKey }: Sender): boolean =>
  givesRefreshTokens(issuer) && (keyThumbprint !== undefined || attestationKey !== undefined)

/**
 * Until when a refresh token of this sender lives, whatever is done with it, or undefined if there is none: for a grant that has no way to
 * fresh claims and does not wait, either. `claimsUntil` where it is the claims of now that may be issued until then.
 */
export function refreshPolicy(
  issuer: LiveIssuer,
  sender: Sender,
  { terms, renewalSealed }: Pick<NewGrant, 'terms' | 'renewalSealed'>,
  now: Date,
): { expiresAt: Date; claimsUntil: Date | undefined } | undefined {
  if (!canComeBack(issuer, sender)) return undefined
  const { refresh_tokens: reissue, deferred } = issuer.settings
  const isRenewable = renewalSealed !== undefined || terms.keepsClaims === true
  const reissueSeconds = reissue && isRenewable ? durationSeconds(reissue.expires_in)! : 0
  const deferSeconds = mayDefer(issuer) ? durationSeconds(deferred.expires_in)! : 0
  if (reissueSeconds === 0 && deferSeconds === 0) return undefined
  return {
    expiresAt: after(now, Math.max(reissueSeconds, deferSeconds)),
    claimsUntil: reissueSeconds > 0 && terms.keepsClaims ? after(now, reissueSeconds) : undefined,
  }
}

/**
 * That whoever brings a token back is who it was given to: the same client, authenticated in the same way, and by the same keys where it
 * shows any. A public client may leave its name out.
 * @throws ProtocolError `invalid_grant`
 */
export function checkOwner({ token, grant }: TokenOfGrant, sender: Sender): void {
  const refused = (message: string) => new ProtocolError('invalid_grant', message)
  const { clientId, authentication, keyThumbprint, attestationKey } = sender
  if (authentication !== token.authentication) throw refused('The client authenticates in another way than before.')
  if (clientId !== undefined && grant.clientId !== undefined && clientId !== grant.clientId)
    throw refused('The token belongs to another client.')
  if (attestationKey !== token.attestationKey) throw refused('The token belongs to another instance of the wallet.')
  if (keyThumbprint !== undefined && token.keyThumbprint !== undefined && keyThumbprint !== token.keyThumbprint)
    throw refused('The token is bound to another DPoP key.')
}
