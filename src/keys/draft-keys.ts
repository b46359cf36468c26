import { X509Certificate } from 'node:crypto'
import { newId } from '../lib/ids.ts'
import type { LiveTenant } from '../model/live.ts'
import type { Tables } from '../store/index.ts'
import type { Sealer, Vault } from '../store/sealed.ts'
import type { CertificateProfile, StoredCertificate, StoredRoot, StoredSigningKey } from '../store/signing-key-row.ts'
import { makeDocumentSigner, makeRoot } from './certificates.ts'
import { keyStores } from './index.ts'
import type { SigningAlgorithm } from './signer.ts'
import { certificateTerms, wantedKeys } from './wanted-keys.ts'

export type Needs = { tables: Tables; vault: Vault; clock: () => Date; random: (bytes: number) => Buffer }

/** A generation that is not stored yet. */
export type DraftedKey = { key: StoredSigningKey; certificates: StoredCertificate[] }
export type Generation = { name: string; algorithm: SigningAlgorithm; generation: number; activatesAt: Date }

export const placeOf = (id: string) => ({ table: 'signing_keys', column: 'private_key_sealed', row: id })

/** What a tenant's certificates say, as it is kept beside each. */
export const termsOf = (tenant: LiveTenant): string => JSON.stringify(certificateTerms(tenant))

export async function draftRoot(tenant: LiveTenant, sealer: Sealer, now: Date): Promise<StoredRoot> {
  const { subject, ...terms } = certificateTerms(tenant)
  const { certificate, privateKeyPkcs8 } = await makeRoot({ ...terms, name: `${subject} root`, now })
  return { certificate, privateKeySealed: sealer.seal(placeOf('root'), privateKeyPkcs8), createdAt: now }
}

type Signing = { sealer: Sealer; root: StoredRoot; now: Date }

export async function draftCertificate(
  tenant: LiveTenant,
  { sealer, root, now }: Signing,
  { id, publicJwk }: Pick<StoredSigningKey, 'id' | 'publicJwk'>,
  { profile, sequence }: { profile: CertificateProfile; sequence: number },
): Promise<StoredCertificate> {
  const { subject, ...terms } = certificateTerms(tenant)
  const certificate = await makeDocumentSigner({
    ...terms,
    root: root.certificate,
    rootKey: sealer.open(placeOf('root'), root.privateKeySealed),
    subjectName: `${subject} document signer`,
    publicJwk,
    now,
    profile,
  })
  const { serialNumber, validTo } = new X509Certificate(certificate)
  return {
    keyId: id,
    profile,
    sequence,
    serial: serialNumber.toLowerCase(),
    certificate,
    terms: termsOf(tenant),
    notAfter: new Date(validTo),
    createdAt: now,
  }
}

/** A further generation with its certificates, to be stored by who decides that it comes. */
export async function draftKey(
  { vault, clock, random }: Pick<Needs, 'vault' | 'clock' | 'random'>,
  tenant: LiveTenant,
  root: StoredRoot,
  { name, algorithm, generation, activatesAt }: Generation,
): Promise<DraftedKey> {
  const now = clock()
  const sealer = await vault.of(tenant.id)
  const wanted = wantedKeys(tenant).find((one) => one.name === name && one.algorithm === algorithm)
  const { secret, publicJwk } = await keyStores.get('software')!.generate(algorithm)
  const id = newId({ clock, random })
  const certificates: StoredCertificate[] = []
  for (const profile of wanted?.profiles ?? ['general' as const]) {
    const first = { profile, sequence: 1 }
    certificates.push(await draftCertificate(tenant, { sealer, root, now }, { id, publicJwk }, first))
  }
  const key = {
    id,
    name,
    algorithm,
    generation,
    publicJwk,
    privateKeySealed: sealer.seal(placeOf(id), secret),
    activatesAt,
    longestSeconds: wanted?.longestSeconds ?? 0,
    revokedAt: undefined,
    createdAt: now,
  }
  return { key, certificates }
}
