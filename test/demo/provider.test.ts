import test from 'ava'
import * as openid from 'openid-client'
import { startDemoProvider } from '../../src/demo/provider.ts'
import { elementOf, plainBrowser } from '../support/plain-browser.ts'

const client = {
  client_id: 'claimgate',
  client_secret: 'a-secret-of-the-demo',
  redirect_uris: ['http://localhost:4711/demo/callback/demo'],
}
const [redirectUri] = client.redirect_uris as [string]
const options = { port: 0, host: '127.0.0.1', publicUrl: 'http://localhost:0', clients: [client] }
const provider = await startDemoProvider(options)

const upstream = await openid.discovery(
  new URL(provider.url),
  client.client_id,
  undefined,
  openid.ClientSecretPost(client.client_secret),
  { execute: [openid.allowInsecureRequests, openid.enableNonRepudiationChecks] },
)

test.after.always(() => provider.close())

type Person = { username: string; password: string; browser?: ReturnType<typeof plainBrowser> }

async function begin() {
  const codeVerifier = openid.randomPKCECodeVerifier()
  const [state, nonce] = [openid.randomState(), openid.randomNonce()]
  const url = openid.buildAuthorizationUrl(upstream, {
    redirect_uri: redirectUri,
    scope: 'openid profile email',
    code_challenge: await openid.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  })
  return { url, checks: { pkceCodeVerifier: codeVerifier, expectedState: state, expectedNonce: nonce } }
}

async function signIn({ browser = plainBrowser(), ...fields }: Person) {
  const { url, checks } = await begin()
  const answer = await browser.press(await browser.go(url, {}, redirectUri), 'sign-in', fields, redirectUri)
  if (!answer.url.startsWith(redirectUri)) throw new Error(`The sign-in ended with ${answer.status}.`)
  return openid.authorizationCodeGrant(upstream, new URL(answer.url), checks)
}

test('OIDC Core §3.1: alice signs in on one page, and her claims are in the ID token and in UserInfo', async (t) => {
  const tokens = await signIn({ username: 'alice', password: 'alice' })
  const claims = tokens.claims()
  const expected = {
    given_name: 'Alice',
    family_name: 'Jönsson',
    birthdate: '1985-04-12',
    email: 'alice@acme.example',
    email_verified: true,
    employee_number: 'E-1001',
    department: 'Engineering',
    roles: ['employee', 'manager'],
    student_number: 'S-2001',
  }
  t.like(claims, expected)
  const userinfo = await openid.fetchUserInfo(upstream, tokens.access_token, claims?.sub ?? '')
  t.like(userinfo, expected)
})

test('the demo account bob lacks the claims that the issuers with sign-in require', async (t) => {
  const claims = (await signIn({ username: 'bob', password: 'bob' })).claims()
  t.is(claims?.given_name, 'Bob')
  t.is(claims?.employee_number, undefined)
  t.is(claims?.student_number, undefined)
})

test('every sign-in asks anew, so that alice can be followed by bob in one browser', async (t) => {
  const browser = plainBrowser()
  t.is((await signIn({ username: 'alice', password: 'alice', browser })).claims()?.sub, 'alice')
  t.is((await signIn({ username: 'bob', password: 'bob', browser })).claims()?.sub, 'bob')
})

test('a wrong password asks again, and the right one then goes on', async (t) => {
  const browser = plainBrowser()
  const { url, checks } = await begin()
  const wrong = await browser.press(await browser.go(url), 'sign-in', { username: 'alice', password: 'bob' })
  t.is(wrong.status, 403)
  t.truthy(elementOf(wrong, 'sign-in-error'))
  t.is(elementOf(wrong, 'username')?.value, 'alice')
  const answer = await browser.press(wrong, 'sign-in', { password: 'alice' }, redirectUri)
  t.truthy(await openid.authorizationCodeGrant(upstream, new URL(answer.url), checks))
})

test('RFC 6749 §4.1.2.1: whoever cancels goes back with access_denied, state and iss', async (t) => {
  const browser = plainBrowser()
  const { url, checks } = await begin()
  const { url: answer } = await browser.press(await browser.go(url), 'cancel', {}, redirectUri)
  const query = new URL(answer).searchParams
  t.true(answer.startsWith(`${redirectUri}?`))
  t.is(query.get('error'), 'access_denied')
  t.is(query.get('state'), checks.expectedState)
  t.is(query.get('iss'), provider.url)
})

test('RFC 9700 §2.1: another redirect URI ends on a page, not at that address', async (t) => {
  const { url } = await begin()
  url.searchParams.set('redirect_uri', 'http://localhost:4711/elsewhere')
  const page = await plainBrowser().go(url, {}, 'http://localhost:4711/')
  t.is(page.status, 400)
  t.is(elementOf(page, 'problem')?.['data-error'], 'invalid_redirect_uri')
})

test('a sign-in in another browser ends on a page', async (t) => {
  const { url } = await begin()
  const page = await plainBrowser().go((await plainBrowser().go(url)).url)
  t.is(page.status, 400)
  t.truthy(elementOf(page, 'problem'))
})

test('the page of the sign-in comes in German, with its stylesheet, and nobody may frame or keep it', async (t) => {
  const { url } = await begin()
  const browser = plainBrowser()
  const { url: address } = await browser.go(url)
  const page = await browser.go(address, { headers: { 'accept-language': 'de-AT' } })
  t.regex(page.text, /<html lang="de"/)
  t.regex(page.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
  t.is(page.headers.get('cache-control'), 'no-store')
  const stylesheet = /<link rel="stylesheet" href="([^"]+)"/.exec(page.text)?.[1] ?? ''
  const styles = await fetch(new URL(stylesheet, page.url))
  t.is(styles.status, 200)
  t.regex(styles.headers.get('content-type') ?? '', /^text\/css/)
})

test('a node that finds the provider at its port uses it, and does not close it', async (t) => {
  const { port } = provider
  const second = await startDemoProvider({ ...options, port, publicUrl: provider.url })
  t.true(second.shared)
  await second.close()
  t.is((await fetch(`${provider.url}/.well-known/openid-configuration`)).status, 200)
})

test('a port that something else has is an error', async (t) => {
  const { port } = provider
  await t.throwsAsync(startDemoProvider({ ...options, port, publicUrl: 'http://localhost:1' }), { code: 'EADDRINUSE' })
})

test('below a path and behind a proxy every address is that of the public URL, whatever the request says', async (t) => {
  const tunnelled = await startDemoProvider({ ...options, publicUrl: 'https://demo.example/idp' })
  t.teardown(() => tunnelled.close())
  const headers = { 'x-forwarded-host': 'evil.example' }
  const answer = await fetch(`http://127.0.0.1:${tunnelled.port}/idp/.well-known/openid-configuration`, { headers })
  const document = (await answer.json()) as Record<string, unknown>
  const addresses = Object.entries(document).filter(([name]) => /^issuer$|_endpoint$|_uri$/.test(name))
  t.true(addresses.length > 4)
  for (const [name, address] of addresses) t.regex(String(address), /^https:\/\/demo\.example\/idp/, name)
})
