import { createPrivateKey, type JsonWebKey } from 'node:crypto'
import { publicMembers, thumbprint } from '../../src/lib/jwk.ts'
import type { WalletKey } from '../../src/wallet/keys.ts'

/** A key of the suite's settings, which are JWKs with their private half. */
export function keyOf({ d, ...open }: Record<string, unknown>): WalletKey {
  const privateKey = createPrivateKey({ key: { ...open, d } as JsonWebKey, format: 'jwk' })
  return { algorithm: 'ES256', privateKey, jwk: publicMembers(open), thumbprint: thumbprint(open) }
}
