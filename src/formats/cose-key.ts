type Jwk = Record<string, unknown>

const curves: Record<string, number> = { 'P-256': 1, 'P-384': 2, 'P-521': 3, Ed25519: 6 }
const bytes = (text: unknown) => Buffer.from(String(text), 'base64url')

/** A public key as COSE_Key (RFC 9052 §7, RFC 9053 §7): EC2 or OKP, with no more than the key. */
export function coseKey({ kty, crv, x, y }: Jwk): Map<number, unknown> {
  const common: [number, unknown][] = [
    [1, kty === 'OKP' ? 1 : 2],
    [-1, curves[String(crv)]],
    [-2, bytes(x)],
  ]
  return new Map(kty === 'OKP' ? common : [...common, [-3, bytes(y)]])
}
