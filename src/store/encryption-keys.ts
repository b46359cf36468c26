import { type Ask, date, parsed } from './ask.ts'
import { insertOnce } from './database.ts'

export type StoredEncryptionKey = {
  /** Counts up by one with every rotation. */
  generation: number
  /** With its `kid`. */
  publicJwk: Record<string, unknown>
  privateKeySealed: Buffer
  createdAt: Date
  expiresAt: Date
}

/** The keys that wallets encrypt their requests to, of which a tenant has one or, around a rotation, two. */
export const encryptionKeys = (ask: Ask) => ({
  /** False if there is one of that generation: another node was quicker, and its key is the one that counts. */
  insert: (tenantId: string, key: StoredEncryptionKey): Promise<boolean> =>
    ask((db) =>
      insertOnce(db, 'encryption_keys', {
        tenant_id: tenantId,
        generation: key.generation,
        public_jwk: JSON.stringify(key.publicJwk),
        private_key_sealed: key.privateKeySealed,
        created_at: key.createdAt.getTime(),
        expires_at: key.expiresAt.getTime(),
      }),
    ),

  /** The newest last, with those that have expired and are not yet purged. `fresh`: with what other nodes wrote just now. */
  list: (tenantId: string, options: { fresh?: boolean } = {}): Promise<StoredEncryptionKey[]> =>
    ask(
      async (db) =>
        (await db('encryption_keys').where({ tenant_id: tenantId }).orderBy('generation')).map((row) => ({
          generation: Number(row.generation),
          publicJwk: parsed<Record<string, unknown>>(row.public_jwk),
          privateKeySealed: Buffer.from(row.private_key_sealed),
          createdAt: date(row.created_at),
          expiresAt: date(row.expires_at),
        })),
      options,
    ),
})
