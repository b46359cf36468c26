import type { IssuerSettings } from '../model/issuer.ts'
import type { Mistake } from '../protocol/errors.ts'
import { pointerTo } from '../protocol/mistakes.ts'

/**
 * Key attestations that a configuration wants, where nobody is trusted to attest keys: then no proof of that type could ever hold. `keys` are those
 * who may attest keys. Pointers begin at the issuer.
 */
export const keyProofMistakes = (issuer: IssuerSettings, keys: readonly string[]): Mistake[] =>
  Object.entries(issuer.credential_configurations).flatMap(([id, { key_binding, proof_types: types }]) => {
    const wanted = types.jwt?.key_attestations_required ?? types.attestation
    if (!key_binding || !wanted || keys.length > 0) return []
    const detail = 'Nobody is trusted to attest keys here; name who does under attesters, with attests: [key].'
    return [{ pointer: pointerTo(['credential_configurations', id, 'proof_types']), detail }]
  })
