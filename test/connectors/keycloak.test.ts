import test from 'ava'
import { connect } from '../../src/connectors/index.ts'
import { addressOf } from '../support/addresses.ts'
import { startIdentityProvider } from '../support/identity-provider.ts'
import { plainBrowser } from '../support/plain-browser.ts'
import { needs as needsService } from '../support/service.ts'
import { needs, refusalOf } from '../support/upstream.ts'

const redirectUri = 'http://127.0.0.1/acme/callback/idp'
const state = 'state-of-this-sign-in'
const client = { client_id: 'claimgate', client_secret: 'claimgate-secret' }
const withKeycloak = needsService('Keycloak')
const realm = (settings: object = {}) =>
  connect(needs(), { kind: 'keycloak', url: addressOf('Keycloak'), realm: 'acme', ...client, ...settings })

withKeycloak('Keycloak: the provider behind the realm is named to people’s browsers only if it is set', async (t) => {
  const hint = async (settings: object) =>
    (await realm({ ...settings, par: 'off' }).begin({ state, redirectUri })).url.searchParams.get('kc_idp_hint')
  t.is(await hint({ idp_hint: 'corp' }), 'corp')
  t.is(await hint({}), null)
})

withKeycloak(
  'Keycloak: a slash at the end of its address does not matter, and a realm that is not there is a matter of set-up',
  async (t) => {
    await t.notThrowsAsync(realm({ url: `${addressOf('Keycloak')}/` }).begin({ state, redirectUri }))
    const refusal = await refusalOf(realm({ realm: 'nope' }).begin({ state, redirectUri }))
    t.like(refusal, { code: 'server_error', help: 'provider-set-up', fault: 'idp-discovery-status' })
  },
)

withKeycloak('Keycloak: the sign-in page of a sign-in that is over brings people back to sign in again', async (t) => {
  const upstream = realm()
  const { url, memory } = await upstream.begin({ state, redirectUri })
  const browser = plainBrowser()
  const page = await browser.go(url, {}, redirectUri)
  const people = { username: 'alice', password: 'alice' }
  await browser.press(page, 'kc-login', people, redirectUri)
  const { searchParams } = new URL((await browser.press(page, 'kc-login', people, redirectUri)).url)
  t.is(searchParams.get('error_description'), 'authentication_expired')
  const refusal = await refusalOf(upstream.finish(searchParams, memory))
  t.like(refusal, { code: 'access_denied', help: 'sign-in-expired', fault: 'idp-session-restarted' })
})

withKeycloak('Keycloak: a scope that the realm does not know is a matter of set-up', async (t) => {
  const unknown = { scope: 'openid nope' }
  const refusal = await refusalOf(realm(unknown).begin({ state, redirectUri }))
  t.like(refusal, { code: 'server_error', fault: 'idp-scope-unknown' })
  const upstream = realm({ ...unknown, par: 'off' })
  const { url, memory } = await upstream.begin({ state, redirectUri })
  const { searchParams } = new URL((await plainBrowser().go(url, {}, redirectUri)).url)
  t.like(await refusalOf(upstream.finish(searchParams, memory)), { code: 'server_error', fault: 'idp-scope-unknown' })
})

test('Keycloak: its own words for a wrong secret, a client that is off, a closed realm and a disabled account are understood', async (t) => {
  const provider = await startIdentityProvider({ redirectUris: [redirectUri] })
  t.teardown(() => provider.stop())
  // The double stands in for a realm: the connector finds its document where a realm has it.
  const fetch: typeof globalThis.fetch = (input, init) =>
    globalThis.fetch(String(input).replace('/realms/acme/.well-known', '/.well-known'), init)
  provider.spoil = {
    json: { '/.well-known/openid-configuration': (body) => ({ ...body, issuer: `${provider.issuer}/realms/acme` }) },
  }
  const upstream = connect({ ...needs(), fetch }, { kind: 'keycloak', url: provider.issuer, realm: 'acme', ...client })
  const { memory } = await upstream.begin({ state, redirectUri })
  const refusals = [
    [401, 'unauthorized_client', 'Invalid client or Invalid client credentials', 'idp-secret-wrong', 'provider-set-up'],
    [401, 'invalid_client', 'Invalid client or Invalid client credentials', 'idp-client-unknown', 'provider-set-up'],
    [403, 'access_denied', 'Realm not enabled', 'idp-realm-off', 'provider-set-up'],
    [400, 'invalid_grant', 'User disabled', 'idp-user-disabled', 'sign-in-refused'],
    [400, 'invalid_grant', 'Code not valid', 'idp-code-refused', 'provider-answer'],
    [400, 'invalid_request', 'DPoP proof is missing', 'idp-dpop-refused', 'provider-set-up'],
  ] as const
  const query = new URLSearchParams({ state, code: 'a', iss: `${provider.issuer}/realms/acme` })
  const honest = provider.spoil
  for (const [status, error, error_description, fault, help] of refusals) {
    provider.spoil = {
      ...honest,
      answers: { '/token': { status, body: JSON.stringify({ error, error_description }) } },
    }
    t.like(await refusalOf(upstream.finish(query, memory)), { fault, help }, `${error} ${error_description}`)
  }
})
