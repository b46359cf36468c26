import { signJws } from '../lib/sign-jws.ts'
import { seconds } from '../lib/time.ts'
import type { LiveConfiguration } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { CredentialFormat, IssueRequest, StatusEntry } from './format.ts'
import { backdatingSeconds } from './times.ts'

/** What the credential itself says of its subject. */
const reservedClaims = ['id']

const typesOf = ({ types, id }: LiveConfiguration): string[] =>
  types ? [...new Set(['VerifiableCredential', ...types])] : ['VerifiableCredential', id]

/** Bitstring Status List §2.1: a list for revocation and one for suspension, for an entry of them is one bit; the same place in both. */
const statusOf = ({ uri, index }: StatusEntry) =>
  ['revocation', 'suspension'].map((statusPurpose) => ({
    id: `${uri}/${statusPurpose}#${index}`,
    type: 'BitstringStatusListEntry',
    statusPurpose,
    statusListIndex: String(index),
    statusListCredential: `${uri}/${statusPurpose}`,
  }))

/** A random UUID (version 4) as URN: it tells nothing of this credential or of any other. */
function newUrn(random: IssueRequest['random']): string {
  const bytes = Buffer.from(random(16))
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `urn:uuid:${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')}`
}

/**
 * W3C Verifiable Credential as JWT, VCDM 1.1 §6.3.1 and OpenID4VCI Appendix A.1.1. `iss`, `nbf`, `exp`, `jti` and `sub` stand for the members
 * that they mirror. Bound by `sub` to the DID that the key was shown under, else by `cnf` to the key.
 */
export const jwtVc: CredentialFormat = {
  id: 'jwt_vc_json',
  bindingMethods: ['jwk', 'did:key', 'did:jwk'],
  statusList: 'bitstring',
  reservedClaims,
  algorithms: (algorithm) => [algorithm],
  metadata: (configuration) => ({ credential_definition: { type: typesOf(configuration) } }),

  async issue(request) {
    const { issuer, configuration, claims, holderKey, issuedAt, expiresAt, status, signer, random } = request
    for (const name of reservedClaims) {
      if (Object.hasOwn(claims, name))
        throw new ProtocolError('credential_request_denied', 'A claim has a name that only the issuer may use.')
    }
    const shift = backdatingSeconds(request)
    const payload = {
      iss: issuer,
      ...(holderKey && (holderKey.did ? { sub: holderKey.did } : { cnf: { jwk: holderKey.jwk } })),
      nbf: seconds(issuedAt) - shift,
      iat: seconds(issuedAt) - shift,
      exp: seconds(expiresAt) - shift,
      jti: newUrn(random),
      vc: {
        '@context': ['https://www.w3.org/2018/credentials/v1'],
        type: typesOf(configuration),
        credentialSubject: { ...(holderKey?.did && { id: holderKey.did }), ...claims },
        ...(status && { credentialStatus: statusOf(status) }),
      },
    }
    return signJws(signer, 'JWT', payload)
  },
}
