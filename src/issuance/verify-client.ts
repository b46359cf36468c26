import { newId } from '../lib/ids.ts'
import { hash } from '../lib/secrets.ts'
import { after } from '../lib/time.ts'
import type { LiveIssuer } from '../model/live.ts'
import { assertionType, clientOfAssertion, verifyClientAssertion } from '../protocol/client-assertion.ts'
import { type AttestedWallet, verifyAttestationPop, verifyClientAttestation } from '../protocol/client-attestation.ts'
import type { DpopProof } from '../protocol/dpop.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { checkAttestationStatus } from './attestation-status.ts'
import { attestersOf } from './attesters.ts'
import { issueNonce, nonceChecker } from './issue-nonce.ts'
import type { SingleHeader } from './verify-sender.ts'
import { registrationOf } from './wallets.ts'

export const clientAlgorithms = ['ES256', 'ES384', 'EdDSA']
/** A client's clock may be a minute ahead; a proof may be five minutes old, and an assertion live five minutes (FAPI 2.0 §5.3.2.1). */
const [skewSeconds, maxAgeSeconds] = [60, 300]

type Needs = Pick<Services, 'clock' | 'random' | 'vault' | 'tables' | 'fetch' | 'log'>

/** What a request to the authorization server says of who sent it. */
export type Presented = {
  parameters: URLSearchParams
  attestation: SingleHeader
  attestationPop: SingleHeader
  /** The DPoP proof of the same request, already verified. */
  dpop: DpopProof | undefined
  /** Other audiences that a client assertion may name: the public URLs of the endpoint. */
  endpoints: readonly string[]
}

/** The wallet of an attestation that still holds, with its proof of possession: attestation-based client authentication §6. */
export async function verifyWallet(services: Needs, issuer: LiveIssuer, presented: Presented): Promise<AttestedWallet> {
  const { attestation, attestationPop, dpop } = presented
  if (attestation.repeated || attestationPop.repeated)
    throw new ProtocolError('invalid_client_attestation', 'A header of the client attestation is there several times.')
  const terms = { algorithms: clientAlgorithms, skewSeconds }
  const trust = { attesters: attestersOf(issuer, 'wallet'), now: services.clock(), ...terms }
  const wallet = verifyClientAttestation(attestation.value ?? '', trust)
  // Combined mode (draft -10): without a proof of its own, the DPoP proof is it, and its nonce the challenge.
  if (attestationPop.value !== undefined) await verifyPossession(services, issuer, wallet, attestationPop.value)
  else if (dpop?.thumbprint !== wallet.thumbprint) {
    throw new ProtocolError(
      'invalid_client_attestation',
      'The request has no proof of possession of the client attestation.',
    )
  }
  // Last: only the wallet itself causes us to fetch.
  await checkAttestationStatus(services, issuer.tenant, wallet, { ...terms, refusal: 'invalid_client_attestation' })
  return wallet
}

async function verifyPossession(
  services: Needs,
  issuer: LiveIssuer,
  wallet: AttestedWallet,
  pop: string,
): Promise<void> {
  const read = await nonceChecker(services, issuer, 'attestation')
  const now = services.clock()
  const expected = { audience: issuer.identifier, algorithms: clientAlgorithms, now, maxAgeSeconds, skewSeconds }
  const checkChallenge = (given: string | undefined) => (given === undefined ? 'missing' : read(given))
  try {
    const jti = verifyAttestationPop(pop, wallet, { ...expected, checkChallenge })
    await takeOnce(services, issuer, 'attestation', `${wallet.thumbprint} ${jti}`, maxAgeSeconds + skewSeconds)
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code !== 'use_attestation_challenge') throw error
    throw new ProtocolError(error.code, error.message, { headers: await freshChallenge(services, issuer) })
  }
}

/** The header that brings a wallet its next challenge. */
export const freshChallenge = async (services: Needs, issuer: LiveIssuer): Promise<Record<string, string>> => ({
  'OAuth-Client-Attestation-Challenge': await issueNonce(services, issuer, 'attestation'),
})

/** The client of an assertion, RFC 7523 §2.2. @throws ProtocolError `invalid_client` */
export async function verifyAssertion(services: Needs, issuer: LiveIssuer, presented: Presented): Promise<string> {
  const { parameters, endpoints } = presented
  if (parameters.get('client_assertion_type') !== assertionType)
    throw new ProtocolError('invalid_client', `The client_assertion_type is not ${assertionType}.`)
  const assertion = parameters.get('client_assertion') ?? ''
  const clientId = clientOfAssertion(assertion)
  const keys = registrationOf(issuer, clientId)?.jwks?.keys
  if (!keys) throw new ProtocolError('invalid_client', 'This issuer does not know the client, or not its keys.')
  const jti = verifyClientAssertion(assertion, keys, {
    audiences: [issuer.identifier, ...endpoints],
    algorithms: clientAlgorithms,
    now: services.clock(),
    skewSeconds,
    mostSeconds: maxAgeSeconds + skewSeconds,
  })
  await takeOnce(services, issuer, 'assertion', `${clientId} ${jti}`, maxAgeSeconds + 2 * skewSeconds)
  return clientId
}

/** A `jti` is taken once, on whichever node it comes. The operation lets the insert run again when its answer was lost. */
async function takeOnce(
  services: Needs,
  issuer: LiveIssuer,
  purpose: 'attestation' | 'assertion',
  text: string,
  lifetimeSeconds: number,
): Promise<void> {
  const until = after(services.clock(), lifetimeSeconds)
  if (await services.tables.usedOnce.use(issuer, purpose, hash(text), newId(services), until)) return
  throw purpose === 'assertion'
    ? new ProtocolError('invalid_client', 'This client_assertion was used before.')
    : new ProtocolError('invalid_client_attestation', 'This proof of possession was used before.')
}
