import { readFile } from 'node:fs/promises'
import test from 'ava'
import { readTenantFile } from '../../src/administration/read-tenant-file.ts'
import { mistakeLine } from '../../src/administration/read-yaml.ts'
import { applied, startAdmins, tenantFile } from '../support/admin.ts'
import { remember } from '../support/secrets.ts'

const admins = await startAdmins()
test.after.always(() => Promise.all(admins.map((admin) => admin.stop())))

const now = new Date('2026-11-24T12:00:00Z')

/** The mistakes in a tenant with these sources and this rule, as a person sees them. */
function mistakes(sources: string, rule = '{ from: source.hr.grade }'): string[] {
  const text = `tenant: acme
claim_sources:
  hr: ${sources}
issuers:
  staff:
    grants: { pre_authorized_code: {} }
    credential_configurations:
      Badge:
        format: dc+sd-jwt
        claims: { grade: ${rule} }
`
  const answer = readTenantFile(text, 'acme.yaml', { demo: false, environment: {}, folder: '.', now })
  return 'mistakes' in answer ? answer.mistakes.map(mistakeLine) : []
}
const good = '{ url: "https://hr.example/people/{id_token.sub}" }'

test('a claim source, and a rule that reads it, are without mistakes', (t) => {
  t.deepEqual(mistakes(good), [])
  t.deepEqual(
    mistakes(
      `{ method: POST, url: "https://hr.example/", body: { id: "{offer.number}", all: [1, true] }, retries: 2, timeout: PT3S,
        cache: { for: PT10M }, headers: { X-Tenant: acme }, when_unavailable: defer,
        authentication: { basic: { username: a, password: b }, mutual_tls: { certificate: "\${secret:c}", key: "\${secret:k}" } } }`,
    ),
    [],
  )
})

test('every mistake in a claim source is told with its place and what would do', (t) => {
  const at = '/claim_sources/hr'
  const wrong: [string, RegExp][] = [
    [
      '{ url: "https://hr.example/{idtoken.sub}" }',
      /^acme.yaml:3:\d+ .*\/url A placeholder begins with id_token, userinfo/,
    ],
    ['{ url: "https://{offer.host}/" }', /\/url The address begins with https/],
    ['{ url: "https://hr.example/{source.erp.id}" }', /\/url A claim source reads no other claim source/],
    ['{ url: "https://hr.example/", body: { a: 1 } }', /\/body Only a POST has a body/],
    ['{ method: POST, url: "https://hr.example/", body: { a: "{x}" } }', /\/body\/a A placeholder begins/],
    ['{ url: "https://hr.example/", timeout: PT1M }', /\/timeout A source is waited for 10 seconds at most/],
    ['{ url: "https://hr.example/", cache: { for: P2D } }', /\/cache\/for An answer is kept for a day at most/],
    ['{ url: "https://hr.example/", max_bytes: 99999999 }', /\/max_bytes /],
    ['{ url: "https://hr.example/", headers: { Host: evil } }', /\/headers.* This header belongs to the connection/],
    ['{ url: "https://hr.example/", kind: ldap }', /\/kind This must be http/],
    ['{ url: "https://hr.example/", verb: GET }', /\/verb There is no such setting here/],
    [
      '{ url: "https://hr.example/", authentication: { jwt: {}, basic: { username: a, password: b } } }',
      /\/authentication A source takes one of api_key, basic, oauth, jwt/,
    ],
    [
      '{ url: "https://hr.example/", authentication: { oauth: { token_endpoint: "http://as.example/", client_id: a, client_secret: b } } }',
      /\/authentication\/oauth\/token_endpoint An address with http leads to this very machine only/,
    ],
    [
      '{ url: "https://hr.example/", authentication: { mutual_tls: { certificate: x, key: y } } }',
      /\/authentication\/mutual_tls\/certificate This must be a certificate in PEM/,
    ],
  ]
  for (const [source, line] of wrong) {
    const [first = '', ...more] = mistakes(source)
    t.regex(first, line, source)
    t.true(first.includes(at))
    t.deepEqual(more, [], source)
  }
})

test('a rule names a claim source that is there, and a member of its answer', (t) => {
  const at = '/issuers/staff/credential_configurations/Badge/claims/grade'
  t.regex(
    mistakes(good, '{ from: source.erp.grade }').join(),
    new RegExp(`${at}/from There is no claim source erp in this file; there is hr`),
  )
  t.regex(mistakes(good, '{ cel: "source.erp.grade" }').join(), new RegExp(`${at}/cel There is no claim source erp`))
  t.regex(mistakes(good, '{ cel: "size(source)", type: integer }').join(), /says which claim source it reads/)
})

test('the file in the guide is without mistakes', async (t) => {
  const guide = await readFile(new URL('../../docs/guides/claim-sources.md', import.meta.url), 'utf8')
  const files = [...guide.matchAll(/^```yaml\n(tenant:.*?)^```$/gms)].map(([, text = '']) => text)
  t.true(files.length > 0)
  for (const text of files) {
    const names = [...text.matchAll(/\$\{env:(\w+)\}/g)].map(([, name]) => [name, 'a-secret-of-the-guide'])
    const environment = Object.fromEntries(names)
    const answer = readTenantFile(text, 'guide', { demo: false, environment, folder: '.', now })
    t.deepEqual('mistakes' in answer ? answer.mistakes.map(mistakeLine) : [], [])
  }
})

for (const { name: database, services } of admins) {
  test(`the secrets of a claim source are sealed, and the same file again changes nothing [${database}]`, async (t) => {
    const key = remember('the-key-of-a-claim-source')
    const hr = {
      url: 'https://hr.example/people/{id_token.sub}',
      authentication: { api_key: { header: 'X-Api-Key', value: key } },
    }
    const file = { ...tenantFile('sourced'), claim_sources: { hr } }
    const { changes } = await applied(services, file)
    t.true(changes.some(({ kind, id, change }) => kind === 'claim_source' && id === 'hr' && change === 'created'))
    t.deepEqual((await applied(services, file)).changes, [])
    const row = await services.database.ask((db) => db('claim_sources').first())
    t.false(JSON.stringify(row).includes(key))
    t.false(Buffer.from(row.secrets_sealed).includes(key))
    const live = (await services.configuration.findTenant('sourced'))!
    t.like(live.claimSources.get('hr'), { ...hr, method: 'GET', timeout: 'PT5S', when_unavailable: 'fail' })

    const other = { hr: { ...hr, authentication: { api_key: { header: 'X-Api-Key', value: 'another' } } } }
    t.deepEqual((await applied(services, { ...file, claim_sources: other })).changes, [
      { kind: 'claim_source', id: 'hr', change: 'changed' },
    ])
    t.deepEqual((await applied(services, { ...file, claim_sources: {} })).changes, [
      { kind: 'claim_source', id: 'hr', change: 'removed' },
    ])
  })
}
