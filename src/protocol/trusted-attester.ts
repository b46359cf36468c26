import type { X509Certificate } from 'node:crypto'
import { keyOfCertificate, verifyChain } from '../lib/certificate-path.ts'
import { InvalidJws } from '../lib/jwk.ts'
import { type Jws, verifyJws } from '../lib/jws.ts'

/** Who may vouch for wallets or for keys, and what it is held to. */
export type TrustedAttester = {
  id: string
  anchors: readonly X509Certificate[]
  /** `iss` of its wallet attestations, where they have one. */
  issuer: string | undefined
  clientIds: readonly string[] | undefined
}

type Trust = { attesters: readonly TrustedAttester[]; algorithms: readonly string[]; now: Date }

/**
 * The attester to one of whose anchors the `x5c` of an attestation leads (HAIP §4.4.1, §4.5.1), with the signature verified.
 * Throws `InvalidJws`.
 */
export function signerOf(jws: Jws, { attesters, algorithms, now }: Trust): TrustedAttester {
  let reason = new InvalidJws('Nobody is trusted here to attest that.')
  for (const attester of attesters) {
    try {
      const { leaf } = verifyChain(jws.header.x5c, attester.anchors, now)
      verifyJws(jws, keyOfCertificate(leaf), algorithms)
      return attester
    } catch (cause) {
      if (!(cause instanceof InvalidJws)) throw cause
      reason = cause
    }
  }
  throw reason
}
