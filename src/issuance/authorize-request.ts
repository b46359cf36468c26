import { equal, hash } from '../lib/secrets.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { TokenOfGrant } from '../store/tokens.ts'
import { issueNonce } from './issue-nonce.ts'
import { dpopAlgorithms, type SingleHeader, verifyDpop } from './verify-sender.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'vault' | 'tables'>

/** What an access token allows: the type is the proof that it was checked. */
export type Allowed = TokenOfGrant

type Sent = { authorization: SingleHeader; proof: SingleHeader; method: string; url: string }

type Scheme = 'Bearer' | 'DPoP'

const algorithms = `algs="${dpopAlgorithms.join(' ')}"`
const challenge = (scheme: Scheme, error: string) => ({
  'WWW-Authenticate': `${scheme} error="${error}"${scheme === 'DPoP' ? `, ${algorithms}` : ''}`,
})
const challenges = { off: 'Bearer', optional: `Bearer, DPoP ${algorithms}`, required: `DPoP ${algorithms}` }

const invalid = (scheme: Scheme, message = 'The access token is unknown, revoked or expired.') =>
  new ProtocolError('invalid_token', message, { headers: challenge(scheme, 'invalid_token') })

/** A token that is good, but not for what was asked (RFC 6750 §3.1). */
export const insufficientScope = ({ token }: Allowed): ProtocolError =>
  new ProtocolError('insufficient_scope', 'The access token does not cover this credential.', {
    headers: challenge(token.keyThumbprint === undefined ? 'Bearer' : 'DPoP', 'insufficient_scope'),
  })

/**
 * The access token of a request to a protected endpoint: RFC 6750 §3, and RFC 9449 §7 for one that is bound to a key. The scheme's
 * name is read in any case (VCI-70).
 * @throws ProtocolError `invalid_token`, `invalid_dpop_proof`, `use_dpop_nonce`, each with its `WWW-Authenticate`
 */
export async function authorizeRequest(services: Needs, issuer: LiveIssuer, sent: Sent): Promise<Allowed> {
  const { value: authorization = '', repeated } = sent.authorization
  const [, scheme, secret] = /^(bearer|dpop) +(.+)$/i.exec(authorization) ?? []
  if (scheme === undefined || secret === undefined) {
    const headers = { 'WWW-Authenticate': challenges[issuer.settings.dpop] }
    throw new ProtocolError('invalid_token', 'The request has no access token.', { headers })
  }
  const bound = scheme.toLowerCase() === 'dpop'
  if (repeated) throw invalid(bound ? 'DPoP' : 'Bearer', 'The request has several Authorization headers.')
  const found = await services.tables.tokens.findWithGrant(issuer, hash(secret))
  const now = services.clock()
  if (!found || found.token.revokedAt || found.token.expiresAt <= now || found.grant.endedAt)
    throw invalid(bound ? 'DPoP' : 'Bearer')
  const { keyThumbprint } = found.token
  if ((keyThumbprint !== undefined) !== bound)
    throw invalid('DPoP', 'The access token was sent under the wrong scheme.')
  if (keyThumbprint !== undefined) await checkKey(services, issuer, sent, secret, keyThumbprint)
  return found
}

async function checkKey(
  services: Needs,
  issuer: LiveIssuer,
  sent: Sent,
  accessToken: string,
  keyThumbprint: string,
): Promise<void> {
  const { proof, method, url } = sent
  try {
    const proven = await verifyDpop(services, issuer, { proof, method, url, accessToken, mayBeMissing: true })
    if (!proven)
      throw new ProtocolError(
        'invalid_dpop_proof',
        'The access token is bound to a key, and the request has no DPoP proof.',
      )
    if (!equal(proven.thumbprint, keyThumbprint)) throw invalid('DPoP', 'The access token is bound to another key.')
  } catch (error) {
    if (!(error instanceof ProtocolError) || !['invalid_dpop_proof', 'use_dpop_nonce'].includes(error.code)) throw error
    // At a resource both are 401 (RFC 9449 §7.1, §9); at the token endpoint they are 400.
    const headers = {
      ...challenge('DPoP', error.code),
      'DPoP-Nonce': await issueNonce(services, issuer, 'dpop'),
      ...error.headers,
    }
    throw new ProtocolError(error.code, error.message, { headers })
  }
}
