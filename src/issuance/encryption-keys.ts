import { createECDH, hkdfSync, type KeyObject } from 'node:crypto'
import { seconds } from '../lib/time.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { Services } from '../services.ts'

type Needs = Pick<Services, 'clock' | 'vault'>
type Jwk = Record<string, unknown>

const periodSeconds = 30 * 86_400
/** How long a key of before is still accepted: wallets and caches hold metadata for minutes. */
const overlapSeconds = 86_400
const orderOfP256 = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/**
 * The issuer's key for a period, derived from a data key of the tenant: every node knows it without asking anybody, and the next
 * period has another. 64 bits more than the order has make the remainder as good as uniform (NIST SP 800-56A §5.6.1.2.1).
 */
function keyOf(dataKey: KeyObject, issuerId: string, period: number, kid: string): { open: Jwk; closed: Jwk } {
  const bytes = Buffer.from(
    hkdfSync('sha256', dataKey, '', `credential request encryption\n${issuerId}\n${period}`, 40),
  )
  const scalar = (BigInt(`0x${bytes.toString('hex')}`) % (orderOfP256 - 1n)) + 1n
  const ecdh = createECDH('prime256v1')
  ecdh.setPrivateKey(Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex'))
  const point = ecdh.getPublicKey()
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'))
  const open = { kty: 'EC', crv: 'P-256', x, y, use: 'enc', alg: 'ECDH-ES', kid }
  return { open, closed: { ...open, d: ecdh.getPrivateKey('base64url') } }
}

const periodAt = (now: Date, earlier = 0) => Math.floor((seconds(now) - earlier) / periodSeconds)

/** The public key that wallets encrypt credential requests to now (OpenID4VCI §12.2.4), as a JWK with `kid` and `alg`. */
export async function encryptionKey({ clock, vault }: Needs, issuer: LiveIssuer): Promise<Jwk> {
  const { keyId, key } = (await vault.of(issuer.tenantId)).macKey
  const period = periodAt(clock())
  return keyOf(key, issuer.issuerId, period, `${keyId}.${period}`).open
}

/** Finds the private key of a `kid` that was published lately. */
export async function decryptionKeys(
  { clock, vault }: Needs,
  issuer: LiveIssuer,
): Promise<(kid: string) => Jwk | undefined> {
  const { keys } = await vault.of(issuer.tenantId)
  const now = clock()
  return (kid) => {
    const [, keyId = '', period = ''] = /^(.{1,64})\.(\d{1,9})$/.exec(kid) ?? []
    const key = keys(keyId)
    if (!key || ![periodAt(now), periodAt(now, overlapSeconds)].includes(Number(period))) return undefined
    return keyOf(key, issuer.issuerId, Number(period), kid).closed
  }
}
