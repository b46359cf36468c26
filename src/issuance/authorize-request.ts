import { equal, hash } from '../lib/secrets.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { Grant } from '../store/grants.ts'
import type { Token } from '../store/tokens.ts'
import { issueNonce } from './issue-nonce.ts'
import { dpopAlgorithms, verifyDpop } from './verify-sender.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'vault' | 'tables'>

/** What an access token allows: the type is the proof that it was checked. */
export type Allowed = { token: Token; grant: Grant }

type Sent = { authorization: string | undefined; proof: string | undefined; method: string; url: string }

const challenge = (scheme: string, error?: string) => {
  const algorithms = scheme === 'DPoP' ? ` algs="${dpopAlgorithms.join(' ')}"` : ''
  const parts = [error && ` error="${error}"`, algorithms].filter(Boolean).join(',')
  return { 'WWW-Authenticate': `${scheme}${parts}` }
}
const invalid = (scheme: string, message = 'The access token is unknown, revoked or expired.') =>
  new ProtocolError('invalid_token', message, { headers: challenge(scheme, 'invalid_token') })

/**
 * The access token of a request to a protected endpoint: RFC 6750 §3, and RFC 9449 §7 for one that is bound to a key. The scheme's
 * name is read in any case (VCI-70).
 * @throws ProtocolError `invalid_token`, `invalid_dpop_proof`, `use_dpop_nonce`, each with its `WWW-Authenticate`
 */
export async function authorizeRequest(services: Needs, issuer: LiveIssuer, sent: Sent): Promise<Allowed> {
  const [, scheme = '', secret = ''] = /^([A-Za-z]+) +([A-Za-z0-9._~+/-]+=*)$/.exec(sent.authorization ?? '') ?? []
  if (!['bearer', 'dpop'].includes(scheme.toLowerCase())) {
    throw new ProtocolError('invalid_token', 'The request has no access token.', { headers: challenge('Bearer') })
  }
  const bound = scheme.toLowerCase() === 'dpop'
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
    const proven =
      proof === undefined ? undefined : await verifyDpop(services, issuer, { proof, method, url, accessToken })
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
