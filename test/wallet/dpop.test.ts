import test from 'ava'
import { type JwtOverrides, makeDpopProof, makeKey, signJwt } from '../../src/wallet/keys.ts'
import type { TestAnswer } from '../support/answers.ts'
import { startTestNode } from '../support/node.ts'
import { requestHead, sendRaw } from '../support/raw-http.ts'
import { isRefused } from '../support/refusals.ts'

const node = await startTestNode({ settings: { registry: { dpop: 'required' } } })
test.after.always(() => node.stop())

const tokenUrl = `${node.identifierOf('campus')}/token`
const credentialUrl = `${node.identifierOf('campus')}/credential`
const now = () => Math.floor(Date.now() / 1000)

/** A wallet that knows a nonce already, so that what is wrong with its proofs is all that is wrong. */
async function bound(issuer = 'campus') {
  const wallet = node.wallet(issuer, { dpop: true })
  const nonce = async () => (await wallet.nonce()).headers.get('dpop-nonce') ?? ''
  await nonce()
  return { ...wallet, nonce }
}

/** At a protected resource: 401, with the error in the challenge, too (RFC 9449 §7.1). */
function isChallenged(t: Parameters<typeof isRefused>[0], answer: TestAnswer, error: string, name?: string): void {
  isRefused(t, answer, { error, status: 401 }, name)
  t.is(answer.headers.get('www-authenticate'), `DPoP error="${error}", algs="ES256 ES384 EdDSA"`, name)
}

const wrong = (url: string): Record<string, JwtOverrides> => ({
  'another typ': { header: { typ: 'JWT' } },
  'alg none': { header: { alg: 'none' } },
  'a symmetric alg': { header: { alg: 'HS256' } },
  'no key': { header: { jwk: undefined } },
  'a private key': { header: { jwk: { ...makeKey().jwk, d: 'x' } } },
  'the signature of another key': { key: makeKey() },
  'no jti': { claims: { jti: undefined } },
  'no htm': { claims: { htm: undefined } },
  'another method': { claims: { htm: 'GET' } },
  'no htu': { claims: { htu: undefined } },
  'another address': { claims: { htu: `${url}x` } },
  'another host': { claims: { htu: url.replace('localhost', 'localhost.example') } },
  'no iat': { claims: { iat: undefined } },
  'made long ago': { claims: { iat: now() - 3600 } },
  'made in the future': { claims: { iat: now() + 600 } },
})

test('RFC 9449 §5, VCI-56: a token that is bound to a key says so and lives for fifteen minutes', async (t) => {
  const wallet = await bound()
  const token = await wallet.redeem((await node.offer()).code)
  t.is(token.body.token_type, 'DPoP', token.text)
  t.is(token.body.expires_in, 900)
  t.is((await wallet.credential(token)).status, 200)
})

test('RFC 9449 §8: the token endpoint wants a nonce of its own, and gives it', async (t) => {
  const wallet = await bound()
  const { code } = await node.offer()
  for (const nonce of [undefined, 'made-up', (await node.wallet('registry').nonce()).headers.get('dpop-nonce')]) {
    const answer = await wallet.redeem(code, undefined, {}, { dpop: { claims: { nonce } } })
    isRefused(t, answer, 'use_dpop_nonce')
    t.truthy(answer.headers.get('dpop-nonce'))
  }
  const answer = await wallet.redeem(code)
  t.is(answer.status, 200)
  t.truthy(answer.headers.get('dpop-nonce'), '§8.2: the next one comes with the answer')
})

test('RFC 9449 §8: a c_nonce is no DPoP nonce', async (t) => {
  const { code } = await node.offer()
  const nonce = (await node.wallet('campus').nonce()).body.c_nonce
  isRefused(t, await (await bound()).redeem(code, undefined, {}, { dpop: { claims: { nonce } } }), 'use_dpop_nonce')
})

test('RFC 9449 §4.3: a proof that does not hold buys no token, and spends nothing', async (t) => {
  const wallet = await bound()
  const { code } = await node.offer()
  for (const [name, dpop] of Object.entries(wrong(tokenUrl)))
    isRefused(t, await wallet.redeem(code, undefined, {}, { dpop }), 'invalid_dpop_proof', name)
  for (const dpop of ['', 'x', 'a.b.c', 'x'.repeat(20_000)])
    isRefused(
      t,
      await wallet.redeem(code, undefined, {}, { headers: { dpop } }),
      'invalid_dpop_proof',
      dpop.slice(0, 9),
    )
  t.is((await wallet.redeem(code)).status, 200)
})

test('RFC 9449 §4.3: a request has one DPoP header', async (t) => {
  const wallet = await bound()
  const { code } = await node.offer()
  const contents = { method: 'POST', url: tokenUrl, nonce: await wallet.nonce(), now: new Date() }
  const dpop = [makeDpopProof(wallet.dpopKey, contents), makeDpopProof(wallet.dpopKey, contents)]
  const body = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:pre-authorized_code',
    'pre-authorized_code': code,
  }).toString()
  const type = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(body.length) }
  const answer = await sendRaw(node.url, requestHead('POST', '/test/campus/token', { ...type, dpop }), body)
  t.is(answer.status, 400)
  t.is(JSON.parse(answer.text).error, 'invalid_dpop_proof')
  t.is((await wallet.redeem(code)).status, 200)
})

test('RFC 9449 §11.1: a proof is taken once', async (t) => {
  const wallet = await bound()
  const { code } = await node.offer()
  const contents = { method: 'POST', url: tokenUrl, nonce: await wallet.nonce(), now: new Date() }
  const headers = { dpop: makeDpopProof(wallet.dpopKey, contents) }
  isRefused(t, await wallet.redeem('no-such-code', undefined, {}, { headers }), 'invalid_grant')
  isRefused(t, await wallet.redeem(code, undefined, {}, { headers }), 'invalid_dpop_proof')

  const token = await wallet.redeem(code)
  const { access_token: accessToken } = token.body
  const atResource = { ...contents, url: credentialUrl, accessToken }
  const once = { headers: { dpop: makeDpopProof(wallet.dpopKey, atResource) } }
  const answers = await Promise.all([1, 2, 3, 4].map(() => wallet.credential(token, once)))
  t.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 401, 401, 401])
  isChallenged(t, await wallet.credential(token, once), 'invalid_dpop_proof')
})

test('RFC 9449 §4.3: htu is compared without query and fragment, and as RFC 3986 §6.2 normalises it', async (t) => {
  const wallet = await bound()
  const token = await wallet.redeem((await node.offer()).code)
  for (const htu of [`${credentialUrl}?x=1#y`, credentialUrl.replace('http://localhost', 'HTTP://LOCALHOST')])
    t.is((await wallet.credential(token, { dpop: { claims: { htu } } })).status, 200, htu)
  t.is((await wallet.credential(token, { url: `${credentialUrl}?x=1` })).status, 200)
})

test('fapi2-dpop-negative-tests, RFC 9449 §7.1: a proof that does not hold opens nothing', async (t) => {
  const wallet = await bound()
  const token = await wallet.redeem((await node.offer()).code)
  const atResource: Record<string, JwtOverrides> = {
    ...wrong(credentialUrl),
    'no ath': { claims: { ath: undefined } },
    'ath of another token': { claims: { ath: 'x'.repeat(43) } },
    'made for the token endpoint': { claims: { htu: tokenUrl } },
  }
  for (const [name, dpop] of Object.entries(atResource))
    isChallenged(t, await wallet.credential(token, { dpop }), 'invalid_dpop_proof', name)
  isChallenged(t, await wallet.credential(token, { dpop: false }), 'invalid_dpop_proof', 'none at all')
  t.is((await wallet.credential(token)).status, 200)
})

test('RFC 9449 §7.1: several DPoP headers open nothing at the credential endpoint either', async (t) => {
  const wallet = await bound()
  const token = await wallet.redeem((await node.offer()).code)
  const { access_token: accessToken } = token.body
  const contents = { method: 'POST', url: credentialUrl, nonce: await wallet.nonce(), now: new Date(), accessToken }
  const dpop = [makeDpopProof(wallet.dpopKey, contents), makeDpopProof(wallet.dpopKey, contents)]
  const headers = {
    authorization: `DPoP ${accessToken}`,
    'content-type': 'application/json',
    'content-length': '2',
    dpop,
  }
  const answer = await sendRaw(node.url, requestHead('POST', '/test/campus/credential', headers), '{}')
  t.is(answer.status, 401)
  t.is(JSON.parse(answer.text).error, 'invalid_dpop_proof')
})

test('RFC 9449 §7.1: with another key a bound token is worth nothing', async (t) => {
  const [owner, thief] = [await bound(), await bound()]
  const token = await owner.redeem((await node.offer()).code)
  isChallenged(t, await thief.credential(token), 'invalid_token')
  t.is((await owner.credential(token)).status, 200)
})

test('RFC 9449 §7.2: a bound token is not taken as a bearer token, nor the other way round', async (t) => {
  const wallet = await bound()
  const token = await wallet.redeem((await node.offer()).code)
  const downgraded = { body: { ...token.body, token_type: 'Bearer' } }
  isChallenged(t, await wallet.credential(downgraded), 'invalid_token')
  const bearer = await node.wallet('campus').redeem((await node.offer()).code)
  isChallenged(t, await wallet.credential({ body: { ...bearer.body, token_type: 'DPoP' } }), 'invalid_token')
})

test('RFC 9449 §9: the credential endpoint wants a nonce, and gives it with the refusal and with what it issues', async (t) => {
  const wallet = await bound()
  const token = await wallet.redeem((await node.offer()).code)
  for (const nonce of [undefined, 'made-up', (await node.wallet('registry').nonce()).headers.get('dpop-nonce')]) {
    const answer = await wallet.credential(token, { dpop: { claims: { nonce } } })
    isChallenged(t, answer, 'use_dpop_nonce')
    t.truthy(answer.headers.get('dpop-nonce'))
  }
  const answer = await wallet.credential(token)
  t.is(answer.status, 200)
  t.truthy(answer.headers.get('dpop-nonce'))
  const refused = await wallet.credential(token, { body: { proofs: undefined } })
  isRefused(t, refused, 'invalid_proof')
  t.truthy(refused.headers.get('dpop-nonce'), '§8.2: also with a refusal of another kind')
})

test('RFC 9449 §8: a nonce is over after five minutes', async (t) => {
  const aged = await startTestNode({ identityProvider: node.identityProvider })
  t.teardown(() => aged.stop())
  const wallet = aged.wallet('campus', { dpop: true })
  const nonce = (await wallet.nonce()).headers.get('dpop-nonce')
  aged.wait({ seconds: 301 })
  const { code } = await aged.offer()
  isRefused(t, await wallet.redeem(code, undefined, {}, { dpop: { claims: { nonce } } }), 'use_dpop_nonce')
  t.is((await wallet.redeem(code)).status, 200)
})

test('RFC 9449 §5.1: an issuer that wants DPoP gives no token without it', async (t) => {
  const { code } = await node.offer({ txCode: '004217' })
  isRefused(t, await node.wallet('registry').redeem(code, '004217'), 'invalid_dpop_proof')
  const wallet = await bound('registry')
  const token = await wallet.redeem(code, '004217')
  t.is(token.body.token_type, 'DPoP', token.text)
  const bare = await wallet.credential(token, { headers: { authorization: undefined } })
  t.is(bare.status, 401)
  t.is(bare.headers.get('www-authenticate'), 'DPoP algs="ES256 ES384 EdDSA"')
})

test('RFC 9449 §4.3: proofs by every algorithm of the metadata are taken', async (t) => {
  for (const algorithm of ['ES256', 'ES384', 'EdDSA'] as const) {
    const { code } = await node.offer()
    const key = makeKey(algorithm)
    const nonce = await (await bound()).nonce()
    const claims = { jti: crypto.randomUUID(), htm: 'POST', htu: tokenUrl, iat: now(), nonce }
    const dpop = signJwt(key, { typ: 'dpop+jwt', alg: algorithm, jwk: key.jwk }, claims)
    const token = await node.wallet('campus').redeem(code, undefined, {}, { headers: { dpop } })
    t.is(token.body.token_type, 'DPoP', token.text)
  }
})

test('fapi2-check-dpop-proof-iat-10seconds, FAPI-1: a proof of ten seconds before or after now is taken, at every endpoint', async (t) => {
  for (const lead of [-10, 10, -290, 50]) {
    const wallet = await bound('campus')
    const dpop = { claims: { iat: now() + lead, nonce: await wallet.nonce() } }
    t.is((await wallet.push({}, { dpop })).status, 201, `${lead} s at the PAR endpoint`)
    const token = await wallet.redeem((await node.offer()).code, undefined, {}, { dpop })
    t.is(token.body.token_type, 'DPoP', `${lead} s at the token endpoint: ${token.text}`)
    t.is((await wallet.credential(token, { dpop })).status, 200, `${lead} s at the credential endpoint`)
  }
})

test('FAPI-1: a proof of more than a minute in the future, or of more than five minutes ago, is taken at no endpoint', async (t) => {
  const wallet = await bound('campus')
  const { code } = await node.offer()
  const token = await wallet.redeem((await node.offer()).code)
  for (const lead of [70, -310]) {
    const dpop = { claims: { iat: now() + lead, nonce: await wallet.nonce() } }
    isRefused(t, await wallet.push({}, { dpop }), 'invalid_dpop_proof')
    isRefused(t, await wallet.redeem(code, undefined, {}, { dpop }), 'invalid_dpop_proof')
    isChallenged(t, await wallet.credential(token, { dpop }), 'invalid_dpop_proof')
  }
})

test('fapi2-check-dpop-proof-nbf-exp: a proof may say from when to when it is valid', async (t) => {
  const wallet = await bound('campus')
  const dpop = { claims: { nbf: now(), exp: now() + 60, nonce: await wallet.nonce() } }
  const token = await wallet.redeem((await node.offer()).code, undefined, {}, { dpop })
  t.is(token.body.token_type, 'DPoP', token.text)
  t.is((await wallet.credential(token, { dpop })).status, 200)
})

test('fapi2-ensure-mismatched-dpop-jkt-fails: dpop_jkt names the key of the proof, at the PAR and at the token endpoint', async (t) => {
  const wallet = await bound('campus')
  isRefused(t, await wallet.push({ dpop_jkt: makeKey().thumbprint }), 'invalid_request')
  const pushedWith = { dpop_jkt: makeKey().thumbprint }
  const signedIn = await wallet.signIn({ members: pushedWith, push: false })
  isRefused(t, await wallet.redeem(signedIn), 'invalid_grant')
})

test('RFC 9449 §8, RFC 9449 §10.1: the PAR endpoint wants a nonce of its own, and gives it', async (t) => {
  const wallet = await bound('campus')
  for (const nonce of [undefined, 'made-up', (await node.wallet('registry').nonce()).headers.get('dpop-nonce')]) {
    const answer = await wallet.push({}, { dpop: { claims: { nonce } } })
    isRefused(t, answer, 'use_dpop_nonce')
    t.truthy(answer.headers.get('dpop-nonce'))
  }
  t.truthy((await wallet.push()).headers.get('dpop-nonce'), '§8.2: the next one comes with the answer')
})
