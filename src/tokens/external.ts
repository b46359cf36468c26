import { compactVerify, errors } from 'jose'
import { InvalidJws } from '../lib/jwk.ts'
import { decodeJws, type Jws, publicKeyAlgorithms } from '../lib/jws.ts'
import type { LiveAuthorizationServer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import { type CheckedToken, checkClaims, type Expected } from './check-claims.ts'
import { fault } from './faults.ts'
import { introspect } from './introspect.ts'
import { type Needs, openServer } from './server.ts'

/** An access token of an external authorization server: the type is the proof that it was checked. */
export type ExternalToken = CheckedToken & { server: LiveAuthorizationServer }

const accessTypes = ['at+jwt', 'application/at+jwt']

function decode(text: string): Jws | undefined {
  try {
    return decodeJws(text)
  } catch (error) {
    if (error instanceof InvalidJws) return undefined
    throw error
  }
}

/**
 * RFC 9068 §4: the header says `at+jwt`, so that an ID token is none (RFC 8725 §3.11). Keycloak says `JWT` in all its tokens and which kind
 * it is in the payload, with `typ`: that counts, too.
 */
function checkType({ header, payload }: Jws): void {
  const typ = typeof header.typ === 'string' ? header.typ.toLowerCase() : ''
  const isNamed = typ === 'jwt' && (payload.typ === 'Bearer' || payload.typ === 'DPoP')
  if (!accessTypes.includes(typ) && !isNamed)
    throw fault('external-token-type', { claim: 'typ', expected: accessTypes })
}

async function verifySignature(needs: Needs, { issuer }: LiveAuthorizationServer, token: string): Promise<void> {
  try {
    await compactVerify(token, openServer(needs, issuer).keyOf, { algorithms: [...publicKeyAlgorithms] })
  } catch (error) {
    if (error instanceof ProtocolError) throw error
    // Keys of the server that cannot be used end here, too: whatever it is, nothing was verified.
    throw fault('external-token-signature', { reason: error instanceof errors.JOSEError ? error.code : 'key' })
  }
}

/**
 * Verifies an access token that is not ours: a JWT by the keys of the server that is its `iss`, anything else by asking the server that
 * wants to be asked. Undefined if it is of none of these servers.
 * @throws ProtocolError `invalid_token`, or `temporarily_unavailable` where the server cannot be asked; the cause says which and why
 */
export async function verifyExternalToken(
  needs: Needs,
  servers: readonly LiveAuthorizationServer[],
  token: string,
  expectedOf: (server: LiveAuthorizationServer) => Omit<Expected, 'issuer'>,
): Promise<ExternalToken | undefined> {
  // RFC 6750 §2.1
  if (token.length > 16_384 || !/^[A-Za-z0-9._~+/-]+=*$/.test(token)) return undefined
  const jws = decode(token)
  const server = jws
    ? servers.find(({ issuer }) => issuer === jws.payload.iss)
    : servers.find(({ token: how }) => how === 'introspection')
  if (!server) return undefined
  const expected = { ...expectedOf(server), issuer: server.issuer }
  if (server.token === 'introspection') {
    const claims = await introspect(needs, server, token)
    return { ...checkClaims({ iss: server.issuer, ...claims }, token, expected), server }
  }
  if (!jws) return undefined
  checkType(jws)
  await verifySignature(needs, server, token)
  return { ...checkClaims(jws.payload, jws.signingInput, expected), server }
}
