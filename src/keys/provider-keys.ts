import { generateKeyPair, hash } from 'node:crypto'
import { promisify } from 'node:util'
import type { Jwk } from '../lib/jwk.ts'
import { type Kept, keptByName, keptFor } from '../lib/kept.ts'
import type { Tables } from '../store/index.ts'
import type { StoredProviderKey } from '../store/provider-keys.ts'
import type { Vault } from '../store/sealed.ts'

type Use = StoredProviderKey['use']
type OpenedKey = { publicJwk: Jwk; privateJwk: Jwk }

/** The keys by which identity providers know a tenant (RFC 7523 §2.2, RFC 9101), and to which they encrypt ID tokens and UserInfo. */
export type ProviderKeys = {
  /** Made at first need; the public half has `kid`, `use` and `alg`. */
  get(tenantId: string, identityProvider: string, use: Use): Promise<OpenedKey>
}

type Needs = { tables: Pick<Tables, 'providerKeys'>; vault: Vault; clock: () => Date }

const generate = promisify(generateKeyPair)
/** RSA for what is encrypted: every product can do that, and few can do more. */
const made = {
  sig: { alg: 'ES256', make: () => generate('ec', { namedCurve: 'P-256' }) },
  enc: { alg: 'RSA-OAEP-256', make: () => generate('rsa', { modulusLength: 2048 }) },
}
const most = 1000

/** A provider and a use have one row, so that nodes which make a key at once end with one; a node keeps those it has read. */
export function makeProviderKeys({ tables, vault, clock }: Needs): ProviderKeys {
  const known = keptByName<Kept<OpenedKey>>(most)
  const place = (identityProvider: string, use: Use) => ({
    ...{ table: 'provider_keys', column: 'private_key_sealed', row: `${identityProvider} ${use}` },
  })

  async function make(tenantId: string, identityProvider: string, use: Use): Promise<void> {
    const { privateKey, publicKey } = await made[use].make()
    const bare = publicKey.export({ format: 'jwk' })
    const kid = hash('sha256', publicKey.export({ format: 'der', type: 'spki' }), 'base64url')
    const privateJwk = JSON.stringify(privateKey.export({ format: 'jwk' }))
    await tables.providerKeys.insert(tenantId, {
      ...{ identityProvider, use, createdAt: clock() },
      publicJwk: { ...bare, use, alg: made[use].alg, kid },
      privateKeySealed: (await vault.of(tenantId)).seal(place(identityProvider, use), privateJwk),
    })
  }

  async function load(tenantId: string, identityProvider: string, use: Use): Promise<OpenedKey> {
    const find = (fresh: boolean) => tables.providerKeys.find(tenantId, identityProvider, use, { fresh })
    let stored = await find(false)
    if (!stored) {
      await make(tenantId, identityProvider, use)
      stored = await find(true)
    }
    if (!stored) throw new Error(`The ${use} key for ${identityProvider} was made and is not there`)
    const { publicJwk, privateKeySealed } = stored
    const opened = (await vault.of(tenantId)).open(place(identityProvider, use), privateKeySealed)
    return { publicJwk, privateJwk: { ...(JSON.parse(opened.toString()) as Jwk), ...publicJwk } }
  }

  return {
    get(tenantId, identityProvider, use) {
      const name = JSON.stringify([tenantId, identityProvider, use])
      const ever = { seconds: Number.POSITIVE_INFINITY }
      return known(name, () => keptFor(clock, () => load(tenantId, identityProvider, use), ever)).get()
    },
  }
}
