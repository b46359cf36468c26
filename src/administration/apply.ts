import { newId, newSecret } from '../lib/ids.ts'
import type { WrittenTenantFile } from '../model/tenant.ts'
import type { Services } from '../services.ts'
import { Missed } from '../store/database.ts'
import type { Change } from './write-rows.ts'
import { writeTenant } from './write-tenant.ts'

type Needs = Pick<Services, 'config' | 'clock' | 'random' | 'tables' | 'inTransaction' | 'vault' | 'log'>

/** What an apply did. The keys of new API clients are in the clear here and nowhere else. */
export type Applied = { changes: Change[]; apiKeys: { id: string; key: string }[] }

/** Rolls back a transaction in which nothing was left to do, so that no node reads its configuration again for it. */
class Unchanged extends Error {}
/** Another node made the tenant first, with an id of its own. */
class Overtaken extends Error {}

/**
 * Creates a tenant, or makes it what a checked file says, with everything below it: what the file leaves out is removed, an issuer
 * is retired. One transaction; the same file again changes nothing.
 */
export async function applyTenant(services: Needs, file: WrittenTenantFile): Promise<Applied> {
  for (;;) {
    const known = await services.tables.tenants.version(file.tenant)
    try {
      return await applyAs(services, known?.id ?? newId(services), file)
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error
    }
  }
}

async function applyAs(services: Needs, tenantId: string, file: WrittenTenantFile): Promise<Applied> {
  const { config, clock, vault, inTransaction, log } = services
  const draft = {
    tenantId,
    file,
    publicUrl: config.publicUrl,
    now: clock(),
    sealer: await vault.of(tenantId),
    issuerIds: new Map(Object.keys(file.issuers ?? {}).map((name) => [name, newId(services)])),
    keys: new Map(Object.keys(file.api_clients ?? {}).map((id) => [id, `cg_${newSecret(services)}`])),
  }
  // Kept from run to run: one that follows a COMMIT whose answer was lost finds nothing left to do.
  const changes = new Map<string, Change>()
  const given = new Set<string>()
  await inTransaction(async (within) => {
    const locked = (await within.tenants.touch(tenantId)) === 1
    const written = await writeTenant(within, draft, locked)
    if (!written) throw new Overtaken()
    for (const change of written.changes) changes.set(`${change.kind} ${change.id}`, change)
    for (const id of written.newKeys) given.add(id)
    if (written.changes.length === 0) throw new Missed(new Unchanged())
  }).catch((error: unknown) => {
    if (!(error instanceof Unchanged)) throw error
  })
  log.info({ tenant: file.tenant, changes: changes.size }, 'Tenant applied')
  const apiKeys = [...draft.keys].flatMap(([id, key]) => (given.has(id) ? [{ id, key }] : []))
  return { changes: [...changes.values()], apiKeys }
}
