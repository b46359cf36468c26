import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { Sender } from './open-session.ts'
import { type Presented, verifyAssertion, verifyWallet } from './verify-client.ts'
import { registrationOf } from './wallets.ts'

const invalid = (message: string) => new ProtocolError('invalid_client', message)

type Needs = Pick<Services, 'clock' | 'random' | 'vault' | 'tables' | 'fetch' | 'log'>

/**
 * Client authentication at the PAR and the token endpoint (RFC 9126 §2, OpenID4VCI Appendix E, RFC 7523), as the issuer and the client's
 * registration want it. Without any, a client is who it says.
 * @throws ProtocolError `invalid_client`, `invalid_client_attestation`, `use_fresh_attestation`, or `use_attestation_challenge` with a
 * challenge in its header
 */
export async function authenticateClient(services: Needs, issuer: LiveIssuer, presented: Presented): Promise<Sender> {
  const { parameters, attestation, dpop } = presented
  const named = parameters.get('client_id') ?? undefined
  const keyThumbprint = dpop?.thumbprint
  const { wallet_attestation: wanted } = issuer.settings
  const byAssertion = parameters.has('client_assertion') || parameters.has('client_assertion_type')
  if (attestation.value !== undefined && wanted !== 'off') {
    if (byAssertion) throw new ProtocolError('invalid_request', 'The request authenticates its client in two ways.')
    const wallet = await verifyWallet(services, issuer, presented)
    if (named !== undefined && named !== wallet.clientId)
      throw invalid('The client_id is not the sub of the client attestation.')
    if (registrationOf(issuer, wallet.clientId)?.jwks) throw invalid('This client authenticates by private_key_jwt.')
    const { clientId, attester, thumbprint: attestationKey, name } = wallet
    const attesterId = attester.id
    return { clientId, authentication: 'attest_jwt_client_auth', keyThumbprint, attestationKey, attesterId, name }
  }
  if (byAssertion) {
    const clientId = await verifyAssertion(services, issuer, presented)
    if (named !== undefined && named !== clientId)
      throw invalid('The client_id is not the sub of the client_assertion.')
    return { clientId, authentication: 'private_key_jwt', keyThumbprint, attestationKey: undefined }
  }
  if (named !== undefined && registrationOf(issuer, named)?.jwks)
    throw invalid('This client has to authenticate by private_key_jwt.')
  if (wanted === 'required') throw invalid('This issuer wants wallets that authenticate by a wallet attestation.')
  return { clientId: named, authentication: 'none', keyThumbprint, attestationKey: undefined }
}
