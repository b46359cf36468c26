import { randomBytes } from 'node:crypto'
import test from 'ava'
import { connect } from '../../src/connectors/index.ts'
import { signInAt } from '../support/identity-provider.ts'
import { startRenewingProvider } from '../support/renewing-provider.ts'
import { needs, refusalOf } from '../support/upstream.ts'

const redirectUri = 'http://127.0.0.1/acme/callback/idp'
const state = 'state-of-this-sign-in'
const idp = await startRenewingProvider()
const strict = await startRenewingProvider({
  client: { dpop_bound_access_tokens: true },
  features: { dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true } },
})
test.after.always(() => Promise.all([idp.stop(), strict.stop()]))

type Provider = typeof idp
const settingsOf = ({ issuer, client_id, client_secret }: Provider) => ({
  ...{ kind: 'oidc', issuer, client_id, client_secret, par: 'off' },
})
async function signedIn(username: string, at = idp, settings: object = {}, theirs = needs()) {
  const upstream = connect(theirs, { ...settingsOf(at), ...settings })
  const { url, memory } = await upstream.begin({ state, redirectUri, offline: true })
  const signIn = await upstream.finish(await signInAt(url, username, redirectUri), memory)
  return { upstream, signIn, url, renewal: signIn.renewal! }
}
const nothing = async () => undefined

test('OIDC Core §11: a refresh token is asked for only where it is needed, with the consent that goes with it', async (t) => {
  const { url, renewal } = await signedIn('bob')
  t.is(url.searchParams.get('scope'), 'openid profile email offline_access')
  t.is(url.searchParams.get('prompt'), 'consent')
  t.like(renewal, { issuer: idp.issuer, subject: 'bob' })
  const upstream = connect(needs(), settingsOf(idp))
  const without = await upstream.begin({ state, redirectUri })
  t.is(without.url.searchParams.get('scope'), 'openid profile email')
  const signIn = await upstream.finish(await signInAt(without.url, 'bob', redirectUri), without.memory)
  t.false('renewal' in signIn)
})

test('OIDC Core §11: prompt=login of a second try goes together with it', async (t) => {
  const { url } = await connect(needs(), settingsOf(idp)).begin({ state, redirectUri, offline: true, prompt: 'login' })
  t.is(url.searchParams.get('prompt'), 'login consent')
})

test('RFC 6749 §3.1: a provider that does not name the scope is asked in Google’s way', async (t) => {
  const metadata = await (await fetch(`${idp.issuer}/.well-known/openid-configuration`)).json()
  const { scopes_supported: _, ...others } = metadata as Record<string, unknown>
  const { fetch: own, ...rest } = needs()
  const answering: typeof fetch = async (input, init) =>
    String(input).endsWith('/openid-configuration') ? Response.json(others) : own(input, init)
  const upstream = connect({ ...rest, fetch: answering }, settingsOf(idp))
  const { url } = await upstream.begin({ state, redirectUri, offline: true })
  t.is(url.searchParams.get('scope'), 'openid profile email')
  t.is(url.searchParams.get('access_type'), 'offline')
})

test('OIDC Core §12.2: a renewal tells what the provider knows now, and its new refresh token before that', async (t) => {
  const { upstream, signIn, renewal } = await signedIn('alice')
  idp.people.set('alice', { given_name: 'Alicia', department: 'Board' })
  const kept: string[] = []
  const renewed = await upstream.renew(renewal, async (token) => void kept.push(token), true)
  t.deepEqual(renewed.account, signIn.account)
  t.like(renewed.id_token, { sub: 'alice', given_name: 'Alicia', auth_time: signIn.id_token.auth_time })
  t.like(renewed.userinfo, { department: 'Board' })
  t.is(kept.length, 1)
  t.not(kept[0], renewal.refreshToken)
  const again = await upstream.renew({ ...renewal, refreshToken: kept[0]! }, nothing, false)
  t.deepEqual(again.userinfo, {}, 'nobody reads it')
  const spent = await refusalOf(upstream.renew(renewal, nothing, false))
  t.like(spent, { fault: 'refresh-session-ended', code: 'invalid_grant' })
})

test('RFC 9449 §5: where access tokens are bound to a key, those of a renewal are as well', async (t) => {
  const { upstream, renewal } = await signedIn('alice', strict, { dpop: 'required' })
  t.like((await upstream.renew(renewal, nothing, true)).userinfo, { sub: 'alice' })
})

test.serial(
  'the new refresh token is kept before the answer is looked at: what cannot be kept is not used',
  async (t) => {
    const { upstream, renewal } = await signedIn('bob')
    const userinfos = () => idp.requests.filter((request) => request === 'GET /me').length
    const before = userinfos()
    const failed = await upstream
      .renew(renewal, () => Promise.reject(new Error('the database is gone')), true)
      .then(
        () => undefined,
        (error: unknown) => error,
      )
    t.truthy(failed)
    t.is(userinfos(), before)
  },
)

/** A fetch that changes the JSON of a token response. */
function changing(change: (claims: Record<string, unknown>) => Record<string, unknown>) {
  const theirs = needs()
  let isOn = false
  const answering: typeof fetch = async (input, init) => {
    const response = await theirs.fetch(input, init)
    if (!isOn || !String(input).endsWith('/token')) return response
    return Response.json(change((await response.json()) as Record<string, unknown>), { status: response.status })
  }
  return { theirs: { ...theirs, fetch: answering }, on: () => (isOn = true) }
}

test('OIDC Core §12.2: an ID token of another person, or with a signature that does not hold, renews nothing', async (t) => {
  let foreign = ''
  const seen = changing((body) => {
    foreign = String(body.id_token)
    return body
  })
  const other = await signedIn('alice', idp, {}, seen.theirs)
  const { theirs, on } = changing((body) => ({ ...body, id_token: foreign }))
  const { upstream, renewal } = await signedIn('bob', idp, {}, theirs)
  seen.on()
  on()
  await other.upstream.renew(other.renewal, nothing, false)
  let current = renewal.refreshToken
  const keep = async (token: string) => {
    current = token
  }
  const refused = () => refusalOf(upstream.renew({ ...renewal, refreshToken: current }, keep, false))
  const swapped = await refused()
  t.like(swapped, { fault: 'refresh-other-account', code: 'invalid_grant' })
  t.like(swapped.cause, { member: 'sub' })
  foreign = `${foreign.split('.').slice(0, 2).join('.')}.${'A'.repeat(86)}`
  t.like((await refused()).cause, { fault: 'refresh-unavailable', upstream: 'id-token-signature' })
})

test('OIDC Core §12.2: without a new ID token UserInfo tells the claims, for the same person', async (t) => {
  const { theirs, on } = changing(({ id_token: _, ...body }) => body)
  const { upstream, renewal, signIn } = await signedIn('bob', idp, {}, theirs)
  on()
  const renewed = await upstream.renew(renewal, nothing, false)
  t.deepEqual([renewed.account, renewed.id_token], [signIn.account, {}])
  t.like(renewed.userinfo, { given_name: 'Bob' })
})

test('OIDC Core §12.2: nonce and auth_time of a renewal are those of the sign-in', async (t) => {
  for (const [before, member] of [
    [{ nonce: 'another' }, 'nonce'],
    [{ authTime: 1 }, 'auth_time'],
    [{ subject: 'alice' }, 'sub'],
  ] as const) {
    const { upstream, renewal } = await signedIn('bob')
    const refused = await refusalOf(upstream.renew({ ...renewal, ...before }, nothing, false))
    t.is(refused.fault, 'refresh-other-account')
    t.like(refused.cause, { member })
  }
})

test('a provider that is down or set up wrongly leaves the refresh token as good as it was', async (t) => {
  const { upstream, renewal } = await signedIn('bob')
  const theirs = needs()
  const down: typeof fetch = async (input, init) =>
    String(input).endsWith('/token') ? new Response('', { status: 503 }) : theirs.fetch(input, init)
  const unavailable = await refusalOf(
    connect({ ...theirs, fetch: down }, settingsOf(idp)).renew(renewal, nothing, false),
  )
  t.like(unavailable, { fault: 'refresh-unavailable', code: 'temporarily_unavailable', retryAfter: 60 })
  const wrong = connect(needs(), { ...settingsOf(idp), client_secret: 'another' })
  const refused = await refusalOf(wrong.renew(renewal, nothing, false))
  t.like(refused, { fault: 'refresh-unavailable', code: 'temporarily_unavailable' })
  t.like(refused.cause, { upstream: 'idp-secret-wrong' })
  t.is((await upstream.renew(renewal, nothing, false)).account.subject, 'bob')
})
