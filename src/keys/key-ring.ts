import type { LiveTenant } from '../model/live.ts'
import { type DraftedKey, draftKey, type Generation, type Needs } from './draft-keys.ts'
import { makeKeys } from './make-keys.ts'
import { openKeys, type TenantKeys } from './tenant-keys.ts'

export type KeyRing = {
  of(tenant: LiveTenant): Promise<TenantKeys>
  /** A further generation of a key with its certificates, to be stored where it is decided that it comes. */
  draft(tenant: LiveTenant, generation: Generation): Promise<DraftedKey>
}

/** So long a node looks at nothing anew if the configuration stays the same; a rotation is a change of it. */
const knownMs = 3_600_000

/**
 * The keys of each tenant, made at first need: a root, and for each key that a configuration names a document signer, whose
 * certificates name the tenant's issuers. When what they say changes, or the end is near, they are renewed for the same key.
 */
export function makeKeyRing(needs: Needs): KeyRing {
  const { vault, clock } = needs
  const rings = new Map<string, { version: number; until: number; keys: Promise<TenantKeys> }>()

  const load = async (tenant: LiveTenant): Promise<TenantKeys> => {
    const made = await makeKeys(needs, tenant)
    return openKeys(made, await vault.of(tenant.id), clock)
  }

  return {
    of(tenant) {
      const known = rings.get(tenant.id)
      const now = clock().getTime()
      if (known && known.version === tenant.configurationVersion && now < known.until) return known.keys
      const keys = load(tenant)
      rings.set(tenant.id, { version: tenant.configurationVersion, until: now + knownMs, keys })
      keys.catch(() => rings.delete(tenant.id)) // the caller hears of it; the next one tries again
      return keys
    },

    async draft(tenant, generation) {
      const { root } = await makeKeys(needs, tenant)
      return draftKey(needs, tenant, root, generation)
    },
  }
}
