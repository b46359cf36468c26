import { newId } from '../lib/ids.ts'
import { hash } from '../lib/secrets.ts'
import { after } from '../lib/time.ts'
import type { LiveIssuer } from '../model/live.ts'
import { type DpopProof, verifyDpopProof } from '../protocol/dpop.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { issueNonce, nonceChecker } from './issue-nonce.ts'

export const dpopAlgorithms = ['ES256', 'ES384', 'EdDSA']
const replaySeconds = 660

type Needs = Pick<Services, 'clock' | 'random' | 'vault' | 'tables'>
/** A header of which there is one at most. */
export type SingleHeader = { value: string | undefined; repeated: boolean }

type Sent = {
  /** The `DPoP` header. */
  proof: SingleHeader
  method: string
  /** The public URL of the endpoint. */
  url: string
  accessToken?: string
  /** A request without a proof is fine, whatever the issuer wants. */
  mayBeMissing?: boolean
  /** The proof is also that of a wallet attestation (draft -10, combined mode): a challenge of ours is as good a nonce. */
  combined?: boolean
}

/**
 * The key that the sender has proven to hold, or undefined without a proof. RFC 9449: a nonce of ours is always wanted (§8, §9),
 * and a `jti` is taken once (§11.1), on whichever node it comes.
 * @throws ProtocolError `invalid_dpop_proof`, or `use_dpop_nonce` with the `DPoP-Nonce` header
 */
export async function verifyDpop(services: Needs, issuer: LiveIssuer, sent: Sent): Promise<DpopProof | undefined> {
  const { clock, tables } = services
  const { proof: header, method, url, accessToken } = sent
  if (issuer.settings.dpop === 'off') return undefined
  if (header.repeated) throw new ProtocolError('invalid_dpop_proof', 'The request has several DPoP headers.')
  if (header.value === undefined) {
    if (issuer.settings.dpop === 'required' && !sent.mayBeMissing) {
      throw new ProtocolError('invalid_dpop_proof', 'This issuer wants a DPoP proof.')
    }
    return undefined
  }
  const read = await nonceChecker(services, issuer, 'dpop')
  const readChallenge = sent.combined ? await nonceChecker(services, issuer, 'attestation') : read
  let proof: DpopProof
  try {
    proof = verifyDpopProof(header.value, {
      method,
      url,
      algorithms: dpopAlgorithms,
      now: clock(),
      accessToken,
      nonce: (given) => (given === undefined ? 'missing' : read(given) === 'ok' ? 'ok' : readChallenge(given)),
    })
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code !== 'use_dpop_nonce') throw error
    const nonce = await issueNonce(services, issuer, 'dpop')
    throw new ProtocolError('use_dpop_nonce', error.message, { headers: { 'DPoP-Nonce': nonce } })
  }
  // Inserted on its own, before the work. The operation lets the insert be run again when its answer was lost.
  const once = await tables.usedOnce.use(
    issuer,
    'dpop',
    hash(`${proof.thumbprint} ${proof.jti} ${url}`),
    newId(services),
    after(clock(), replaySeconds),
  )
  if (!once) throw new ProtocolError('invalid_dpop_proof', 'This DPoP proof was used before.')
  return proof
}
