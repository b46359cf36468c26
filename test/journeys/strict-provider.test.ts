import { randomBytes } from 'node:crypto'
import test from 'ava'
import { startTestNode } from '../support/node.ts'
import { readSdJwt, rootOf } from '../support/read-sd-jwt.ts'
import { anybody, assertTold } from '../support/session-trace.ts'
import { startStrictProvider } from '../support/strict-provider.ts'
import { applyTestTenant } from '../support/tenant.ts'

// `oidc-provider` that demands of us whatever it can, through a node: the keys are those that the node made for it and publishes.

const node = await startTestNode()
const strict = await startStrictProvider({
  client: {
    client_id: 'strict',
    redirect_uris: [`${node.url}/test/callback/strict`],
    jwks_uri: `${node.url}/test/callback/strict/jwks`,
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    require_pushed_authorization_requests: true,
    require_signed_request_object: true,
    request_object_signing_alg: 'ES256',
    dpop_bound_access_tokens: true,
    id_token_encrypted_response_alg: 'RSA-OAEP-256',
    id_token_encrypted_response_enc: 'A128CBC-HS256',
    userinfo_signed_response_alg: 'ES256',
    userinfo_encrypted_response_alg: 'RSA-OAEP-256',
    userinfo_encrypted_response_enc: 'A128CBC-HS256',
  },
  settings: {
    clientAuthMethods: ['private_key_jwt'],
    enabledJWA: { requestObjectSigningAlgValues: ['ES256'] },
    // Its own fetches nothing from this machine.
    fetch: (url, { headers = {} } = {}) => fetch(url, { headers }),
  },
  features: {
    pushedAuthorizationRequests: { enabled: true },
    requestObjects: { enabled: true },
    dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
    encryption: { enabled: true },
    jwtUserinfo: { enabled: true },
  },
})
test.after.always(async () => {
  await node.stop()
  await strict.stop()
})
const { redirectUri } = node.wallet('staff')
const demanded = { par: 'required', request_object: 'signed', dpop: 'required' }

async function configure(provider: Record<string, unknown>): Promise<void> {
  const display = [{ name: 'Strict account', locale: 'en' }]
  const usual = { kind: 'oidc', display, issuer: strict.issuer, client_id: 'strict' }
  const claims = { given_name: { from: 'userinfo.given_name', mandatory: true }, subject: { from: 'id_token.sub' } }
  await applyTestTenant(node.services, node.identityProvider, {
    providers: { strict: { ...usual, ...provider } },
    settings: {
      staff: {
        grants: { authorization_code: { identity_providers: ['strict'] } },
        credential_configurations: { EmployeeBadge: { format: 'dc+sd-jwt', claims } },
      },
    },
  })
  node.wait({ seconds: 6 }) // until the node has seen it
}

test.serial(
  'RFC 7523 §2.2, RFC 9126 §2, OIDC Core §6.1, RFC 9449 §8, OIDC Core §10.2, §5.3.2: a person gets a credential through a provider that demands all of it',
  async (t) => {
    await configure(demanded)
    const wallet = node.wallet('staff')
    const signedIn = await wallet.signIn()
    const { body } = await wallet.credential(await wallet.redeem(signedIn))
    const trusted = { root: await rootOf(wallet.issuer), issuer: wallet.issuer, at: node.services.clock() }
    const { claims } = await readSdJwt(body.credentials?.[0]?.credential ?? '', trusted)
    t.like(claims, { given_name: 'alice', subject: 'alice' })
    for (const path of ['POST /request', 'POST /token', 'GET /me'])
      t.true(strict.requests.includes(path), `${path}: ${strict.requests.join(', ')}`)
    t.is(strict.requests.filter((request) => request === 'POST /token').length, 2, 'once more, with the nonce')
  },
)

test.serial(
  'OIDC Core §10.1.1: while a person is on the provider’s page it goes over to another key, and the credential comes',
  async (t) => {
    await applyTestTenant(node.services, node.identityProvider)
    node.wait({ seconds: 6 })
    const provider = node.identityProvider
    const issuedBy = async (change: () => void) => {
      const wallet = node.wallet('staff')
      const { go, press, signIn } = anybody(redirectUri)
      const answer = await signIn(await wallet.authorizeUrl(), 'alice', `${node.url}/test/callback/idp`)
      change()
      const back = await press(await go(answer), 'approve')
      const code = new URL(back.url).searchParams.get('code') ?? ''
      return wallet.credential(await wallet.redeem({ code }))
    }
    const asked = () => provider.requests.filter((one) => one === 'GET /jwks' || one === 'POST /token').toSorted()
    const unpublished = ({ keys }: { keys?: unknown }) => ({
      keys: (keys as { kid: string }[]).filter(({ kid }) => kid !== 'double'),
    })
    provider.spoil = { json: { '/jwks': unpublished } }
    t.is((await issuedBy(() => {})).status, 200, 'the node has read its keys')
    provider.requests.length = 0
    const rotate = () => {
      provider.spoil = { idToken: (claims) => claims }
    }
    const { status, text } = await issuedBy(rotate)
    t.is(status, 200, text)
    t.deepEqual(asked(), ['GET /jwks', 'POST /token'], 'the keys are read anew, and the code is spent once')
    provider.spoil = {}
  },
)

const setUp = { help: 'provider-set-up', error: 'server_error' }
const lacking = {
  'OIDC Core §6.1: a request that is not signed': {
    ...{ ...setUp, fault: 'idp-request-object-required', provider: { ...demanded, request_object: 'off' } },
    facts: { endpoint: 'par', status: 400 },
  },
  'RFC 9126 §6: a request that is not pushed': {
    ...{ ...setUp, fault: 'idp-par-required', provider: { ...demanded, par: 'off', request_object: 'off' } },
    facts: { endpoint: 'authorization' },
  },
  'OIDC Core §9: a secret in place of a key': {
    ...{ ...setUp, fault: 'idp-auth-method', provider: { ...demanded, client_secret: 'a-secret-of-this-test' } },
    facts: { offered: ['private_key_jwt'] },
  },
}
for (const [what, { provider, ...told }] of Object.entries(lacking)) {
  test.serial(`${what} is refused by a strict provider, and the trace says which setting to change`, async (t) => {
    await configure(provider)
    const wallet = node.wallet('staff')
    const { go, language } = anybody(redirectUri)
    const page = await go(await wallet.authorizeUrl())
    await assertTold(t, node, page, { ...told, language, wallet })
  })
}
