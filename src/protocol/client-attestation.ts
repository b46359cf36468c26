import { isObject } from '../lib/json.ts'
import { InvalidJws, type Jwk, thumbprint } from '../lib/jwk.ts'
import { decodeJws, type Jws, verifyJws } from '../lib/jws.ts'
import { seconds } from '../lib/time.ts'
import { ProtocolError } from './errors.ts'
import { faultInTimes, type Window } from './proof-times.ts'
import { type StatusReference, statusOf } from './status-list-token.ts'
import { signerOf, type TrustedAttester } from './trusted-attester.ts'

/** A wallet instance that an attester vouches for: OpenID4VCI Appendix E. */
export type AttestedWallet = {
  clientId: string
  attester: TrustedAttester
  /** The instance's key (`cnf`), that proofs of possession are made with. */
  key: Jwk
  thumbprint: string
  name: string | undefined
  /** Whether the attestation still holds is for the caller to find out. */
  status: StatusReference | undefined
}

type Trust = { attesters: readonly TrustedAttester[]; algorithms: readonly string[]; now: Date; skewSeconds: number }

const refused = (message: string) => new ProtocolError('invalid_client_attestation', message)

function decode(jwt: string, typ: string): Jws {
  const decoded = decodeJws(jwt)
  if (decoded.header.typ === typ) return decoded
  throw refused(`The typ is not ${typ}.`)
}

function told<T>(what: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw cause instanceof InvalidJws ? refused(`${what} is not valid. ${cause.message}`) : cause
  }
}

/** Why this attester cannot have said that, if so. */
function objection({ issuer, clientIds }: TrustedAttester, { iss, sub }: Jws['payload']): string | undefined {
  if (issuer !== undefined && iss !== undefined && iss !== issuer)
    return 'The iss of the client attestation is not that of its attester.'
  if (clientIds && !clientIds.some((id) => id === sub)) return 'The attester does not speak for this client.'
  return undefined
}

/**
 * A Client Attestation JWT, attestation-based client authentication §5.1 in drafts -07 (with `iss`) and later ones (without): signed
 * by a trusted attester, whose `x5c` leads to a configured anchor (HAIP §4.4.1), for an instance whose key is in `cnf`.
 * @throws ProtocolError `invalid_client_attestation`, `use_fresh_attestation` for one that is over
 */
export function verifyClientAttestation(jwt: string, trust: Trust): AttestedWallet {
  const [jws, attester] = told('The client attestation', () => {
    const decoded = decode(jwt, 'oauth-client-attestation+jwt')
    // Two attesters may share a root: those that could have said this are asked first.
    const { true: likely = [], false: others = [] } = Object.groupBy(trust.attesters, (one) =>
      String(objection(one, decoded.payload) === undefined),
    )
    return [decoded, signerOf(decoded, { ...trust, attesters: [...likely, ...others] })] as const
  })
  const { sub, exp, iat, nbf, cnf, wallet_name: name } = jws.payload
  if (typeof sub !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(sub)) throw refused('The client attestation has no sub.')
  const objected = objection(attester, jws.payload)
  if (objected !== undefined) throw refused(objected)
  const now = seconds(trust.now)
  if (typeof exp !== 'number') throw refused('The client attestation has no exp.')
  if (exp <= now - trust.skewSeconds)
    throw new ProtocolError('use_fresh_attestation', 'The client attestation has expired.')
  const isLater = (moment: unknown) => typeof moment !== 'number' || moment > now + trust.skewSeconds
  if ([iat, nbf].some((moment) => moment !== undefined && isLater(moment)))
    throw refused('The client attestation is not valid yet.')
  const key = isObject(cnf) && isObject(cnf.jwk) ? cnf.jwk : undefined
  if (!key) throw refused('The client attestation has no cnf.jwk.')
  return {
    clientId: sub,
    attester,
    key,
    thumbprint: told('The cnf.jwk of the client attestation', () => thumbprint(key)),
    name: typeof name === 'string' && /^[^\p{C}]{1,100}$/u.test(name) ? name : undefined,
    status: told('The client attestation', () => statusOf(jws.payload)),
  }
}

type Possession = Window & {
  algorithms: readonly string[]
  /** The authorization server's identifier: an endpoint is not enough. */
  audience: string
  checkChallenge: (given: string | undefined) => 'ok' | 'missing' | 'expired' | 'invalid'
}

/**
 * A Client Attestation PoP JWT (§5.2): the instance's key signs for this server, now. `iss` is of draft -07, where it is the client's id.
 * Answers its `jti`, which the caller takes once.
 * @throws ProtocolError `invalid_client_attestation`, `use_attestation_challenge` where only the challenge is missing or old
 */
export function verifyAttestationPop(jwt: string, wallet: AttestedWallet, expected: Possession): string {
  const { payload } = told('The proof of possession of the client attestation', () => {
    const decoded = decode(jwt, 'oauth-client-attestation-pop+jwt')
    verifyJws(decoded, wallet.key, expected.algorithms)
    return decoded
  })
  const { aud, iss, jti, challenge } = payload
  const audiences = Array.isArray(aud) ? aud : [aud]
  if (audiences.length !== 1 || audiences[0] !== expected.audience)
    throw refused('The aud of the proof of possession is not this authorization server.')
  if (iss !== undefined && iss !== wallet.clientId)
    throw refused('The iss of the proof of possession is not the client.')
  if (typeof jti !== 'string' || jti === '') throw refused('The proof of possession has no jti.')
  const fault = faultInTimes(payload, expected)
  if (fault !== undefined) throw refused('The proof of possession was not made just now: see its iat.')
  if (challenge !== undefined && typeof challenge !== 'string') throw refused('The challenge is no string.')
  if (expected.checkChallenge(challenge) !== 'ok')
    throw new ProtocolError('use_attestation_challenge', 'The proof of possession needs a challenge of this server.')
  return jti
}
