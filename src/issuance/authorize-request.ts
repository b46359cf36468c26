import { equal, hash } from '../lib/secrets.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { TokenOfGrant } from '../store/tokens.ts'
import { findExternalToken, openExternalGrant } from './authorize-external.ts'
import { issueNonce } from './issue-nonce.ts'
import { dpopAlgorithms, type SingleHeader, verifyDpop } from './verify-sender.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'fetch' | 'keyRing' | 'vault' | 'tables' | 'inTransaction' | 'log'>

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

/** A refusal that the scheme of the request has to be told with. */
const challenged = (scheme: Scheme) => (error: unknown) => {
  if (
    !(error instanceof ProtocolError) ||
    error.headers['WWW-Authenticate'] ||
    !['invalid_token', 'insufficient_scope'].includes(error.code)
  )
    throw error
  const { code, message, cause } = error
  throw new ProtocolError(code, message, { cause, headers: challenge(scheme, code) })
}

/**
 * The access token of a request to a protected endpoint: RFC 6750 §3, and RFC 9449 §7 for one that is bound to a key. The scheme's
 * name is read in any case (VCI-70). It is ours, or of an external authorization server of the issuer.
 * @throws ProtocolError `invalid_token`, `insufficient_scope`, `invalid_dpop_proof`, `use_dpop_nonce`, each with its `WWW-Authenticate`;
 * `temporarily_unavailable` where an external server does not answer
 */
export async function authorizeRequest(services: Needs, issuer: LiveIssuer, sent: Sent): Promise<Allowed> {
  const { value: authorization = '', repeated } = sent.authorization
  const [, scheme, secret] = /^(bearer|dpop) +(.+)$/i.exec(authorization) ?? []
  if (scheme === undefined || secret === undefined) {
    const headers = { 'WWW-Authenticate': challenges[issuer.settings.dpop] }
    throw new ProtocolError('invalid_token', 'The request has no access token.', { headers })
  }
  const bound = scheme.toLowerCase() === 'dpop'
  const said: Scheme = bound ? 'DPoP' : 'Bearer'
  if (repeated) throw invalid(said, 'The request has several Authorization headers.')
  const presented = await find(services, issuer, secret).catch(challenged(said))
  if (!presented) throw invalid(said)
  const { keyThumbprint, open } = presented
  if ((keyThumbprint !== undefined) !== bound)
    throw invalid('DPoP', 'The access token was sent under the wrong scheme.')
  if (keyThumbprint !== undefined) await checkKey(services, issuer, sent, secret, keyThumbprint)
  const allowed = await open().catch(challenged(said))
  if (isOver(allowed, services.clock())) throw invalid(said)
  return allowed
}

const isOver = ({ token, grant }: Allowed, now: Date): boolean =>
  token.revokedAt !== undefined || token.expiresAt <= now || grant.endedAt !== undefined

/** A token that is known: the key it is bound to, and what it allows once that key was shown. */
type Presented = { keyThumbprint: string | undefined; open: () => Promise<Allowed> }

async function find(services: Needs, issuer: LiveIssuer, secret: string): Promise<Presented | undefined> {
  const own = await services.tables.tokens.findWithGrant(issuer, hash(secret))
  if (own) return isOver(own, services.clock()) ? undefined : { ...own.token, open: async () => own }
  const external = await findExternalToken(services, issuer, secret)
  if (!external) return undefined
  if (external.keyThumbprint === undefined && issuer.settings.dpop === 'required')
    throw invalid('DPoP', 'This issuer takes only access tokens that are bound to a key.')
  return { ...external, open: () => openExternalGrant(services, issuer, external, secret) }
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
