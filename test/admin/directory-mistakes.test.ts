import { readFileSync } from 'node:fs'
import test from 'ava'
import { readTenantFile } from '../../src/administration/read-tenant-file.ts'
import { mistakeLine } from '../../src/administration/read-yaml.ts'

/** What is wrong with a rule of an issuer whose people come from `rich` (a Keycloak with its Admin API) and from `poor`. */
function mistakes(
  rule: string,
  { providers = 'rich, poor', poor = 'kind: keycloak, url: https://login.example, realm: b' } = {},
) {
  const text = `tenant: acme
identity_providers:
  rich: { kind: keycloak, url: https://login.example, realm: a, client_id: c, client_secret: "\${secret:A}", admin_api: true, client_roles: [hr] }
  poor: { ${poor}, client_id: c, client_secret: "\${secret:B}" }
issuers:
  staff:
    wallets: []
    grants: { authorization_code: { identity_providers: [rich, poor] } }
    credential_configurations:
      Badge:
        format: dc+sd-jwt
        identity_providers: [${providers}]
        claims: { name: ${rule} }
`
  const answer = readTenantFile(text, 'a.yaml', { demo: false, environment: {}, folder: '.', now: new Date() })
  return 'mistakes' in answer ? answer.mistakes.map((one) => mistakeLine(one).replace(/^\S+ \S*claims\/name/, '')) : []
}

test('a rule that reads user for the people of a provider without a directory is a mistake that says what to do', (t) => {
  t.deepEqual(mistakes('{ from: user.username }'), [
    '/from The rule reads user, but for poor: its admin_api is not on. Mend that, or say under by_provider what stands for it at poor.',
  ])
  t.regex(mistakes('{ cel: user.username }')[0] ?? '', /^\/cel The rule reads user, but for poor/)
  const oidc = { poor: 'kind: oidc, issuer: https://idp.example' }
  t.regex(mistakes('{ from: user.username }', oidc)[0] ?? '', /for poor: providers of kind oidc have no directory\./)
})

test('by_provider, and the providers of the credential, say where a rule is in force', (t) => {
  t.deepEqual(mistakes('{ from: user.username }', { providers: 'rich' }), [])
  t.deepEqual(mistakes('{ from: user.username, by_provider: { poor: { from: id_token.name } } }'), [])
  t.deepEqual(mistakes('{ from: id_token.name, by_provider: { rich: { from: user.username } } }'), [])
  t.deepEqual(mistakes('{ from: id_token.name, by_provider: { poor: { from: user.username } } }'), [
    '/by_provider/poor/from The rule reads user, but for poor: its admin_api is not on.',
  ])
  t.deepEqual(mistakes("{ from: id_token.name, when: 'user.enabled' }"), [
    '/when The rule reads user, but for poor: its admin_api is not on.',
  ])
})

test('a member that Keycloak’s people do not have, and a client whose roles are not asked for, are told with what there is', (t) => {
  const rich = { providers: 'rich' }
  t.regex(
    mistakes('{ from: user.first_name }', rich)[0] ?? '',
    /for rich: its people have no first_name; there is id, enabled, username, firstName,/,
  )
  t.deepEqual(mistakes('{ cel: \'user.client_roles["hr"]\', type: list(string) }', rich), [])
  t.regex(mistakes('{ from: user.client_roles.crm }', rich)[0] ?? '', /its client_roles does not name crm\./)
  t.deepEqual(mistakes('{ cel: size(user), type: integer }', rich), [])
})

test('the tenant files in the Keycloak guide are without mistakes, and their tests pass', (t) => {
  const guide = readFileSync(new URL('../../docs/guides/keycloak.md', import.meta.url), 'utf8')
  const files = [...guide.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text)
  t.is(files.length, 2)
  const environment = { ACME_KEYCLOAK_SECRET: 'a', HEAD_OFFICE_SECRET: 'b', PLANTS_SECRET: 'c' }
  for (const text of files) {
    const answer = readTenantFile(text, 'a.yaml', { demo: false, environment, folder: '.', now: new Date() })
    t.deepEqual('mistakes' in answer ? answer.mistakes.map(mistakeLine) : [], [])
  }
})
