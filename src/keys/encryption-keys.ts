import { generateKeyPairSync } from 'node:crypto'
import { type Jwk, thumbprint } from '../lib/jwk.ts'
import { after } from '../lib/time.ts'
import type { StoredEncryptionKey } from '../store/encryption-keys.ts'
import type { Tables } from '../store/index.ts'
import type { Vault } from '../store/sealed.ts'

/** The keys of each tenant that wallets encrypt their requests to (OpenID4VCI §10, §12.2.4). */
export type EncryptionKeys = {
  /** The public key to publish now, as a JWK with `kid`, `alg` and `use`. */
  current(tenantId: string): Promise<Jwk>
  /** The private key of a `kid` that is published, or was until lately. */
  find(tenantId: string, kid: string): Promise<Jwk | undefined>
}

type Needs = { tables: Pick<Tables, 'encryptionKeys'>; vault: Vault; clock: () => Date }
type OpenedKey = { publicJwk: Jwk; privateJwk: Jwk; createdAt: Date; expiresAt: Date }

const daySeconds = 86_400
/** So long a key is published, and so much longer it is accepted: caches hold the metadata of before. */
const [publishedSeconds, acceptedSeconds] = [30 * daySeconds, 32 * daySeconds]
const refreshMillis = 60_000

const place = (generation: number) => ({
  table: 'encryption_keys',
  column: 'private_key_sealed',
  row: String(generation),
})

/**
 * Makes a key at first need, and the next one at first need after thirty days. A generation is one row, so that nodes which make
 * it at once end with one key; the purge deletes what has expired, and with it what was encrypted to it.
 */
export function makeEncryptionKeys({ tables, vault, clock }: Needs): EncryptionKeys {
  const rings = new Map<string, { readAt: number; keys: OpenedKey[] }>()

  const isPublished = ({ createdAt }: { createdAt: Date }) => clock() < after(createdAt, publishedSeconds)

  async function make(tenantId: string, generation: number): Promise<void> {
    const sealer = await vault.of(tenantId)
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const bare = publicKey.export({ format: 'jwk' }) as Jwk
    const createdAt = clock()
    await tables.encryptionKeys.insert(tenantId, {
      generation,
      publicJwk: { ...bare, use: 'enc', alg: 'ECDH-ES', kid: thumbprint(bare) },
      privateKeySealed: sealer.seal(place(generation), String(privateKey.export({ format: 'jwk' }).d)),
      createdAt,
      expiresAt: after(createdAt, acceptedSeconds),
    })
  }

  /** From the database; `fresh`: also what another node wrote just now. */
  async function load(tenantId: string, fresh = false): Promise<OpenedKey[]> {
    let stored = await tables.encryptionKeys.list(tenantId, { fresh })
    const newest = stored.at(-1)
    if (!newest || !isPublished(newest)) {
      await make(tenantId, (newest?.generation ?? 0) + 1)
      stored = await tables.encryptionKeys.list(tenantId, { fresh: true })
    }
    const sealer = await vault.of(tenantId)
    const open = ({ generation, publicJwk, privateKeySealed, createdAt, expiresAt }: StoredEncryptionKey) => {
      const privateJwk = { ...publicJwk, d: sealer.open(place(generation), privateKeySealed).toString() }
      return { publicJwk, privateJwk, createdAt, expiresAt }
    }
    const keys = stored.filter(({ expiresAt }) => clock() < expiresAt).map(open)
    rings.set(tenantId, { readAt: clock().getTime(), keys })
    return keys
  }

  async function keysOf(tenantId: string): Promise<OpenedKey[]> {
    const ring = rings.get(tenantId)
    if (!ring?.keys.some(isPublished)) return load(tenantId)
    const now = clock().getTime()
    if (now - ring.readAt > refreshMillis) {
      // Behind the caller's back: what other nodes added is noticed, and an outage keeps nobody from the metadata.
      ring.readAt = now
      load(tenantId).catch(() => undefined)
    }
    return ring.keys
  }

  return {
    current: async (tenantId) => (await keysOf(tenantId)).at(-1)!.publicJwk,

    async find(tenantId, kid) {
      const within = (keys: OpenedKey[]) =>
        keys.find(({ publicJwk, expiresAt }) => publicJwk.kid === kid && clock() < expiresAt)?.privateJwk
      return within(await keysOf(tenantId)) ?? within(await load(tenantId, true))
    },
  }
}
