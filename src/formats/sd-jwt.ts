import { signJws } from '../lib/sign-jws.ts'
import { seconds } from '../lib/time.ts'
import { ProtocolError } from '../protocol/errors.ts'
import { withhold } from './disclosures.ts'
import type { CredentialFormat } from './format.ts'
import { backdatingSeconds } from './times.ts'

/** What the issuer says about the credential itself; SD-JWT VC forbids to hide it, and a mapping may not write it. */
const reservedClaims = ['iss', 'iat', 'nbf', 'exp', 'cnf', 'vct', 'vct#integrity', 'status', '_sd', '_sd_alg', '...']

/**
 * Refuses `_sd` and `...` at every depth (RFC 9901 §4.1): whoever may write an object into an account could otherwise
 * put digests there, and later "disclose" whatever he likes as signed by the issuer.
 */
function refuseDigests(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (Object.hasOwn(value, '_sd') || Object.hasOwn(value, '...')) {
    throw new ProtocolError('credential_request_denied', 'A claim has a member that SD-JWT keeps for itself.')
  }
  for (const member of Object.values(value)) refuseDigests(member)
}

/** SD-JWT VC, OpenID4VCI Appendix A.3, RFC 9901. */
export const sdJwt: CredentialFormat = {
  id: 'dc+sd-jwt',
  // A copy names its key itself (`cnf.jwk`), also where the proof named it by a DID.
  bindingMethods: ['jwk', 'did:key', 'did:jwk'],
  statusList: 'token',
  reservedClaims,
  algorithms: (algorithm) => [algorithm],
  metadata: ({ vct }) => ({ vct }),

  async issue(request) {
    const {
      issuer,
      configuration,
      claims,
      withheld,
      status,
      integrity,
      holderKey,
      issuedAt,
      expiresAt,
      signer,
      random,
    } = request
    for (const name of reservedClaims) {
      if (Object.hasOwn(claims, name)) {
        throw new ProtocolError('credential_request_denied', 'A claim has a name that only the issuer may use.')
      }
    }
    refuseDigests(claims)

    const shift = backdatingSeconds(request)
    const [shown, disclosures] = withhold(claims, withheld, configuration.decoys, random)
    const payload = {
      ...shown,
      iss: issuer,
      vct: configuration.vct,
      iat: seconds(issuedAt) - shift,
      exp: seconds(expiresAt) - shift,
      ...(holderKey && { cnf: { jwk: holderKey.jwk } }),
      ...(status && { status: { status_list: { idx: status.index, uri: status.uri } } }),
      ...((disclosures.length > 0 || configuration.decoys > 0) && { _sd_alg: 'sha-256' }),
      ...(integrity && { 'vct#integrity': integrity }),
    }
    return [await signJws(signer, 'dc+sd-jwt', payload), ...disclosures, ''].join('~')
  },
}
