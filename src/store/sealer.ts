import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { equal, hmac } from '../lib/secrets.ts'

/** Where a sealed value lies. It opens there and nowhere else. */
export type Place = { table: string; column: string; row: string }

/** A tenant's secrets work: sealing, keyed indices, MACs. Synchronous, for the keys are in memory. */
export type Sealer = {
  seal(where: Place, plaintext: string | Buffer): Buffer
  /** Throws where the value was changed, was moved from its place, or is of a key that was deleted. */
  open(where: Place, sealed: Buffer): Buffer
  /** A name under which `text` is found again, without the text: HMAC-SHA-256, 43 characters. Its key never changes. */
  index(text: string): string
  /** `v1.{key id}.{HMAC-SHA-256}`, bound to the purpose and to every part. Compare with `isMac`: the key may have rotated. */
  mac(purpose: string, ...parts: string[]): string
  isMac(mac: string, purpose: string, ...parts: string[]): boolean
  /** A key for MACs made elsewhere (nonces), derived, so that none of them can pass for one of `mac`. */
  macKey: { keyId: string; key: KeyObject }
  /** The `macKey` of an id, or undefined if there is none. */
  keys(keyId: string): KeyObject | undefined
}

/** Keys of one purpose by id; the last one is what new values are made with. */
export type Keys = ReadonlyMap<string, Buffer>
export type TenantKeys = { seal: Keys; index: Keys; mac: Keys }

const version = 1
const [nonceBytes, tagBytes] = [12, 16]

/** AES-256-GCM: nonce, ciphertext, tag. `context` is bound, not stored. */
export function encrypt(key: KeyObject | Buffer, context: string, plaintext: Buffer, nonce: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context))
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

/** The plaintext of `encrypt`, or undefined if key, context or bytes are not the same. */
export function decrypt(key: KeyObject | Buffer, context: string, sealed: Buffer): Buffer | undefined {
  if (sealed.length < nonceBytes + tagBytes) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
  decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(-tagBytes))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()])
  } catch {
    return undefined
  }
}

/** A key for one use, from one that has several (RFC 5869). */
export const derive = (key: Buffer, use: string): Buffer =>
  Buffer.from(hkdfSync('sha256', key, '', `claimgate ${use}`, 32))

/** As Node wants keys: from bare bytes it makes such an object at every use, which costs more than the use. */
const prepare = (keys: Keys): Map<string, KeyObject> =>
  new Map([...keys].map(([keyId, key]) => [keyId, createSecretKey(key)]))

const newest = (keys: Map<string, KeyObject>): { keyId: string; key: KeyObject } => {
  const [keyId, key] = [...keys].at(-1) as [string, KeyObject]
  return { keyId, key }
}

/** The sealer of one tenant over its unwrapped keys, each purpose with one at least. */
export function makeSealer(tenantId: string, keys: TenantKeys, random: (bytes: number) => Buffer): Sealer {
  // JSON, because it is injective: no two places or lists of parts read the same.
  const contextOf = ({ table, column, row }: Place, keyId: string) =>
    JSON.stringify([tenantId, table, column, row, keyId])
  const macOf = (key: KeyObject, parts: string[]) =>
    hmac(key, JSON.stringify([tenantId, ...parts])).toString('base64url')
  const [sealKeys, macKeys] = [prepare(keys.seal), prepare(keys.mac)]
  const [sealing, indexing, authenticating] = [newest(sealKeys), newest(prepare(keys.index)), newest(macKeys)]
  const derived = prepare(new Map([...keys.mac].map(([keyId, key]) => [keyId, derive(key, 'mac elsewhere')])))

  return {
    seal(where, plaintext) {
      const { keyId, key } = sealing
      const head = Buffer.from([version, keyId.length, ...Buffer.from(keyId, 'latin1')])
      const body = encrypt(key, contextOf(where, keyId), Buffer.from(plaintext as string), random(nonceBytes))
      return Buffer.concat([head, body])
    },

    open(where, sealed) {
      const end = 2 + (sealed[1] ?? 0)
      const keyId = sealed.toString('latin1', 2, end)
      const key = sealed[0] === version ? sealKeys.get(keyId) : undefined
      const plaintext = key && decrypt(key, contextOf(where, keyId), sealed.subarray(end))
      if (!plaintext) throw new Error(`A sealed value of ${where.table}.${where.column} does not open`)
      return plaintext
    },

    index: (text) => macOf(indexing.key, [text]),

    mac: (...parts) => `v${version}.${authenticating.keyId}.${macOf(authenticating.key, parts)}`,

    isMac(mac, ...parts) {
      const [format, keyId = '', value = ''] = mac.split('.')
      const key = format === `v${version}` ? macKeys.get(keyId) : undefined
      return key !== undefined && equal(value, macOf(key, parts))
    },

    macKey: { keyId: authenticating.keyId, key: derived.get(authenticating.keyId) as KeyObject },
    keys: (keyId) => derived.get(keyId),
  }
}
