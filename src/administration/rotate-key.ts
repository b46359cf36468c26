import { activeGeneration, overlapSeconds } from '../keys/generations.ts'
import type { SigningAlgorithm } from '../keys/signer.ts'
import { newId } from '../lib/ids.ts'
import { after } from '../lib/time.ts'
import type { LiveTenant } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { Missed } from '../store/database.ts'
import type { Tables } from '../store/index.ts'
import type { StoredSigningKey } from '../store/signing-key-row.ts'
import { type ShownSigningKey, shownKeys } from './show-signing-keys.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'tables' | 'keyRing' | 'inTransaction' | 'log'>

export type Rotation = {
  /** Default: every key of the tenant. */
  key?: string | undefined
  /** Default: every algorithm of it. */
  algorithm?: SigningAlgorithm | undefined
  /** The new generation signs at once, though verifiers may not have seen it yet. */
  now?: boolean | undefined
  /** `now`, and every generation before it is revoked. */
  compromised?: boolean | undefined
}

/** Rolls back a transaction that found nothing to do. */
class Unchanged extends Error {}

type Plan = { name: string; algorithm: SigningAlgorithm; generation: number }

/** One plan a key: the generation after the newest, or the newest if that does not sign yet. */
function plans(keys: StoredSigningKey[], { key, algorithm, compromised }: Rotation, now: Date): Plan[] {
  const heads = new Map<string, StoredSigningKey>()
  for (const one of keys) {
    if ((key ?? one.name) !== one.name || (algorithm ?? one.algorithm) !== one.algorithm) continue
    heads.set(`${one.name} ${one.algorithm}`, one) // they come oldest first
  }
  return [...heads.values()].map(({ name, algorithm: of, generation, activatesAt }) => {
    const isWaiting =
      activatesAt > now && activeGeneration({ name, algorithm: of }, keys, now)?.generation !== generation
    return { name, algorithm: of, generation: isWaiting && !compromised ? generation : generation + 1 }
  })
}

/**
 * Gives keys of a tenant a new generation. It is published at once and signs when whoever keeps the key set has had time to see it; the
 * one before stays published until what it signed has expired. Two rotations at once come to one, and one that waits is not doubled.
 * Answers all generations of the keys.
 * @throws ProtocolError `not_found` if the tenant has no such key
 */
export async function rotateKeys(services: Needs, tenant: LiveTenant, rotation: Rotation): Promise<ShownSigningKey[]> {
  const { clock, tables, keyRing, inTransaction, log } = services
  const { compromised = false, now: atOnce = compromised } = rotation
  await keyRing.of(tenant)
  const now = clock()
  const { keys: before } = await tables.signingKeys.load(tenant.id)
  const planned = plans(before, rotation, now)
  if (planned.length === 0) throw new ProtocolError('not_found', 'The tenant has no such signing key.')

  const isThere = (plan: Plan) =>
    before.some(({ name, algorithm, generation }) => {
      return name === plan.name && algorithm === plan.algorithm && generation === plan.generation
    })
  const activatesAt = atOnce || compromised ? now : after(now, overlapSeconds)
  const drafts = await Promise.all(
    planned.filter((plan) => !isThere(plan)).map((plan) => keyRing.draft(tenant, { ...plan, activatesAt })),
  )
  const event = {
    id: newId(services),
    type: 'signing_key.rotated' as const,
    sessionId: undefined,
    offerId: undefined,
    details: { keys: planned, activates_at: activatesAt.toISOString(), compromised },
    createdAt: now,
  }
  const decide = async (within: Tables): Promise<void> => {
    await within.tenants.touch(tenant.id) // nodes read their keys again, and rotations come one by one
    let changes = 0
    for (const { key, certificates } of drafts) {
      if (!(await within.signingKeys.insert(tenant.id, key))) continue // another rotation was quicker: this one joins it
      for (const certificate of certificates) await within.signingKeys.insertCertificate(tenant.id, certificate)
      changes++
    }
    for (const plan of planned) {
      if (atOnce || compromised) changes += await within.signingKeys.activate(tenant.id, plan, now)
      if (compromised) changes += await within.signingKeys.revokeBefore(tenant.id, plan, now)
    }
    if (changes === 0) throw new Missed(new Unchanged())
    await within.events.insert({ tenantId: tenant.id, issuerId: '' }, event) // it is the tenant's, not an issuer's
  }
  await inTransaction(decide).catch((error: unknown) => {
    if (!(error instanceof Unchanged)) throw error
  })
  log.info({ tenant: tenant.name, keys: planned, compromised }, 'Signing keys rotated')

  const isRotated = ({ name, algorithm }: Plan) =>
    planned.some((plan) => plan.name === name && plan.algorithm === algorithm)
  return shownKeys(await tables.signingKeys.load(tenant.id), clock()).filter(isRotated)
}
