import test from 'ava'
import { makeKey } from '../../src/wallet/keys.ts'
import { isRefused } from '../support/refusals.ts'
import { type Plan, startSuite } from '../support/suite.ts'

const { node, suiteWallet } = await startSuite()
test.after.always(() => node.stop())

const plans: Plan[] = [
  { name: 'HAIP', settings: 'haip-Identity', grant: 'authorization_code', request: 'scope' },
  { name: 'private_key_jwt', settings: 'plain-Identity', grant: 'authorization_code', request: 'scope' },
]
const seconds = () => Math.floor(Date.now() / 1000)

for (const plan of plans) {
  const title = (module: string) => `${module} [${plan.name}]`
  const wallet = () => suiteWallet(plan)

  test(title('fapi2-discovery-end-point-verification'), async (t) => {
    const { authorizationServer: metadata } = await wallet().metadata()
    t.deepEqual(metadata.code_challenge_methods_supported, ['S256'])
    t.true((metadata.grant_types_supported as string[]).includes('authorization_code'))
    t.true(metadata.authorization_response_iss_parameter_supported)
    t.true(
      metadata.dpop_signing_alg_values_supported?.every((alg) => ['PS256', 'ES256', 'ES384', 'EdDSA'].includes(alg)),
    )
    const methods = metadata.token_endpoint_auth_methods_supported as string[]
    t.true(methods.includes(plan.name === 'HAIP' ? 'attest_jwt_client_auth' : 'private_key_jwt'))
    if (plan.name === 'HAIP') {
      t.true(metadata.require_pushed_authorization_requests)
      t.false(methods.includes('none'))
    }
    const { keys } = (await (await fetch(String(metadata.jwks_uri))).json()) as { keys: Record<string, unknown>[] }
    t.true(keys.length > 0 && keys.every(({ d, k }) => d === undefined && k === undefined))
    t.is(new Set(keys.map(({ kid }) => kid)).size, keys.length)
  })

  test(title('fapi2-happy-flow'), async (t) => {
    const suite = wallet()
    t.is((await suite.claim(await suite.authorizeAsSuite())).status, 200)
  })

  test(title('fapi2-ensure-authorization-request-without-state-success'), async (t) => {
    const suite = wallet()
    const signedIn = await suite.signIn({ members: { ...suite.asked(), state: undefined } })
    t.is(signedIn.state, null)
    t.is(signedIn.iss, suite.issuer)
    t.true(signedIn.code.length >= 16)
  })

  test(title('fapi2-ensure-authorization-request-with-long-state'), async (t) => {
    const suite = wallet()
    const state = 'state'.repeat(128)
    t.is((await suite.signIn({ members: { ...suite.asked(), state } })).state, state)
  })

  test(title('fapi2-access-token-type-header-case-sensitivity'), async (t) => {
    const suite = wallet()
    const token = await suite.authorizeAsSuite()
    for (const scheme of ['dpop', 'DPOP', 'dPoP']) {
      const headers = { authorization: `${scheme} ${token.body.access_token}` }
      await suite.claim(token)
      t.is((await suite.claim(token, { headers })).status, 200, scheme)
    }
  })

  test(title('fapi2-par-without-duplicate-parameters'), async (t) => {
    const suite = wallet()
    const { request_uri } = (await suite.push(suite.asked())).body
    t.regex(String(request_uri), /^urn:ietf:params:oauth:request_uri:/)
    const { status } = await suite.authorize({ request_uri, scope: 'ignored' })
    t.is(status, 303)
  })

  test(title('fapi2-user-rejects-authentication'), async (t) => {
    const suite = wallet()
    for (const how of [{ decision: 'deny' }, { signIn: 'cancel' }] as const) {
      const refused = await suite.signIn({ ...how, members: suite.asked() })
      t.like(refused, { error: 'access_denied', iss: suite.issuer, state: suite.state, code: '' })
    }
  })

  test(title('fapi2-check-dpop-proof-nbf-exp'), async (t) => {
    const suite = wallet()
    const token = await suite.authorizeAsSuite()
    const dpop = { claims: { nbf: seconds() - 5, exp: seconds() + 60, nonce: await dpopNonce(suite) } }
    t.is((await suite.claim(token, { dpop })).status, 200)
  })

  test(title('fapi2-check-dpop-proof-iat-10seconds'), async (t) => {
    const suite = wallet()
    const token = await suite.authorizeAsSuite()
    for (const shift of [-10, 10]) {
      const dpop = { claims: { iat: seconds() + shift, nonce: await dpopNonce(suite) } }
      t.is((await suite.claim(token, { dpop })).status, 200, String(shift))
    }
  })

  test(title('fapi2-ensure-mismatched-dpop-jkt-fails'), async (t) => {
    const suite = wallet()
    const answer = await suite.push({ ...suite.asked(), dpop_jkt: makeKey().thumbprint })
    t.is(answer.status, 400)
    t.true(['invalid_request', 'invalid_dpop_proof'].includes(String(answer.body.error)))
    const signedIn = await suite.signIn({ members: { ...suite.asked(), dpop_jkt: suite.dpopKey.thumbprint } })
    const other = makeKey()
    const dpop = { key: other, header: { jwk: other.jwk }, claims: { nonce: await dpopNonce(suite) } }
    const mismatch = await suite.redeem(signedIn, undefined, {}, { dpop })
    t.is(mismatch.status, 400)
    t.true(['invalid_request', 'invalid_grant', 'invalid_dpop_proof'].includes(String(mismatch.body.error)))
    t.is((await suite.redeem(signedIn)).status, 200)
  })

  test(title('fapi2-dpop-negative-tests'), async (t) => {
    const suite = wallet()
    const token = await suite.authorizeAsSuite()
    t.is((await suite.claim(token)).status, 200, 'a good proof is good')
    const other = makeKey()
    const wrong: Record<string, NonNullable<Parameters<typeof suite.claim>[1]>> = {
      malformed: { headers: { dpop: 'nonsense' } },
      'no typ': { dpop: { header: { typ: undefined } } },
      'no alg': { dpop: { header: { alg: undefined } } },
      'no jwk': { dpop: { header: { jwk: undefined } } },
      'no jti': { dpop: { claims: { jti: undefined } } },
      'no htm': { dpop: { claims: { htm: undefined } } },
      'no htu': { dpop: { claims: { htu: undefined } } },
      'no iat': { dpop: { claims: { iat: undefined } } },
      'no ath': { dpop: { claims: { ath: undefined } } },
      'wrong typ': { dpop: { header: { typ: 'jwt' } } },
      none: { dpop: { header: { alg: 'none' } } },
      'bad signature': { dpop: { key: other } },
      'private key': { dpop: { header: { jwk: suite.dpopKey.privateKey.export({ format: 'jwk' }) } } },
      'wrong htm': { dpop: { claims: { htm: 'PUT' } } },
      'other URL': { dpop: { claims: { htu: 'https://other.example/credential' } } },
      'wrong ath': { dpop: { claims: { ath: 'wrong' } } },
      'other key': { dpop: { key: other, header: { jwk: other.jwk } } },
      'an hour ago': { dpop: { claims: { iat: seconds() - 3600 } } },
      'Bearer downgrade': { dpop: false, headers: { authorization: `Bearer ${token.body.access_token}` } },
      'no proof': { dpop: false },
    }
    for (const [name, how] of Object.entries(wrong)) {
      const nonce = await dpopNonce(suite)
      const dpop = how.dpop && { ...how.dpop, claims: { nonce, ...how.dpop.claims } }
      const { status } = await suite.claim(token, { ...how, ...(dpop && { dpop }) })
      t.true([400, 401].includes(status), `${name}: ${status}`)
    }
    const { issuer } = await suite.metadata()
    for (const htu of [issuer.credential_endpoint, `${issuer.credential_endpoint}?query=1#fragment`]) {
      const dpop = { claims: { htu, unknown: 'member', nonce: await dpopNonce(suite) }, header: { unknown: 'member' } }
      t.is((await suite.claim(token, { dpop })).status, 200, htu)
    }
  })

  test(title('fapi2-ensure-request-without-redirect-uri'), async (t) => {
    const suite = wallet()
    isRefused(t, await suite.push({ ...suite.asked(), redirect_uri: undefined }), 'invalid_request')
    if (plan.name !== 'HAIP')
      isRefused(t, await suite.push({ ...suite.asked(), redirect_uri: 'https://other.example/' }), 'invalid_request')
  })

  test(title('FAPI-2, fapi2-ensure-authorization-without-par-fails'), async (t) => {
    const suite = wallet()
    const { status, headers } = await suite.authorize(suite.asked())
    const location = headers.get('location')
    if (location === null) t.true(status >= 400)
    else t.is(new URL(location).searchParams.get('error'), 'invalid_request')
  })

  test(title('fapi2-ensure-response-type'), async (t) => {
    const suite = wallet()
    for (const response_type of ['token', 'code id_token'])
      isRefused(t, await suite.push({ ...suite.asked(), response_type }), 'unsupported_response_type')
  })

  test(title('fapi2-par-request-uri-reuse'), async (t) => {
    const suite = wallet()
    const { request_uri } = (await suite.push(suite.asked())).body
    isRefused(t, await suite.push({ ...suite.asked(), request_uri }), 'invalid_request')
    const other = await suite.authorizeUrl({ request_uri, client_id: 'another-client' })
    t.is((await fetch(other, { redirect: 'manual' })).status, 400)
    // The page before sign-in may be loaded again by the same browser.
    const url = await suite.authorizeUrl({ request_uri })
    const first = await fetch(url, { redirect: 'manual' })
    t.is(first.status, 303)
    const cookie = first.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ')
    t.is((await fetch(url, { redirect: 'manual', headers: { cookie } })).status, 303)
    t.true((await fetch(url, { redirect: 'manual' })).status >= 400, 'another browser may not')
  })

  test(title('fapi2-par-wrong-method'), async (t) => {
    const suite = wallet()
    t.is((await suite.push(suite.asked(), { method: 'GET' })).status, 405)
  })

  test(title('fapi2-pkce'), async (t) => {
    const suite = wallet()
    isRefused(t, await suite.push({ ...suite.asked(), code_challenge: undefined }), 'invalid_request')
    isRefused(t, await suite.push({ ...suite.asked(), code_challenge_method: 'plain' }), 'invalid_request')
    const signedIn = await suite.signIn({ members: suite.asked() })
    isRefused(t, await suite.redeem(signedIn, undefined, { code_verifier: undefined }), 'invalid_grant')
    isRefused(t, await suite.redeem(signedIn, undefined, { code_verifier: 'w'.repeat(43) }), 'invalid_grant')
    t.is((await suite.redeem(signedIn)).status, 200)
  })

  test(title('fapi2-code-binding'), async (t) => {
    const suite = wallet()
    const signedIn = await suite.signIn({ members: suite.asked() })
    const thief = suiteWallet(plan, 'client2')
    await thief.push(thief.asked())
    const stolen = await thief.redeem(signedIn, undefined, { code_verifier: suite.codeVerifier })
    isRefused(t, stolen, 'invalid_grant')
    const bare = await suite.redeem(signedIn, undefined, {}, { dpop: false })
    t.true([400, 401].includes(bare.status))
    t.is((await suite.redeem(signedIn)).status, 200)
  })
}

test.serial(
  'fapi2-code-binding: reuse after a second ends the token, and a code is first used within a minute',
  async (t) => {
    const { node: own, suiteWallet: wallets } = await startSuite()
    t.teardown(own.stop)
    const suite = wallets(plans[0]!)
    const signedIn = await suite.signIn({ members: suite.asked() })
    const token = await suite.redeem(signedIn)
    own.wait({ seconds: 2 })
    isRefused(t, await suite.redeem(signedIn), 'invalid_grant')
    t.is((await suite.claim(token)).status, 401)
    const late = wallets(plans[0]!)
    const waiting = await late.signIn({ members: late.asked() })
    own.wait({ seconds: 61 })
    isRefused(t, await late.redeem(waiting), 'invalid_grant')
  },
)

/** A nonce for a proof whose claims are given, so that nothing else is wrong with it. */
async function dpopNonce(suite: ReturnType<typeof suiteWallet>): Promise<string> {
  return (await suite.nonce()).headers.get('dpop-nonce') ?? ''
}
