import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto'
import tls from 'node:tls'
import test from 'ava'
import { connect } from '../../src/connectors/index.ts'
import { signInAt } from '../support/identity-provider.ts'
import { selfSigned } from '../support/self-signed.ts'
import { mutualTls, startStrictProvider } from '../support/strict-provider.ts'
import { needs, publishedKeys, refusalOf } from '../support/upstream.ts'

const redirectUri = 'http://127.0.0.1/acme/callback/idp'
const state = 'state-of-this-sign-in'

const strict = await startStrictProvider({
  client: {
    client_id: 'claimgate',
    redirect_uris: [redirectUri],
    jwks: (await publishedKeys()) as never,
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
  settings: { clientAuthMethods: ['private_key_jwt'], enabledJWA: { requestObjectSigningAlgValues: ['ES256'] } },
  features: {
    pushedAuthorizationRequests: { enabled: true },
    requestObjects: { enabled: true },
    dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
    encryption: { enabled: true },
    jwtUserinfo: { enabled: true },
  },
})
test.after.always(() => strict.stop())

const settings = { kind: 'oidc', issuer: strict.issuer, client_id: 'claimgate' }
const demanded = { request_object: 'signed', dpop: 'required' }

test('RFC 7523 §2.2, RFC 9126 §2, OIDC Core §6.1, RFC 9449 §8, §10.2: with a key made here, all that a strict provider demands is met', async (t) => {
  const upstream = connect(needs(), { ...settings, ...demanded })
  const { url, memory } = await upstream.begin({ state, redirectUri })
  t.deepEqual([...url.searchParams.keys()].toSorted(), ['client_id', 'request_uri'])
  const signedIn = await upstream.finish(await signInAt(url, 'alice', redirectUri), memory)
  t.like(signedIn, { id_token: { sub: 'alice', aud: 'claimgate' }, userinfo: { sub: 'alice', given_name: 'alice' } })
  t.is(strict.requests.filter((request) => request === 'POST /token').length, 2, 'once more, with the nonce')
})

test('OIDC Core §6.1: what a strict provider demands and the settings leave out is a matter of set-up', async (t) => {
  const begin = (more: object) => refusalOf(connect(needs(), { ...settings, ...more }).begin({ state, redirectUri }))
  t.like(await begin({ request_object: 'off' }), { fault: 'idp-request-object-required', help: 'provider-set-up' })
  const secret = await begin({ client_secret: 'a-secret' })
  t.like(secret, { fault: 'idp-auth-method', help: 'provider-set-up' })
})

test.serial(
  'RFC 8705 §2.2, §3: a client shows its certificate at the token endpoint and at UserInfo, and no other gets in',
  async (t) => {
    const [server, ours, other] = [await selfSigned('EC'), await selfSigned('EC'), await selfSigned('RSA')]
    tls.setDefaultCACertificates([...tls.getCACertificates('default'), server.certificate])
    const certificate = new X509Certificate(ours.certificate)
    const jwk = { ...certificate.publicKey.export({ format: 'jwk' }), x5c: [certificate.raw.toString('base64')] }
    const provider = await startStrictProvider({
      tls: { cert: server.certificate, key: server.key },
      features: { mTLS: mutualTls },
      settings: { clientAuthMethods: ['self_signed_tls_client_auth'] },
      client: {
        ...{ client_id: 'claimgate', redirect_uris: [redirectUri], jwks: { keys: [jwk] } as never },
        ...{
          token_endpoint_auth_method: 'self_signed_tls_client_auth',
          tls_client_certificate_bound_access_tokens: true,
        },
      },
    })
    t.teardown(() => provider.stop())
    const certified = ({ certificate, key }: typeof ours) => ({
      ...{
        kind: 'oidc',
        issuer: provider.issuer,
        client_id: 'claimgate',
        client_certificate: certificate,
        client_key: key,
      },
    })
    const browse: typeof fetch = needs().fetch
    const upstream = connect(needs(), certified(ours))
    const { url, memory } = await upstream.begin({ state, redirectUri })
    const { userinfo } = await upstream.finish(await signInAt(url, 'alice', redirectUri, { fetch: browse }), memory)
    t.is(userinfo.given_name, 'alice')
    const refusal = await refusalOf(connect(needs(), certified(other)).begin({ state, redirectUri }))
    t.is(refusal.fault, 'idp-assertion-refused')
  },
)

test('RFC 7523 §3: a provider that does not take our signature is told from one that knows another secret', async (t) => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' })
  const refusal = await refusalOf(
    connect(needs(), { ...settings, client_key: String(other) }).begin({ state, redirectUri }),
  )
  t.is(refusal.fault, 'idp-assertion-refused')
})
