import { hash } from 'node:crypto'
import { encodeBase64url } from '../lib/base64url.ts'
import { seconds } from '../lib/time.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { CredentialFormat, IssueRequest } from './format.ts'

type Members = Record<string, unknown>

const saltBytes = 16

/** What the issuer says about the credential itself; SD-JWT VC forbids to hide it, and a mapping may not write it. */
const reservedClaims = ['iss', 'iat', 'nbf', 'exp', 'cnf', 'vct', 'vct#integrity', 'status', '_sd', '_sd_alg', '...']

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

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

/**
 * Replaces the claims at the end of the withheld paths by digests (RFC 9901 §4.2) and answers the disclosures. Longer
 * paths come first, so that a withheld parent carries the digests of its withheld children (RFC 9901 §4.2.6).
 */
function withhold(claims: Members, paths: string[][], random: IssueRequest['random']): [Members, string[]] {
  const root = { ...claims }
  const salts = random(saltBytes * paths.length)
  const copies = new Set([root])
  const disclosures: string[] = []
  for (const path of paths.toSorted((a, b) => b.length - a.length)) {
    const name = path.at(-1)
    let parent: Members | undefined = root
    for (const step of path.slice(0, -1)) {
      const child: unknown = Object.hasOwn(parent, step) ? parent[step] : undefined
      if (!isObject(child)) {
        parent = undefined
        break
      }
      // The caller's claims are not to be changed: they go into the other copies of a batch.
      const copy: Members = copies.has(child) ? child : { ...child }
      copies.add(copy)
      parent[step] = copy
      parent = copy
    }
    if (!parent || name === undefined || !Object.hasOwn(parent, name) || parent[name] === undefined) continue
    const at = disclosures.length * saltBytes
    const salt = salts.toString('base64url', at, at + saltBytes)
    const disclosure = encodeBase64url(JSON.stringify([salt, name, parent[name]]))
    disclosures.push(disclosure)
    delete parent[name]
    parent._sd = [...((parent._sd as string[] | undefined) ?? []), hash('sha256', disclosure, 'base64url')]
  }
  // Digests are random, so that sorted ones tell nothing of the order of the claims (RFC 9901 §4.2.4.1).
  for (const { _sd } of copies) if (Array.isArray(_sd)) _sd.sort()
  return [root, disclosures]
}

/**
 * How many seconds earlier a copy claims to have been issued, and expires: up to an hour, at most a twentieth of its
 * life. A random shift of its own for every copy, because verifiers who compare notes could tell by a common second
 * that two copies of a batch are one holder's (OpenID4VCI §15.4.1, VCI-128). Both ends are shifted, so that the life is
 * what was configured.
 */
function shiftOf({ issuedAt, expiresAt, random }: IssueRequest): number {
  const most = Math.min(3600, Math.floor((seconds(expiresAt) - seconds(issuedAt)) / 20))
  return most > 0 ? random(4).readUInt32BE() % (most + 1) : 0
}

/** SD-JWT VC, OpenID4VCI Appendix A.3, RFC 9901. */
export const sdJwt: CredentialFormat = {
  id: 'dc+sd-jwt',
  bindingMethods: ['jwk'],
  statusList: 'token',
  reservedClaims,
  algorithms: (algorithm) => [algorithm],
  metadata: ({ vct }) => ({ vct }),

  async issue(request) {
    const { issuer, configuration, claims, withheld, status, holderKey, issuedAt, expiresAt, signer, random } = request
    for (const name of reservedClaims) {
      if (Object.hasOwn(claims, name)) {
        throw new ProtocolError('credential_request_denied', 'A claim has a name that only the issuer may use.')
      }
    }
    refuseDigests(claims)

    const shift = shiftOf(request)
    const [shown, disclosures] = withhold(claims, withheld, random)
    const payload = {
      ...shown,
      iss: issuer,
      vct: configuration.vct,
      iat: seconds(issuedAt) - shift,
      exp: seconds(expiresAt) - shift,
      ...(holderKey && { cnf: { jwk: holderKey.jwk } }),
      ...(status && { status: { status_list: { idx: status.index, uri: status.uri } } }),
      ...(disclosures.length > 0 && { _sd_alg: 'sha-256' }),
    }
    const x5c = signer.certificateChain.length > 0 ? signer.certificateChain : undefined
    const header = { alg: signer.algorithm, typ: 'dc+sd-jwt', kid: signer.keyId, x5c }
    const input = `${encodeBase64url(JSON.stringify(header))}.${encodeBase64url(JSON.stringify(payload))}`
    const signature = await signer.sign(Buffer.from(input))
    return [`${input}.${signature.toString('base64url')}`, ...disclosures, ''].join('~')
  },
}
