import type { Knex } from 'knex'

/** In the order in which they run. A released migration is never changed; names have no ending, so that src and dist agree on what has run. */
export const migrations: Record<string, () => Promise<Knex.Migration>> = {
  '0001-tenants': () => import('./0001-tenants.ts'),
  '0002-issuance': () => import('./0002-issuance.ts'),
  '0003-records': () => import('./0003-records.ts'),
  '0004-attesters': () => import('./0004-attesters.ts'),
  '0005-encryption-keys': () => import('./0005-encryption-keys.ts'),
  '0006-grant-life': () => import('./0006-grant-life.ts'),
  '0007-signing-keys': () => import('./0007-signing-keys.ts'),
  '0008-status': () => import('./0008-status.ts'),
  '0009-provider-keys': () => import('./0009-provider-keys.ts'),
  '0010-person-binding': () => import('./0010-person-binding.ts'),
  '0011-authorization-servers': () => import('./0011-authorization-servers.ts'),
  '0013-claim-sources': () => import('./0013-claim-sources.ts'),
  '0014-renewal': () => import('./0014-renewal.ts'),
  '0015-references': () => import('./0015-references.ts'),
  '0016-test-sign-ins': () => import('./0016-test-sign-ins.ts'),
  '0017-claim-names': () => import('./0017-claim-names.ts'),
}
