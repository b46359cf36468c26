import { clientBasic } from '../lib/basic.ts'
import type { JsonObject } from '../lib/json.ts'
import type { LiveAuthorizationServer } from '../model/live.ts'
import { fault } from './faults.ts'
import { call, type Needs, openServer } from './server.ts'

/**
 * What the server says of a token (RFC 7662 §2), asked each time: a token that was revoked there opens nothing more here.
 * @throws ProtocolError `invalid_token` for one that is not active, `temporarily_unavailable` where the server does not say
 */
export async function introspect(needs: Needs, server: LiveAuthorizationServer, token: string): Promise<JsonObject> {
  const { issuer, client_id: id = '', client_secret: secret = '' } = server
  const { introspection_endpoint: endpoint } = await openServer(needs, issuer).metadata()
  if (!endpoint) throw fault('external-server-metadata', { issuer, member: 'introspection_endpoint' })
  const { status, body } = await call(needs, endpoint, {
    method: 'POST',
    headers: { authorization: clientBasic(id, secret) },
    body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
  })
  if (status !== 200 || !body) throw fault('external-introspection-refused', { issuer, status })
  if (body.active !== true) throw fault('external-token-inactive', { issuer })
  return body
}

/**
 * What UserInfo says of the person, asked with the wallet's own token (OIDC Core §5.3); it has to be the same person (§5.3.2). A token that
 * is bound to the wallet's key cannot be used by anybody else, so nothing is asked with it.
 */
export async function askUserInfo(
  needs: Needs,
  { issuer, userinfo }: LiveAuthorizationServer,
  token: string,
  { subject, isBound }: { subject: string; isBound: boolean },
): Promise<JsonObject | undefined> {
  if (!userinfo || isBound) return undefined
  const { userinfo_endpoint: endpoint } = await openServer(needs, issuer).metadata()
  if (!endpoint) throw fault('external-server-metadata', { issuer, member: 'userinfo_endpoint' })
  const { status, body } = await call(needs, endpoint, { headers: { authorization: `Bearer ${token}` } })
  if (status !== 200 || !body || 'act' in body) throw fault('external-userinfo-refused', { issuer, status })
  if (body.sub !== subject) throw fault('external-userinfo-refused', { issuer, claim: 'sub' })
  return body
}
