import { keyOfCertificate, leafOf } from '../lib/certificate-path.ts'
import { InvalidJws, type Jwk } from '../lib/jwk.ts'
import { type DidMethod, keyOfDid } from './did-key.ts'

/** What a `kid` may stand for. */
export type KeyNames = {
  now: Date
  /** The DID methods that credentials of this format can be bound by. */
  didMethods: readonly string[]
  /** The keys that the client is registered with, each with its `kid`. */
  clientKeys: readonly Jwk[]
}

/**
 * The key that the header of a `jwt` proof names, by exactly one of `jwk`, `kid` and `x5c` (OpenID4VCI Appendix F.1).
 *
 * A `kid` is a DID URL of `did:key` or `did:jwk`, or of a client with `private_key_jwt` the `kid` of one of its registered keys. Of an
 * `x5c` only the key of the leaf counts: the chain has to hold together and the leaf to be valid now, but nobody has to be trusted, so
 * it shows that the sender has the key and nothing of what the certificate says.
 * Throws `InvalidJws`.
 */
export function keyOfHeader(header: Record<string, unknown>, names: KeyNames): { jwk: Jwk; did?: string } {
  const { jwk, kid, x5c } = header
  const named = ['kid', 'jwk', 'x5c', 'trust_chain'].filter((member) => Object.hasOwn(header, member))
  if (named.length !== 1) throw new InvalidJws('The header needs exactly one of kid, jwk and x5c.')
  switch (named[0]) {
    case 'jwk':
      if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) throw new InvalidJws('The jwk is no object.')
      return { jwk: jwk as Jwk }
    case 'x5c':
      return { jwk: keyOfCertificate(leafOf(x5c, names.now)) }
    case 'kid':
      return keyOfKid(kid, names)
    default:
      throw new InvalidJws('Trust chains are not served here.')
  }
}

function keyOfKid(kid: unknown, { clientKeys, didMethods }: KeyNames): { jwk: Jwk; did?: string } {
  const registered = typeof kid === 'string' ? clientKeys.find((key) => key.kid === kid) : undefined
  if (registered) return { jwk: registered }
  if (typeof kid !== 'string' || !kid.startsWith('did:'))
    throw new InvalidJws('The kid is neither a DID URL nor that of a registered key of the client.')
  const method: DidMethod | undefined = (['did:key', 'did:jwk'] as const).find((one) => kid.startsWith(`${one}:`))
  if (!method || !didMethods.includes(method))
    throw new InvalidJws('The kid is a DID of a method that this credential is not bound by.')
  const { did, jwk } = keyOfDid(kid)
  return { did, jwk }
}
