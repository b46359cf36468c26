import { X509Certificate } from 'node:crypto'
import { after } from '../lib/time.ts'
import type { LiveTenant } from '../model/live.ts'
import type {
  CertificateProfile,
  StoredCertificate,
  StoredKeys,
  StoredRoot,
  StoredSigningKey,
} from '../store/signing-key-row.ts'
import { draftCertificate, draftKey, draftRoot, type Needs, termsOf } from './draft-keys.ts'
import { retiresAt } from './generations.ts'
import { longestSeconds, type WantedKey, wantedKeys } from './wanted-keys.ts'
import { daySeconds } from './x509.ts'

/** What a tenant has once everything that it needs was made. */
export type MadeKeys = StoredKeys & { root: StoredRoot }

/** A credential should not outlive the certificate of its signer, which lives 457 days: so it is renewed that much earlier. */
const renewBeforeSeconds = (tenant: LiveTenant): number =>
  Math.min(longestSeconds(tenant) + 30 * daySeconds, 400 * daySeconds)

/** The certificate of a key that is sent: the newest of its profile. */
export const currentCertificate = (
  certificates: readonly StoredCertificate[],
  keyId: string,
  profile: CertificateProfile,
): StoredCertificate | undefined => certificates.findLast((one) => one.keyId === keyId && one.profile === profile)

/** The generations of a key that sign, or will. */
const signing = ({ name, algorithm }: WantedKey, keys: readonly StoredSigningKey[], now: Date) =>
  keys.filter(
    (key) => key.name === name && key.algorithm === algorithm && !key.revokedAt && (retiresAt(key, keys) ?? now) >= now,
  )

/** The keys that a configuration names and that have no generation, each in its first. Answers how many it made. */
async function makeFirst(needs: Needs, tenant: LiveTenant, { root, keys }: MadeKeys): Promise<number> {
  const now = needs.clock()
  const { signingKeys } = needs.tables
  const missing = wantedKeys(tenant).filter((wanted) => signing(wanted, keys, now).length === 0)
  for (const { name, algorithm } of missing) {
    const draft = await draftKey(needs, tenant, root, { name, algorithm, generation: 1, activatesAt: now })
    if (!(await signingKeys.insert(tenant.id, draft.key))) continue
    for (const certificate of draft.certificates) await signingKeys.insertCertificate(tenant.id, certificate)
  }
  return missing.length
}

/** Certificates that are missing, say something old, or end too soon; of two nodes that renew one at once the first counts. */
async function makeCertificates(needs: Needs, tenant: LiveTenant, made: MadeKeys): Promise<number> {
  const { tables, vault, clock } = needs
  const { root, keys, certificates } = made
  const now = clock()
  const sealer = await vault.of(tenant.id)
  const terms = termsOf(tenant)
  const end = new Date(new X509Certificate(root.certificate).validTo) // no certificate outlives it
  const enough = Math.min(after(now, renewBeforeSeconds(tenant)).getTime(), end.getTime() - 1)
  const renewed: StoredCertificate[] = []
  for (const wanted of wantedKeys(tenant)) {
    for (const key of signing(wanted, keys, now)) {
      for (const profile of wanted.profiles) {
        const current = currentCertificate(certificates, key.id, profile)
        if (current?.terms === terms && current.notAfter.getTime() > enough) continue
        const next = { profile, sequence: (current?.sequence ?? 0) + 1 }
        renewed.push(await draftCertificate(tenant, { sealer, root, now }, key, next))
      }
    }
  }
  for (const certificate of renewed) await tables.signingKeys.insertCertificate(tenant.id, certificate)
  return renewed.length
}

/** Notes how long what a key signs may be valid from now on, and forgets the private keys of generations that ceased to sign a day ago. */
async function keepRecords({ tables, clock }: Needs, tenant: LiveTenant, { keys }: MadeKeys): Promise<number> {
  const now = clock()
  let changed = 0
  for (const wanted of wantedKeys(tenant)) {
    for (const { id, longestSeconds: known } of signing(wanted, keys, now)) {
      if (known < wanted.longestSeconds)
        changed += await tables.signingKeys.raiseLongest(tenant.id, id, wanted.longestSeconds)
    }
  }
  for (const key of keys) {
    const retired = retiresAt(key, keys)
    if (key.privateKeySealed.length > 0 && retired && after(retired, daySeconds) < now)
      changed += await tables.signingKeys.wipe(tenant.id, key.id, retired)
  }
  return changed
}

/**
 * Makes what a tenant lacks: a root, a first generation of each key that its configurations name, and certificates that say what they
 * should and live long enough. Where two nodes make one at once, the database keeps the first, and both answer that.
 */
export async function makeKeys(needs: Needs, tenant: LiveTenant): Promise<MadeKeys> {
  const { tables, vault, clock } = needs
  const load = async (): Promise<StoredKeys> => tables.signingKeys.load(tenant.id)
  let stored = await load()
  if (!stored.root) {
    await tables.signingKeys.insertRoot(tenant.id, await draftRoot(tenant, await vault.of(tenant.id), clock()))
    stored = await load()
  }
  const { root } = stored
  if (!root) throw new Error(`The root of the tenant ${tenant.name} was made and is not there`)
  let made: MadeKeys = { ...stored, root }
  for (const make of [makeFirst, makeCertificates, keepRecords]) {
    if ((await make(needs, tenant, made)) > 0) made = { ...(await load()), root }
  }
  return made
}
