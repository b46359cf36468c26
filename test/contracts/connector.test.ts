import test, { type ExecutionContext } from 'ava'
import type { SignInMemory, Upstream } from '../../src/connectors/connector.ts'
import { connect, connectors } from '../../src/connectors/index.ts'
import { hash } from '../../src/lib/secrets.ts'
import { ProtocolError } from '../../src/protocol/errors.ts'
import { addressOf } from '../support/addresses.ts'
import { startEntra } from '../support/entra-double.ts'
import { acme, entraClient, login } from '../support/entra-people.ts'
import { signInAt, startIdentityProvider } from '../support/identity-provider.ts'
import { needs as needsService } from '../support/service.ts'
import { needs as plainNeeds, refusalOf } from '../support/upstream.ts'

const redirectUri = 'http://127.0.0.1/acme/callback/idp'
type Settings = { kind: string; [name: string]: unknown }
type Case = {
  register: (title: string, run: (t: ExecutionContext) => unknown) => void
  settings(): Promise<Settings>
  issuer(settings: Settings): string
  /** The way to the provider, where it is not its address. */
  way?: (fetch: typeof globalThis.fetch) => Promise<typeof globalThis.fetch>
  /** In what the provider differs: the claim that names the account, whether it has a UserInfo to ask, sends `iss` (RFC 9207) and takes pushed requests. */
  subject?: 'oid'
  userinfo?: false
  iss?: false
  par?: false
  /** What it says of alice, if not everything. */
  alice?: Record<string, unknown>
}

const double = startIdentityProvider({ redirectUris: [redirectUri] })
const entra = startEntra({ redirectUri })
test.after.always(async () => Promise.all([(await double).stop(), (await entra).stop()]))

/** Where each kind of the registry is tried: a new kind needs an entry here, and gets every test below. */
const cases: Record<string, Case> = {
  oidc: {
    register: test,
    settings: async () => {
      const { issuer, client_id, client_secret } = await double
      return { kind: 'oidc', issuer, client_id, client_secret }
    },
    issuer: ({ issuer }) => String(issuer),
  },
  keycloak: {
    register: needsService('Keycloak'),
    settings: async () => ({
      ...{ kind: 'keycloak', url: addressOf('Keycloak'), realm: 'acme' },
      ...{ client_id: 'claimgate', client_secret: 'claimgate-secret' },
    }),
    issuer: ({ url, realm }) => `${url}/realms/${realm}`,
  },
  'entra-id': {
    register: test,
    settings: async () => ({ kind: 'entra-id', directory: acme, ...entraClient }),
    issuer: ({ directory }) => `${login}/${directory}/v2.0`,
    way: async (fetch) => (await entra).redirected(fetch),
    ...{ subject: 'oid', userinfo: false, iss: false, par: false },
    alice: { given_name: 'Alice', family_name: 'Jönsson', email: 'alice@acme.example' },
  },
}

test('every kind of provider in the registry is tried', (t) => {
  t.deepEqual(Object.keys(cases).toSorted(), Object.keys(connectors).toSorted())
  for (const [kind, connector] of Object.entries(connectors)) t.is(connector.kind, kind)
})

const state = 'state-of-this-sign-in'

const everything = {
  ...{ given_name: 'Alice', family_name: 'Jönsson', employee_number: 'E-1001', email_verified: true },
  ...{ birthdate: '1985-04-12', department: 'Engineering', student_number: 'S-2001' },
}

const straight = async (fetch: typeof globalThis.fetch) => fetch

for (const [kind, { register, settings, issuer, way = straight, ...differs }] of Object.entries(cases)) {
  const needs = async (...options: Parameters<typeof plainNeeds>) => {
    const plain = plainNeeds(...options)
    return { ...plain, fetch: await way(plain.fetch) }
  }
  const plain = differs.par === false ? {} : { par: 'off' }
  async function begun(upstream: Upstream, username = 'alice') {
    const { url, memory } = await upstream.begin({ state, redirectUri })
    return { url, memory, answer: await signInAt(url, username, redirectUri, { fetch: await way(fetch) }) }
  }

  register(
    `OIDC Core §3.1: ${kind}: a sign-in tells who it was and what the provider knows, without a token`,
    async (t) => {
      const configured = await settings()
      const upstream = connect(await needs(), configured)
      const { answer, memory } = await begun(upstream)
      const signIn = await upstream.finish(answer, memory)
      t.is(signIn.account.issuer, issuer(configured))
      t.is(signIn.account.subject, String(signIn.id_token[differs.subject ?? 'sub']))
      for (const claims of differs.userinfo === false ? [signIn.id_token] : [signIn.id_token, signIn.userinfo]) {
        t.like(claims, differs.alice ?? everything)
        if (!differs.alice) t.true((claims.roles as string[]).includes('manager'))
      }
      if (differs.userinfo === false) t.deepEqual(signIn.userinfo, {})
      t.deepEqual(Object.keys(signIn).toSorted(), ['account', 'id_token', 'userinfo'])
      t.is(upstream.host, new URL(issuer(configured)).host)
    },
  )

  register(`OIDC Core §5.7: ${kind}: two people are two accounts, and what bob lacks is absent`, async (t) => {
    const upstream = connect(await needs(), await settings())
    const people = []
    for (const username of ['alice', 'bob']) {
      const { answer, memory } = await begun(upstream, username)
      people.push(await upstream.finish(answer, memory))
    }
    const [alice, bob] = people
    t.not(alice?.account.subject, bob?.account.subject)
    t.false('employee_number' in (bob?.id_token ?? {}))
    t.false('employee_number' in (bob?.userinfo ?? {}))
  })

  register(
    `RFC 9700 §2.1.1, RFC 7636 §4.2: ${kind}: each sign-in has a nonce and a PKCE challenge of its own`,
    async (t) => {
      const upstream = connect(await needs(), { ...(await settings()), ...plain })
      const [one, other] = [await upstream.begin({ state, redirectUri }), await upstream.begin({ state, redirectUri })]
      const query = Object.fromEntries(one.url.searchParams)
      t.like(query, { response_type: 'code', state, redirect_uri: redirectUri, nonce: one.memory.nonce })
      t.like(query, { code_challenge_method: 'S256', code_challenge: hash(one.memory.codeVerifier) })
      t.regex(one.memory.codeVerifier, /^[A-Za-z0-9_-]{43,128}$/)
      t.false(one.url.href.includes(one.memory.codeVerifier))
      t.not(one.memory.nonce, other.memory.nonce)
      t.not(one.memory.codeVerifier, other.memory.codeVerifier)
    },
  )

  register(`OIDC Core §3.1.2.1: ${kind}: what the issuer asks of the sign-in is asked of the provider`, async (t) => {
    const { url, memory } = await connect(await needs(), { ...(await settings()), ...plain }).begin({
      ...{
        state,
        redirectUri,
        scope: 'profile',
        loginHint: 'bob',
        acrValues: ['gold'],
        amrValues: ['hwk'],
        maxAge: 60,
      },
      ...{ locales: 'de en', prompt: 'login', parameters: { foo: 'bar', state: 'stolen' } },
    })
    const query = Object.fromEntries(url.searchParams)
    t.like(query, { scope: 'openid profile', login_hint: 'bob', acr_values: 'gold', max_age: '60', foo: 'bar', state })
    t.like(query, { ui_locales: 'de en', prompt: 'login' })
    t.like(memory, { acrValues: ['gold'], amrValues: ['hwk'], maxAge: 60 })
  })

  register(
    `RFC 9207 §2.4, RFC 6749 §10.12: ${kind}: an answer that is not the one to this sign-in is refused`,
    async (t) => {
      const upstream = connect(await needs(), await settings())
      const { answer, memory } = await begun(upstream)
      const changed = (change: (query: URLSearchParams) => void) => {
        const query = new URLSearchParams(answer)
        change(query)
        return upstream.finish(query, memory)
      }
      const refusals = [
        ['callback-state-unknown', changed((query) => query.set('state', 'another'))],
        ['callback-state-unknown', changed((query) => query.delete('state'))],
        ['callback-wrong-provider', changed((query) => query.set('iss', 'https://other.example'))],
        ...(differs.iss === false ? [] : [['callback-iss-missing', changed((query) => query.delete('iss'))] as const]),
        ['callback-malformed', changed((query) => query.delete('code'))],
        ['callback-malformed', changed((query) => query.append('code', 'second'))],
      ] as const
      for (const [id, refused] of refusals) t.is((await refusalOf(refused)).fault, id)
      await t.notThrowsAsync(upstream.finish(answer, memory), 'none of these spent the code')
    },
  )

  register(
    `RFC 7636 §4.6, OIDC Core §3.1.3.7: ${kind}: another sign-in’s verifier, nonce or code is refused`,
    async (t) => {
      const upstream = connect(await needs(), await settings())
      const swapped = async (change: Partial<SignInMemory>) => {
        const { answer, memory } = await begun(upstream)
        return refusalOf(upstream.finish(answer, { ...memory, ...change }))
      }
      t.like(await swapped({ codeVerifier: 'a'.repeat(43) }), { code: 'access_denied', fault: 'idp-code-refused' })
      t.like(await swapped({ nonce: 'another' }), {
        code: 'access_denied',
        help: 'provider-answer',
        fault: 'id-token-nonce',
      })
      const { answer, memory } = await begun(upstream)
      await upstream.finish(answer, memory)
      t.like(await refusalOf(upstream.finish(answer, memory)), { help: 'provider-answer', fault: 'idp-code-refused' })
    },
  )

  register(`RFC 6749 §4.1.2.1: ${kind}: a cancelled sign-in is told from one that went wrong`, async (t) => {
    const upstream = connect(await needs(), await settings())
    const { memory } = await upstream.begin({ state, redirectUri })
    const answered = (error: string) =>
      refusalOf(upstream.finish(new URLSearchParams({ state, error, iss: issuer(configured) }), memory))
    const configured = await settings()
    t.like(await answered('access_denied'), { code: 'access_denied', help: 'sign-in-cancelled', fault: 'idp-declined' })
    t.like(await answered('login_required'), { code: 'access_denied', fault: 'idp-login-required' })
    t.like(await answered('invalid_scope'), {
      code: 'server_error',
      help: 'provider-set-up',
      fault: 'idp-scope-unknown',
    })
    t.like(await answered('server_error'), {
      code: 'temporarily_unavailable',
      help: 'provider-unavailable',
      retryAfter: 60,
    })
    t.like(await answered('who-knows'), { code: 'server_error', fault: 'idp-error-other' })
  })

  register(`${kind}: a wrong client secret is a matter for the administrator, and is not repeated`, async (t) => {
    const wrong = { ...(await settings()), client_secret: 'not-the-secret' }
    if (differs.par !== false) {
      const pushed = await refusalOf(connect(await needs(), wrong).begin({ state, redirectUri }))
      t.like(pushed, { code: 'server_error', help: 'provider-set-up', fault: 'idp-par-auth' })
    }
    const upstream = connect(await needs(), { ...wrong, ...plain })
    const { answer, memory } = await begun(upstream)
    const error = await t.throwsAsync(upstream.finish(answer, memory), { instanceOf: ProtocolError })
    t.like(error, { code: 'server_error', help: 'provider-set-up' })
    t.like(error?.cause, { fault: 'idp-secret-wrong', status: 401 })
    t.notRegex(JSON.stringify({ ...error, cause: error?.cause }), /not-the-secret|eyJ/)
  })

  register(`${kind}: a provider at an address that the platform does not open is not spoken to`, async (t) => {
    const upstream = connect(await needs({ allowAddresses: [] }), await settings())
    const refusal = await refusalOf(upstream.begin({ state, redirectUri }))
    t.like(refusal, { code: 'server_error', help: 'provider-set-up', fault: 'idp-address-refused' })
  })
}
