import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'ava'
import { connect } from '../../src/connectors/index.ts'
import { addressOf, has } from '../support/addresses.ts'
import { signInAt } from '../support/identity-provider.ts'
import { rotateKeys } from '../support/keycloak-keys.ts'
import { administrator } from '../support/keycloak-realm.ts'
import { needsSerially } from '../support/service.ts'
import { needs, publishedKeys, refusalOf } from '../support/upstream.ts'

// A realm of this test alone, in which a client has no secret and Keycloak asks of it whatever it can.

const redirectUri = 'http://127.0.0.1/acme/callback/idp'
const state = 'state-of-this-sign-in'
const realm = `strict-${process.pid}`
const withKeycloak = needsSerially('Keycloak')

const jwks = createServer(
  async (_, response) =>
    void response.setHeader('content-type', 'application/json').end(JSON.stringify(await publishedKeys())),
)
await once(jwks.listen(0, '127.0.0.1'), 'listening')

const administer = (method: string, path: string, body?: Record<string, unknown>) =>
  administrator(addressOf('Keycloak'))(method, path, body)

test.before(async () => {
  if (!has('Keycloak')) return
  const client = {
    ...{ clientId: 'claimgate', protocol: 'openid-connect', publicClient: false, standardFlowEnabled: true },
    ...{ clientAuthenticatorType: 'client-jwt', redirectUris: [redirectUri] },
    attributes: {
      ...{ 'use.jwks.url': 'true', 'jwks.url': `http://127.0.0.1:${(jwks.address() as AddressInfo).port}/jwks` },
      ...{ 'token.endpoint.auth.signing.alg': 'ES256', 'require.pushed.authorization.requests': 'true' },
      ...{ 'request.object.signature.alg': 'ES256', 'request.object.required': 'request or request_uri' },
      ...{ 'dpop.bound.access.tokens': 'true', 'user.info.response.signature.alg': 'RS256' },
      ...{ 'id.token.encrypted.response.alg': 'RSA-OAEP-256', 'id.token.encrypted.response.enc': 'A128CBC-HS256' },
    },
  }
  const credentials = [{ type: 'password', value: 'alice', temporary: false }]
  const name = { firstName: 'Alice', lastName: 'Jönsson', email: 'alice@acme.example', emailVerified: true }
  const users = [{ username: 'alice', enabled: true, ...name, credentials }]
  await administer('POST', '', { realm, enabled: true, clients: [client], users })
})
test.after.always(async () => {
  jwks.close()
  jwks.closeAllConnections()
  if (has('Keycloak')) await administer('DELETE', `/${realm}`)
})

const settings = () => ({ kind: 'keycloak', url: addressOf('Keycloak'), realm, client_id: 'claimgate' })
const demanded = { par: 'required', request_object: 'signed', dpop: 'required' }

const rotate = () => rotateKeys((method, path, body) => administer(method, `/${realm}${path}`, body))

withKeycloak(
  'RFC 7523 §2.2, RFC 9126, RFC 9449, OIDC Core §6.1, §10.2: Keycloak reads our JWKS, and gets and gives all that it can ask of a client',
  async (t) => {
    const upstream = connect(needs(), { ...settings(), ...demanded })
    const { url, memory } = await upstream.begin({ state, redirectUri })
    t.deepEqual([...url.searchParams.keys()].toSorted(), ['client_id', 'request_uri'])
    const { id_token, userinfo } = await upstream.finish(await signInAt(url, 'alice', redirectUri), memory)
    t.like(id_token, { aud: 'claimgate', given_name: 'Alice', family_name: 'Jönsson' })
    t.like(userinfo, { sub: id_token.sub, aud: 'claimgate', given_name: 'Alice' })
  },
)

withKeycloak(
  'OIDC Core §10.1.1: Keycloak’s signing key is replaced and switched off in the middle of a sign-in, which succeeds',
  async (t) => {
    const upstream = connect(needs(), { ...settings(), ...demanded })
    const once = async (meanwhile?: () => Promise<void>) => {
      const { url, memory } = await upstream.begin({ state, redirectUri })
      const answer = await signInAt(url, 'alice', redirectUri)
      await meanwhile?.()
      return upstream.finish(answer, memory)
    }
    const before = await once()
    const after = await once(rotate)
    t.is(after.account.subject, before.account.subject)
  },
)

withKeycloak(
  'RFC 9449 §5: Keycloak wants bound tokens, and settings without dpop are an administrator’s to mend',
  async (t) => {
    const upstream = connect(needs(), { ...settings(), request_object: 'signed' })
    const { url, memory } = await upstream.begin({ state, redirectUri })
    const refusal = await refusalOf(upstream.finish(await signInAt(url, 'alice', redirectUri), memory))
    t.like(refusal, { fault: 'idp-dpop-refused', help: 'provider-set-up' })
  },
)
