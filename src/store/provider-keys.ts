import { type Ask, date, parsed } from './ask.ts'
import { insertOnce } from './database.ts'

export type StoredProviderKey = {
  identityProvider: string
  use: 'sig' | 'enc'
  /** With its `kid` and `alg`. */
  publicJwk: Record<string, unknown>
  privateKeySealed: Buffer
  createdAt: Date
}

/** The keys that a tenant has at each identity provider, one for each use. */
export const providerKeys = (ask: Ask) => ({
  /** False if there is one: another node was quicker, and its key is the one that counts. */
  insert: (tenantId: string, key: StoredProviderKey): Promise<boolean> =>
    ask((db) =>
      insertOnce(db, 'provider_keys', {
        ...{ tenant_id: tenantId, identity_provider: key.identityProvider, key_use: key.use },
        public_jwk: JSON.stringify(key.publicJwk),
        private_key_sealed: key.privateKeySealed,
        created_at: key.createdAt.getTime(),
      }),
    ),

  /** `fresh`: with what other nodes wrote just now. */
  find: (
    tenantId: string,
    identityProvider: string,
    use: StoredProviderKey['use'],
    options: { fresh?: boolean } = {},
  ): Promise<StoredProviderKey | undefined> =>
    ask(async (db) => {
      const key = { tenant_id: tenantId, identity_provider: identityProvider, key_use: use }
      const row = await db('provider_keys').where(key).first()
      return (
        row && {
          ...{ identityProvider, use },
          publicJwk: parsed<Record<string, unknown>>(row.public_jwk),
          privateKeySealed: Buffer.from(row.private_key_sealed),
          createdAt: date(row.created_at),
        }
      )
    }, options),
})
