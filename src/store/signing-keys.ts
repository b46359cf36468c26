import { type Ask, date } from './ask.ts'
import { insertOnce } from './database.ts'
import {
  asCertificate,
  asKey,
  type StoredCertificate,
  type StoredKeys,
  type StoredRoot,
  type StoredSigningKey,
} from './signing-key-row.ts'

type Generation = Pick<StoredSigningKey, 'name' | 'algorithm' | 'generation'>

const rootId = 'root'
// Columns that only the root has a use for: signers have their certificates in a table of its own.
const withoutCertificate = { certificate: Buffer.alloc(0), not_after: 0 }
const wiped = { private_key_sealed: Buffer.alloc(0) }

/** A tenant's root, the generations of its keys, and every certificate that they ever had. */
export const signingKeys = (ask: Ask) => ({
  /** False if there is one: another node was quicker, and its root is the one that counts. */
  insertRoot: (tenantId: string, { certificate, privateKeySealed, createdAt }: StoredRoot): Promise<boolean> =>
    ask((db) =>
      insertOnce(db, 'signing_keys', {
        ...{ ...withoutCertificate, tenant_id: tenantId, id: rootId, certificate },
        ...{ algorithm: 'ES256', public_jwk: '{}', private_key_sealed: privateKeySealed, hosts: '[]' },
        created_at: createdAt.getTime(),
      }),
    ),

  /** False if the key has this generation: another node was quicker. */
  insert: (tenantId: string, key: StoredSigningKey): Promise<boolean> =>
    ask((db) =>
      insertOnce(db, 'signing_keys', {
        ...{ ...withoutCertificate, tenant_id: tenantId, id: key.id, hosts: '[]' },
        ...{ name: key.name, algorithm: key.algorithm, generation: key.generation },
        public_jwk: JSON.stringify(key.publicJwk),
        private_key_sealed: key.privateKeySealed,
        activates_at: key.activatesAt.getTime(),
        longest_seconds: key.longestSeconds,
        created_at: key.createdAt.getTime(),
      }),
    ),

  /** False if the key has one of this sequence for the profile: another node was quicker. */
  insertCertificate: (tenantId: string, certificate: StoredCertificate): Promise<boolean> =>
    ask((db) =>
      insertOnce(db, 'signing_certificates', {
        ...{ tenant_id: tenantId, key_id: certificate.keyId, profile: certificate.profile },
        ...{ sequence: certificate.sequence, serial: certificate.serial, certificate: certificate.certificate },
        ...{ terms: certificate.terms, not_after: certificate.notAfter.getTime() },
        created_at: certificate.createdAt.getTime(),
      }),
    ),

  /** Fresh, for who has lost a race has to see the winner's. Keys by name and algorithm, oldest generation first. */
  load: (tenantId: string): Promise<StoredKeys> =>
    ask(
      async (db) => {
        const rows = await db('signing_keys')
          .where({ tenant_id: tenantId })
          .orderBy(['name', 'algorithm', 'generation'])
        const root = rows.find(({ id }) => id === rootId)
        return {
          root: root && {
            certificate: Buffer.from(root.certificate),
            privateKeySealed: Buffer.from(root.private_key_sealed),
            createdAt: date(root.created_at),
          },
          keys: rows.filter(({ id }) => id !== rootId).map(asKey),
          certificates: (await db('signing_certificates').where({ tenant_id: tenantId }).orderBy('sequence')).map(
            asCertificate,
          ),
        }
      },
      { fresh: true },
    ),

  /** Notes that credentials of this validity are signed with it from now on. */
  raiseLongest: (tenantId: string, id: string, seconds: number): Promise<number> =>
    ask((db) =>
      db('signing_keys')
        .where({ tenant_id: tenantId, id })
        .where('longest_seconds', '<', seconds)
        .update({ longest_seconds: seconds }),
    ),

  /** Lets a published generation sign at once; 0 if it does already. */
  activate: (tenantId: string, generation: Generation, now: Date): Promise<number> =>
    ask((db) =>
      db('signing_keys')
        .where({ tenant_id: tenantId, ...only(generation) })
        .where('activates_at', '>', now.getTime())
        .update({ activates_at: now.getTime() }),
    ),

  /** Revokes every generation before this one, and forgets their private keys; answers how many it were. */
  revokeBefore: (tenantId: string, { generation, ...key }: Generation, now: Date): Promise<number> =>
    ask((db) =>
      db('signing_keys')
        .where({ tenant_id: tenantId, name: key.name, algorithm: key.algorithm })
        .where('generation', '<', generation)
        .whereNull('revoked_at')
        .update({ revoked_at: now.getTime(), ...wiped }),
    ),

  /** Forgets the private key of a generation that has ceased to sign. */
  wipe: (tenantId: string, id: string, retiredAt: Date): Promise<number> =>
    ask((db) =>
      db('signing_keys')
        .where({ tenant_id: tenantId, id })
        .update({ retired_at: retiredAt.getTime(), ...wiped }),
    ),
})

const only = ({ name, algorithm, generation }: Generation) => ({ name, algorithm, generation })
