import test from 'ava'
import fc from 'fast-check'
import { parametersToKeep, signInWishes } from '../../src/issuance/sign-in-parameters.ts'
import { IdentityProviderLink } from '../../src/model/identity-provider.ts'
import type { LiveIssuer } from '../../src/model/live.ts'

const link = (settings: Record<string, unknown>) => IdentityProviderLink.parse({ id: 'idp', ...settings })
const wishes = (
  settings: Record<string, unknown>,
  request: Record<string, string> = {},
  offer: Record<string, unknown> = {},
  usual: Parameters<typeof signInWishes>[2] = {},
) => signInWishes(link(settings), { request, offer }, usual)

test('OIDC Core §3.1.2.1: parameters of a sign-in are fixed, or come from the wallet or the offer by rule', (t) => {
  const parameters = {
    domain_hint: 'acme.example',
    login_hint: { from: ['offer.account.email', 'request.login_hint'] },
    organization: { from: 'offer.organization' },
    ui_locales: { from: 'request.ui_locales' },
  }
  const offer = { account: { email: 'ada@acme.example' }, organization: 42 }
  t.deepEqual(wishes({ parameters }, { login_hint: 'bob', ui_locales: 'de' }, offer, { locales: 'en' }), {
    loginHint: 'ada@acme.example',
    locales: 'de',
    parameters: { domain_hint: 'acme.example', organization: '42' },
  })
  t.deepEqual(wishes({ parameters }, { login_hint: 'bob' }, {}, { locales: 'en' }), {
    loginHint: 'bob',
    locales: 'en',
    parameters: { domain_hint: 'acme.example' },
  })
  t.is(wishes({ parameters }, {}, offer, { typedEmail: 'eve@acme.example' }).loginHint, 'eve@acme.example')
})

test('OIDC Core §3.1.2.1: without a rule nothing of the wallet’s request is passed on', (t) => {
  const request = { prompt: 'create', max_age: '1', acr_values: 'gold', kc_idp_hint: 'other' }
  t.deepEqual(wishes({}, request), { parameters: {} })
})

test('OIDC Core §3.1.2.1: a wish of the wallet makes a sign-in stricter and never laxer', (t) => {
  const forward = { max_age: { from: 'request.max_age' }, acr_values: { from: 'request.acr_values' } }
  const asked = (settings: Record<string, unknown>, request: Record<string, string>) => {
    const { maxAge, acrValues } = wishes({ parameters: forward, ...settings }, request)
    return [maxAge, acrValues]
  }
  t.deepEqual(asked({ max_age: 300 }, { max_age: '60' }), [60, undefined])
  t.deepEqual(asked({ max_age: 300 }, { max_age: '3600' }), [300, undefined])
  t.deepEqual(asked({ max_age: 300 }, { max_age: '-1' }), [300, undefined])
  t.deepEqual(asked({}, { max_age: '0' }), [0, undefined])
  t.deepEqual(asked({ acr_values: ['silver', 'gold'] }, { acr_values: 'gold' }), [undefined, ['gold']])
  t.deepEqual(asked({ acr_values: ['silver', 'gold'] }, { acr_values: 'bronze' }), [undefined, ['silver', 'gold']])
  t.deepEqual(asked({}, { acr_values: ' gold  silver' }), [undefined, ['gold', 'silver']])
})

test('OIDC Core §3.1.2.1: prompt=none is never asked, and a new try asks for the account whatever a rule says', (t) => {
  const parameters = { prompt: { from: 'request.prompt' } }
  t.is(wishes({ parameters }, { prompt: 'none' }).prompt, undefined)
  t.is(wishes({ parameters }, { prompt: 'none consent' }).prompt, 'consent')
  t.is(wishes({ parameters }, { prompt: 'consent' }, {}, { prompt: 'login' }).prompt, 'login')
  t.is(wishes({ parameters: { prompt: 'select_account' } }).prompt, 'select_account')
})

test('RFC 6749 §4.1.1: no rule sets what the flow sets itself, and each is checked before it is saved', (t) => {
  const mistakesOf = (parameters: Record<string, unknown>) => {
    const parsed = IdentityProviderLink.safeParse({ id: 'idp', parameters })
    return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('/')} ${message}`)
  }
  for (const name of ['redirect_uri', 'state', 'nonce', 'scope', 'code_challenge', 'request', 'response_mode'])
    t.deepEqual(mistakesOf({ [name]: 'x' }), [`parameters/${name} The sign-in sets ${name} by itself.`])
  t.is(mistakesOf({ prompt: 'login none' }).length, 1)
  t.is(mistakesOf({ max_age: 'soon' }).length, 1)
  for (const path of ['id_token.sub', 'request', 'request.a.b', 'offer', 'offer.', 'offer["a"]'])
    t.is(mistakesOf({ login_hint: { from: path } }).length, 1, path)
  t.deepEqual(mistakesOf({ login_hint: { from: ['offer.a.b', 'request.login_hint'] }, hd: 'acme.example' }), [])
})

test('OIDC Core §3.1.2.1: of a wallet’s request only what rules read is kept', (t) => {
  const issuer = {
    identityProviders: [
      link({ parameters: { prompt: { from: 'request.prompt' }, hd: 'acme.example' } }),
      link({ parameters: { login_hint: { from: ['offer.email', 'request.login_hint'] } } }),
    ],
  } as unknown as LiveIssuer
  const sent = new URLSearchParams({ prompt: 'login', hd: 'evil.example', ui_locales: 'de', login_hint: '' })
  t.deepEqual(parametersToKeep(issuer, sent), { prompt: 'login' })
  t.deepEqual(parametersToKeep(issuer, new URLSearchParams({ prompt: 'x'.repeat(1001) })), {})
})

test('OIDC Core §3.1.2.1: whatever wallet and offer hold, parameters are short texts by the names of the rules', (t) => {
  const settings = {
    acr_values: ['gold'],
    max_age: 300,
    parameters: {
      login_hint: { from: ['offer.a.b', 'request.a'] },
      max_age: { from: 'request.max_age' },
      acr_values: { from: 'request.acr_values' },
      tenant: { from: 'offer.toString' },
      other: { from: 'offer.__proto__' },
    },
  }
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.string()),
      fc.object({ key: fc.constantFrom('a', 'b', '__proto__') }),
      (request, offer) => {
        const asked = wishes(settings, request, offer)
        return (
          (asked.maxAge ?? 0) <= 300 &&
          asked.acrValues?.join() === 'gold' &&
          Object.entries(asked.parameters ?? {}).every(
            ([name, value]) => ['tenant', 'other'].includes(name) && typeof value === 'string' && value.length <= 1000,
          )
        )
      },
    ),
  )
  t.pass()
})
