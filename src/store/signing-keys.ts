import { type Ask, date, dateOrUndefined, parsed } from './ask.ts'
import { insertOnce } from './database.ts'

export type StoredSigningKey = {
  id: string
  algorithm: 'ES256' | 'ES384' | 'EdDSA'
  publicJwk: Record<string, unknown>
  privateKeySealed: Buffer
  certificate: Buffer
  hosts: string[]
  notAfter: Date
  createdAt: Date
  retiredAt: Date | undefined
}

/** A tenant's root (`root`) and document signers (`signer-1`, …). */
export const signingKeys = (ask: Ask) => ({
  /** False if the id is taken: another node was quicker, and its key is the one that counts. */
  insert: (tenantId: string, key: Omit<StoredSigningKey, 'retiredAt'>): Promise<boolean> =>
    ask((db) =>
      insertOnce(db, 'signing_keys', {
        tenant_id: tenantId,
        id: key.id,
        algorithm: key.algorithm,
        public_jwk: JSON.stringify(key.publicJwk),
        private_key_sealed: key.privateKeySealed,
        certificate: key.certificate,
        hosts: JSON.stringify(key.hosts),
        not_after: key.notAfter.getTime(),
        created_at: key.createdAt.getTime(),
      }),
    ),

  list: (tenantId: string): Promise<StoredSigningKey[]> =>
    ask(async (db) =>
      (await db('signing_keys').where({ tenant_id: tenantId }).orderBy('created_at')).map((row) => ({
        id: String(row.id),
        algorithm: row.algorithm as StoredSigningKey['algorithm'],
        publicJwk: parsed<Record<string, unknown>>(row.public_jwk),
        privateKeySealed: Buffer.from(row.private_key_sealed),
        certificate: Buffer.from(row.certificate),
        hosts: parsed<string[]>(row.hosts),
        notAfter: date(row.not_after),
        createdAt: date(row.created_at),
        retiredAt: dateOrUndefined(row.retired_at),
      })),
    ),

  /** A renewed certificate for the same key. */
  renew: (tenantId: string, id: string, certificate: Buffer, hosts: string[], notAfter: Date): Promise<unknown> =>
    ask((db) =>
      db('signing_keys')
        .where({ tenant_id: tenantId, id })
        .update({ certificate, hosts: JSON.stringify(hosts), not_after: notAfter.getTime() }),
    ),
})
