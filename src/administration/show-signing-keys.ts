import { isPublished, type KeyState, publishedUntil, retiresAt, stateOf } from '../keys/generations.ts'
import { currentCertificate } from '../keys/make-keys.ts'
import { thumbprint } from '../lib/jwk.ts'
import type { LiveTenant } from '../model/live.ts'
import type { Services } from '../services.ts'
import type { StoredCertificate, StoredKeys, StoredSigningKey } from '../store/signing-key-row.ts'

/** A generation of a key as administrators see it: everything but the private key. */
export type ShownSigningKey = Pick<
  StoredSigningKey,
  'name' | 'algorithm' | 'generation' | 'publicJwk' | 'activatesAt' | 'revokedAt' | 'createdAt'
> & {
  keyId: string
  state: KeyState
  retiresAt: Date | undefined
  publishedUntil: Date | undefined
  /** Whether key sets show it. */
  published: boolean
  /** The one of each profile that is sent. */
  certificates: StoredCertificate[]
}

export const shownKeys = ({ keys, certificates }: StoredKeys, now: Date): ShownSigningKey[] =>
  keys.map((key) => ({
    keyId: thumbprint(key.publicJwk),
    name: key.name,
    algorithm: key.algorithm,
    generation: key.generation,
    state: stateOf(key, keys, now),
    publicJwk: key.publicJwk,
    createdAt: key.createdAt,
    activatesAt: key.activatesAt,
    retiresAt: retiresAt(key, keys),
    publishedUntil: publishedUntil(key, keys),
    published: isPublished(key, keys, now),
    revokedAt: key.revokedAt,
    certificates: (['general', 'mso_mdoc'] as const).flatMap(
      (profile) => currentCertificate(certificates, key.id, profile) ?? [],
    ),
  }))

/** Every generation of a tenant's keys, by name and algorithm, oldest first. What its configurations name is made if it is not there. */
export async function showSigningKeys(
  { tables, keyRing, clock }: Pick<Services, 'tables' | 'keyRing' | 'clock'>,
  tenant: LiveTenant,
): Promise<ShownSigningKey[]> {
  await keyRing.of(tenant)
  return shownKeys(await tables.signingKeys.load(tenant.id), clock())
}
