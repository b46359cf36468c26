import { isObject, type JsonObject } from '../lib/json.ts'
import { hash } from '../lib/secrets.ts'
import { after } from '../lib/time.ts'
import { fault } from './faults.ts'

/** What a token has to say to be taken. */
export type Expected = {
  /** The issuer identifier of the server. */
  issuer: string
  /** The credential issuer's identifier: no audience, no credential. */
  audience: string
  clientIds: readonly string[] | 'any'
  now: Date
}

/** A token from elsewhere, after every check. */
export type CheckedToken = {
  /** The same for the same token, however it is spelled: what counts once is counted under it. */
  id: string
  claims: JsonObject
  account: { issuer: string; subject: string }
  clientId: string
  scopes: readonly string[]
  /** The DPoP key it is bound to (RFC 9449 §6). */
  keyThumbprint: string | undefined
  expiresAt: Date
}

const skewSeconds = 30
/** What a token allows is kept no longer than this, however long it lives. */
const mostSeconds = 86_400

/** Keycloak says in the payload what kind of token it is; its refresh tokens are active at its introspection endpoint, too. */
const accessTypes = ['bearer', 'dpop']

const malformed = (claim: string) => fault('external-token-malformed', { claim })
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= 1000

function clientOf({ client_id, azp }: JsonObject, { clientIds }: Expected): string {
  const named = [client_id, azp].filter((one) => one !== undefined)
  const [client] = named
  if (!isText(client) || named.some((one) => one !== client)) throw malformed('client_id')
  if (clientIds !== 'any' && !clientIds.includes(client))
    throw fault('external-token-audience', { claim: 'client_id', expected: clientIds })
  return client
}

function expiryOf({ exp, nbf, iat }: JsonObject, now: Date): Date {
  const at = now.getTime() / 1000
  for (const [claim, value] of Object.entries({ exp, nbf: nbf ?? 0, iat: iat ?? 0 }))
    if (typeof value !== 'number' || !Number.isFinite(value)) throw malformed(claim)
  if (Number(exp) + skewSeconds <= at) throw fault('external-token-expired', { claim: 'exp' })
  for (const [claim, value] of Object.entries({ nbf, iat }))
    if (Number(value ?? 0) > at + skewSeconds) throw fault('external-token-expired', { claim })
  return after(now, Math.min(Number(exp) + skewSeconds - at, mostSeconds))
}

function keyOf({ cnf }: JsonObject): string | undefined {
  if (cnf === undefined) return undefined
  // One that is bound to something else, such as a client certificate (RFC 8705), would be taken for one that is bound to nothing.
  if (!isObject(cnf) || typeof cnf.jkt !== 'string' || !/^[A-Za-z0-9_-]{43}$/.test(cnf.jkt)) throw malformed('cnf')
  return cnf.jkt
}

/**
 * The claims of an access token (RFC 9068 §4, RFC 7662 §2.2), signed or said by the server. `spelling` stands in for a missing `jti`.
 * @throws ProtocolError `invalid_token`, whose cause is the claim and what was expected
 */
export function checkClaims(claims: JsonObject, spelling: string, expected: Expected): CheckedToken {
  const { issuer, audience, now } = expected
  if (claims.iss !== issuer) throw fault('external-token-audience', { claim: 'iss', expected: issuer })
  if (![claims.aud].flat().includes(audience))
    throw fault('external-token-audience', { claim: 'aud', expected: audience })
  const { typ } = claims
  if (typ !== undefined && !(isText(typ) && accessTypes.includes(typ.toLowerCase())))
    throw fault('external-token-type', { claim: 'typ', expected: accessTypes })
  // RFC 8693 §4.1
  if (claims.act !== undefined) throw fault('external-token-impersonated', { claim: 'act' })
  const clientId = clientOf(claims, expected)
  const expiresAt = expiryOf(claims, now)
  const keyThumbprint = keyOf(claims)
  const { sub, scope = '', jti = spelling } = claims
  if (!isText(sub)) throw malformed('sub')
  if (typeof scope !== 'string') throw malformed('scope')
  if (!isText(jti) && jti !== spelling) throw malformed('jti')
  return {
    id: hash(JSON.stringify([issuer, sub, clientId, jti])),
    claims,
    account: { issuer, subject: sub },
    clientId,
    scopes: scope.split(' ').filter((value) => value !== ''),
    keyThumbprint,
    expiresAt,
  }
}
