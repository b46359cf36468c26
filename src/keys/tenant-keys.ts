import { thumbprint } from '../lib/jwk.ts'
import type { Sealer } from '../store/sealed.ts'
import type { StoredSigningKey } from '../store/signing-key-row.ts'
import { placeOf } from './draft-keys.ts'
import { activeGeneration, isPublished, retiresAt } from './generations.ts'
import { keyStores } from './index.ts'
import { currentCertificate, type MadeKeys } from './make-keys.ts'
import { listedAt, makeRevocationList, type RevokedCertificate } from './revocation-list.ts'
import type { Signer } from './signer.ts'
import { type KeyUse, profileOf } from './wanted-keys.ts'

/** What a tenant signs with, and what others check it with: as the clock says, from one moment to the next. */
export type TenantKeys = {
  /** The generation that signs now, of a key that some configuration of the tenant names. */
  signerFor(use: KeyUse): Signer
  /** DER; the anchor that verifiers are given. It is never part of a chain. */
  root: Buffer
  /** The public keys that have signed, sign or will, as a JWK Set shows them; those that sign come first. */
  readonly jwks: Record<string, unknown>[]
  /** What the root has revoked, DER (RFC 5280 §5). */
  revocationList(): Promise<Buffer>
}

/** Opens every private key that signs or will. The others are not needed, and may be gone. */
export async function openKeys(made: MadeKeys, sealer: Sealer, clock: () => Date): Promise<TenantKeys> {
  const { root, keys, certificates } = made
  const software = keyStores.get('software')!
  const chainOf = (key: StoredSigningKey, profile: 'general' | 'mso_mdoc') => {
    const current = currentCertificate(certificates, key.id, profile)
    return current && [current.certificate.toString('base64')]
  }

  const signers = new Map<string, Signer>()
  for (const key of keys) {
    const retired = retiresAt(key, keys)
    if (key.revokedAt || key.privateKeySealed.length === 0 || (retired && retired < clock())) continue
    const { id, algorithm } = key
    const secret = sealer.open(placeOf(id), key.privateKeySealed)
    for (const profile of ['general', 'mso_mdoc'] as const) {
      const certificateChain = chainOf(key, profile)
      if (!certificateChain) continue
      const opened = { keyId: thumbprint(key.publicJwk), algorithm, secret, certificateChain }
      signers.set(`${id} ${profile}`, await software.open(opened))
    }
  }

  const shown = (key: StoredSigningKey) => {
    const { publicJwk, algorithm } = key
    const x5c = chainOf(key, 'general')
    return { ...publicJwk, kid: thumbprint(publicJwk), use: 'sig', alg: algorithm, ...(x5c && { x5c }) }
  }
  const revoked: RevokedCertificate[] = certificates.flatMap(({ keyId, serial }) => {
    const { revokedAt } = keys.find(({ id }) => id === keyId) ?? {}
    return revokedAt ? [{ serial, revokedAt }] : []
  })
  let list: { thisUpdate: Date; made: Promise<Buffer> } | undefined

  return {
    signerFor(use) {
      const key = activeGeneration(use, keys, clock())
      const signer = key && signers.get(`${key.id} ${profileOf(use.format)}`)
      if (!signer) throw new Error(`No configuration of the tenant names the key ${use.name} (${use.algorithm})`)
      return signer
    },
    root: root.certificate,
    get jwks() {
      const now = clock()
      const isActive = (key: StoredSigningKey) => activeGeneration(key, keys, now) === key
      const published = keys.filter((key) => isPublished(key, keys, now))
      return [...published.filter(isActive), ...published.filter((key) => !isActive(key))].map(shown)
    },
    revocationList() {
      const thisUpdate = listedAt(clock(), revoked)
      if (list?.thisUpdate.getTime() !== thisUpdate.getTime()) {
        const rootKey = sealer.open(placeOf('root'), root.privateKeySealed)
        const made = makeRevocationList({ root: root.certificate, rootKey, revoked, thisUpdate })
        list = { thisUpdate, made }
      }
      return list.made
    },
  }
}
