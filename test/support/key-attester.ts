import { deflateSync } from 'node:zlib'
import { makeDocumentSigner, makeRoot } from '../../src/keys/certificates.ts'
import { type JwtOverrides, makeKey } from '../../src/wallet/keys.ts'
import type { TestAttester } from './attester.ts'

type Statuses = { uri: string; bits?: number; entries: Record<number, number>; size?: number; now?: Date }

/** A Status List Token of an attester (Token Status List §5.1): these entries, the others 0. Packed here bit by bit, as §4.1 words it. */
export function makeStatusList(attester: TestAttester, statuses: Statuses, overrides: JwtOverrides = {}): string {
  const { uri, bits = 2, entries, size = 64, now } = statuses
  const bytes = Buffer.alloc((size * bits) / 8)
  for (const [index, status] of Object.entries(entries)) {
    for (let bit = 0; bit < bits; bit += 1) {
      const position = Number(index) * bits + bit
      if ((status >> bit) & 1) bytes[position >> 3]! |= 1 << (position & 7)
    }
  }
  const status_list = { bits, lst: deflateSync(bytes).toString('base64url') }
  const others = { attested_keys: undefined, key_storage: undefined, user_authentication: undefined, nonce: undefined }
  return attester.attestKeys(
    { keys: [], ...(now && { now }) },
    {
      ...overrides,
      header: { typ: 'statuslist+jwt', ...overrides.header },
      claims: { ...others, sub: uri, status_list, ttl: 300, ...overrides.claims },
    },
  )
}

/** Where an attestation's status stands, as a claim of it. */
export const statusAt = (uri: string, idx: number) => ({ status: { status_list: { idx, uri } } })

/** Chains that HAIP §4.5.1 forbids, or that lead elsewhere, with the key that signs. */
export async function wrongChains(attester: TestAttester, now = new Date()) {
  const [key, other] = [makeKey(), await makeRoot({ name: 'Another root', now })]
  const own = await makeRoot({ name: 'Self-signed', now })
  const naming = { subjectName: 'Leaf', hosts: [], identifiers: [], publicJwk: key.jwk, now }
  const leaf = await makeDocumentSigner({ root: other.certificate, rootKey: other.privateKeyPkcs8, ...naming })
  const base64 = (der: Buffer) => der.toString('base64')
  return {
    'whose leaf is self-signed': { header: { x5c: [base64(own.certificate)] } },
    'with the anchor in its chain': { header: { x5c: [...attester.x5c, base64(attester.root)] } },
    'with only the anchor in its chain': { header: { x5c: [base64(attester.root)] } },
    'below a root that is not trusted': { header: { x5c: [base64(leaf)] }, key },
    'without a chain': { header: { x5c: undefined } },
    'with an empty chain': { header: { x5c: [] } },
    'signed by another key than that of its leaf': { key },
  } satisfies Record<string, JwtOverrides>
}
