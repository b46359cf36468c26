import type { CredentialFormat } from '../formats/format.ts'
import type { CredentialConfiguration } from '../model/credential-configuration.ts'
import { proofAlgorithms } from './verify-key-proofs.ts'

/**
 * How copies are bound and keys shown: `cryptographic_binding_methods_supported` and `proof_types_supported`, OpenID4VCI §12.2.4. Both
 * are there or neither.
 */
export function bindingMetadata(
  { key_binding, proof_types: types }: CredentialConfiguration,
  { bindingMethods }: CredentialFormat,
): Record<string, unknown> {
  if (!key_binding) return {}
  const described = (['jwt', 'attestation'] as const).flatMap((type) => {
    const accepted = types[type]
    if (!accepted) return []
    const { key_attestations_required } = accepted
    const always = { proof_signing_alg_values_supported: proofAlgorithms }
    return [[type, key_attestations_required ? { ...always, key_attestations_required } : always] as const]
  })
  // Attested keys are JWKs; only the kid of a jwt proof names a DID.
  const methods = types.jwt ? bindingMethods : bindingMethods.filter((method) => !method.startsWith('did:'))
  return { cryptographic_binding_methods_supported: methods, proof_types_supported: Object.fromEntries(described) }
}
