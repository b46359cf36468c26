import test from 'ava'
import type { ClientAuthentication } from '../../src/wallet/client-authentication.ts'
import { type JwtOverrides, makeKey } from '../../src/wallet/keys.ts'
import { startTestNode } from '../support/node.ts'
import { isRefused } from '../support/refusals.ts'

const key = makeKey()
const redirectUri = 'https://client.example/callback?dummy1=lorem&dummy2=ipsum'
const node = await startTestNode({
  walletProfiles: {
    client: {
      client_id: 'client',
      name: 'Registered client',
      redirect_uris: [redirectUri],
      jwks: { keys: [{ ...key.jwk, kid: 'one' }] },
    },
  },
  settings: {
    staff: { wallets: ['test', 'client'], anonymous_wallets: false },
    campus: { wallets: ['client'], anonymous_wallets: false },
  },
})
test.after.always(() => node.stop())

const registered = (issuer: string): ClientAuthentication => ({
  method: 'private_key_jwt',
  key,
  kid: 'one',
  clientId: 'client',
  audience: node.identifierOf(issuer),
})
const walletAt = (issuer: string) =>
  node.wallet(issuer, { client: registered(issuer), clientId: 'client', redirectUri })

test('RFC 7523 §2.2: a registered client authenticates at the PAR and the token endpoint', async (t) => {
  const wallet = walletAt('staff')
  const token = await wallet.redeem(await wallet.signIn())
  t.is(token.status, 200)
  t.is((await wallet.credential(token)).status, 200)
})

test('RFC 7523 §2.2, VCI-47: with a pre-authorized code, too, also where nobody may come anonymously', async (t) => {
  const { code } = await node.offer()
  isRefused(t, await node.wallet('campus').redeem(code), 'invalid_client')
  t.is((await walletAt('campus').redeem(code)).status, 200)
})

test('FAPI-1: it is nobody without its assertion, at no endpoint', async (t) => {
  const wallet = walletAt('staff')
  isRefused(t, await wallet.push({}, { client: false }), 'invalid_client')
  const { status, text } = await wallet.authorize()
  t.is(status, 400)
  t.regex(text, /data-error="invalid_client"/)
  const signedIn = await wallet.signIn()
  isRefused(t, await wallet.redeem(signedIn, undefined, {}, { client: false }), 'invalid_client')
  t.is((await wallet.redeem(signedIn)).status, 200)
})

test('RFC 9126 §2: older clients name the endpoint as audience', async (t) => {
  const wallet = walletAt('staff')
  for (const aud of [`${wallet.issuer}/par`, `${wallet.issuer}/token`, [wallet.issuer]])
    t.is((await wallet.push({}, { client: { claims: { aud } } })).status, 201, String(aud))
})

const now = () => Math.floor(Date.now() / 1000)
const wrong: Record<string, JwtOverrides> = {
  'signed with another key': { key: makeKey() },
  'by none': { header: { alg: 'none' } },
  'by HS256': { header: { alg: 'HS256' } },
  'with the kid of no key': { header: { kid: 'two' } },
  'for another server': { claims: { aud: 'https://elsewhere.example' } },
  'for nobody': { claims: { aud: undefined } },
  'without exp': { claims: { exp: undefined } },
  over: { claims: { exp: now() - 120 } },
  'good for a day': { claims: { exp: now() + 86_400 } },
  'valid only later': { claims: { nbf: now() + 600 } },
  'without jti': { claims: { jti: undefined } },
  'by another client': { claims: { iss: 'other' } },
  'of nobody': { claims: { iss: undefined, sub: undefined } },
  'of a client that has no keys': { claims: { iss: 'test-wallet', sub: 'test-wallet' } },
}
for (const [name, client] of Object.entries(wrong)) {
  test(`RFC 7523 §3, RFC 8725 §3.1: an assertion ${name} is invalid_client`, async (t) => {
    isRefused(t, await walletAt('staff').push({}, { client }), 'invalid_client')
  })
}

test('RFC 7523 §3: an assertion is good for one request', async (t) => {
  const wallet = walletAt('staff')
  const same = { client: { claims: { jti: 'the-same' } } }
  t.is((await wallet.push({}, same)).status, 201)
  isRefused(t, await wallet.push({}, same), 'invalid_client')
})

test('RFC 7521 §4.2: the type is the one there is, and client_id is the client', async (t) => {
  const wallet = walletAt('staff')
  isRefused(t, await wallet.push({}, { body: { client_assertion_type: 'jwt' } }), 'invalid_client')
  isRefused(t, await wallet.push({}, { body: { client_assertion: 'nonsense' } }), 'invalid_client')
  isRefused(t, await wallet.push({}, { body: { client_assertion: undefined } }), 'invalid_client')
  isRefused(t, await wallet.push({ client_id: 'test-wallet' }), 'invalid_client')
})

test('RFC 6749 §3.1.2.3: the redirect URI is compared to the last letter of its query', async (t) => {
  for (const redirect_uri of ['https://client.example/callback', redirectUri.slice(0, -1), `${redirectUri}&more=1`])
    isRefused(t, await walletAt('staff').push({ redirect_uri }), 'invalid_request')
})

test('VCI-27: the metadata names the method where a client with keys may come', async (t) => {
  t.like((await walletAt('staff').metadata()).authorizationServer, {
    token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['ES256', 'ES384', 'EdDSA'],
  })
})
