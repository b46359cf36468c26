import test from 'ava'
import { readTenantFile } from '../../src/administration/read-tenant-file.ts'
import { mistakeLine } from '../../src/administration/read-yaml.ts'

/** What is wrong with an issuer whose people come from `rich` (a Keycloak with its Admin API) and from `poor`. */
function mistakes({
  rich = 'rich',
  poor = 'poor',
  refresh = '{ claims: directory }',
  rule = '{ from: user.username }',
}) {
  const text = `tenant: acme
identity_providers:
  rich: { kind: keycloak, url: https://login.example, realm: a, client_id: c, client_secret: "\${secret:A}", admin_api: true }
  poor: { kind: oidc, issuer: https://idp.example, client_id: c, client_secret: "\${secret:B}" }
issuers:
  staff:
    wallets: []
    grants: { authorization_code: { identity_providers: [${rich}, ${poor}] } }
    ${refresh && `refresh_tokens: ${refresh}`}
    credential_configurations:
      Badge:
        format: dc+sd-jwt
        identity_providers: [rich]
        claims: { name: ${rule} }
`
  const answer = readTenantFile(text, 'a.yaml', { demo: false, environment: {}, folder: '.', now: new Date() })
  return 'mistakes' in answer ? answer.mistakes.map((one) => mistakeLine(one).replace(/^\S+ /, '')) : []
}
const kept = '{ id: poor, renewal_claims: kept }'

test('a renewal by a directory that is not there is a mistake, at the setting that asks for it', (t) => {
  t.deepEqual(mistakes({}), [
    '/issuers/staff/refresh_tokens/claims Claims of people from poor cannot be renewed: providers of kind oidc have no directory.',
  ])
  t.deepEqual(mistakes({ refresh: '{}', poor: '{ id: poor, renewal_claims: directory }' }), [
    '/issuers/staff/grants/authorization_code/identity_providers/1/renewal_claims Claims of people from poor cannot be renewed: providers of kind oidc have no directory.',
  ])
  t.deepEqual(mistakes({ poor: kept }), [])
})

test('a provider’s own terms of renewal mean nothing where nothing is renewed', (t) => {
  t.deepEqual(mistakes({ refresh: '', poor: kept }), [
    '/issuers/staff/grants/authorization_code/identity_providers/1/renewal_claims Nothing is renewed without refresh_tokens at the issuer.',
  ])
})

test('a claim that only tokens tell would be lost at a renewal by the directory', (t) => {
  const only = { poor: kept, rule: '{ from: [id_token.name, userinfo.name] }' }
  t.deepEqual(mistakes(only), [
    '/issuers/staff/credential_configurations/Badge/claims/name/from A renewal for rich asks the directory and has no id_token: name what user says as well.',
  ])
  t.deepEqual(mistakes({ ...only, rule: '{ from: [id_token.name, user.username] }' }), [])
  t.deepEqual(mistakes({ ...only, refresh: '{}' }), [], 'by the provider’s refresh token there is one')
})
