import { randomUUID } from 'node:crypto'
import { seconds } from '../lib/time.ts'
import { type JwtOverrides, signJwt, type WalletKey } from './keys.ts'

/** How a wallet authenticates at the authorization server `audience`; `challenge` is the last one that the server gave. */
export type ClientAuthentication =
  | { method: 'attestation'; jwt: string; key: WalletKey; clientId: string; audience: string; challenge?: string }
  | { method: 'private_key_jwt'; key: WalletKey; kid?: string; clientId: string; audience: string }

type Sent = { headers: Record<string, string>; form: Record<string, string> }

const lifetimeSeconds = 240

/**
 * What goes with a request to the PAR or the token endpoint: a client attestation with its proof of possession (draft -07, which has `iss`),
 * or a client assertion (RFC 7523 §2.2). Overrides make the proof or the assertion wrong.
 */
export function authenticate(client: ClientAuthentication, now: Date, overrides: JwtOverrides = {}): Sent {
  const { clientId: iss, audience: aud, key } = client
  const iat = seconds(now)
  const signing = overrides.key ?? key
  if (client.method === 'attestation') {
    const { jwt, challenge } = client
    const header = { typ: 'oauth-client-attestation-pop+jwt', alg: key.algorithm, ...overrides.header }
    const claims = { iss, aud, iat, jti: randomUUID(), challenge, ...overrides.claims }
    const headers = {
      'oauth-client-attestation': jwt,
      'oauth-client-attestation-pop': signJwt(signing, header, claims),
    }
    return { headers, form: {} }
  }
  const header = { typ: 'JWT', alg: key.algorithm, kid: client.kid, ...overrides.header }
  const claims = { iss, sub: iss, aud, iat, exp: iat + lifetimeSeconds, jti: randomUUID(), ...overrides.claims }
  const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
  return { headers: {}, form: { client_assertion_type, client_assertion: signJwt(signing, header, claims) } }
}
