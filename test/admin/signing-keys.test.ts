import { X509Certificate } from 'node:crypto'
import test from 'ava'
import { readTenantFile } from '../../src/administration/read-tenant-file.ts'
import { run } from '../../src/cli/run.ts'
import { applied, platformKey, startAdmins, tenantFile } from '../support/admin.ts'

const admins = await startAdmins()
test.after.always(() => Promise.all(admins.map((admin) => admin.stop())))

type Shown = {
  kid: string
  key: string
  algorithm: string
  generation: number
  state: string
  published: boolean
  created_at: string
  activates_at: string
  retires_at?: string
  published_until?: string
  public_jwk: Record<string, unknown>
  certificates: { profile: string; serial: string; not_after: string; certificate: string }[]
}
const keysOf = (body: Record<string, unknown>) => body.signing_keys as Shown[]

function fileWith(tenant: string, role: 'administrator' | 'offers' = 'administrator') {
  const file = tenantFile(tenant)
  const { campus, ...others } = file.issuers
  const { Card, Pass } = campus.credential_configurations
  const configurations = { Card, Pass: { ...Pass, signing_key: 'passes', signing_algorithm: 'ES384' } }
  const issuers = { ...others, campus: { ...campus, credential_configurations: configurations } }
  return { ...file, country: 'SE', api_clients: { boss: { role } }, issuers }
}

for (const { name: on, services, call, wait, forget, url } of admins) {
  test(`an administrator sees every key, what it does, and its certificate [${on}]`, async (t) => {
    const { key } = await applied(services, fileWith('seeing'))
    const { status, body } = await call('GET', '/tenants/seeing/signing-keys', { key })
    t.is(status, 200)
    const keys = keysOf(body)
    t.deepEqual(
      keys.map((one) => [one.key, one.algorithm, one.generation, one.state, one.published]),
      [
        ['default', 'ES256', 1, 'active', true],
        ['passes', 'ES384', 1, 'active', true],
      ],
    )
    for (const { public_jwk, certificates } of keys) {
      t.false('d' in public_jwk)
      t.is(certificates.length, 1)
      const [{ certificate, not_after, serial }] = certificates as [Shown['certificates'][number]]
      const leaf = new X509Certificate(certificate)
      t.is(leaf.validToDate.toISOString(), not_after)
      t.is(leaf.serialNumber.toLowerCase(), serial)
      t.regex(leaf.subject, /^C=SE\n/)
    }
    t.false(JSON.stringify(body).includes('sealed'))
  })

  test.serial(
    `a rotation over the API is published at once, signs after six minutes, and the key before it stays [${on}]`,
    async (t) => {
      const { key } = await applied(services, fileWith('rotating'))
      const path = '/tenants/rotating/signing-keys'
      const rotate = (body: object) => call('POST', `${path}/rotations`, { key, body })
      const { status, body } = await rotate({ key: 'passes' })
      t.is(status, 200)
      const [old, next] = keysOf(body) as [Shown, Shown]
      t.like(old, { key: 'passes', generation: 1, state: 'active', retires_at: next.activates_at })
      t.like(next, { key: 'passes', generation: 2, state: 'published' })
      t.true(Date.parse(next.activates_at) - Date.parse(next.created_at) > 300_000 + 50_000)
      t.is(Date.parse(old.published_until!) - Date.parse(old.retires_at!), 91 * 86_400_000)
      t.deepEqual(keysOf((await rotate({ key: 'passes' })).body), [old, next], 'asking twice is asking once')
      wait({ minutes: 6 })
      const after = keysOf((await call('GET', path, { key })).body)
      t.deepEqual(
        after.map((one) => `${one.key} ${one.generation} ${one.state}`),
        ['default 1 active', 'passes 1 retired', 'passes 2 active'],
      )
      const { db } = services.database
      const tenant = await services.tables.tenants.version('rotating')
      const events = await db('events').where({ tenant_id: tenant!.id, type: 'signing_key.rotated' })
      t.is(events.length, 1)
      t.deepEqual(JSON.parse(events[0].details).keys, [{ name: 'passes', algorithm: 'ES384', generation: 2 }])
    },
  )

  test(`of many rotations at once one is made, and one that follows lets it sign [${on}]`, async (t) => {
    const { key } = await applied(services, fileWith('racing'))
    const path = '/tenants/racing/signing-keys'
    const before = await services.tables.tenants.version('racing')
    const rotate = (body: object) => call('POST', `${path}/rotations`, { key, body })
    await call('GET', path, { key })
    const answers = await Promise.all([rotate({}), rotate({}), rotate({}), rotate({})])
    for (const { status } of answers) t.is(status, 200)
    t.is((await rotate({ now: true })).status, 200)
    const keys = keysOf((await call('GET', path, { key })).body)
    t.is(keys.length, 4)
    for (const one of keys) t.is(one.state, one.generation === 2 ? 'active' : 'retired', 'whoever asked for now got it')
    const after = await services.tables.tenants.version('racing')
    t.true(after!.configurationVersion > before!.configurationVersion)
  })

  test(`a compromised key is revoked, with its certificates, and the next one signs [${on}]`, async (t) => {
    const { key } = await applied(services, fileWith('leaking'))
    const rotate = (body: object) => call('POST', '/tenants/leaking/signing-keys/rotations', { key, body })
    const { body } = await rotate({ key: 'default', algorithm: 'ES256', compromised: true })
    t.deepEqual(
      keysOf(body).map(({ state, published }) => [state, published]),
      [
        ['revoked', false],
        ['active', true],
      ],
    )
    forget()
    const tenant = (await services.configuration.findTenant('leaking'))!
    const { jwks } = await services.keyRing.of(tenant)
    t.deepEqual(
      jwks.map(({ alg }) => alg),
      ['ES256', 'ES384'],
    )
    t.is(jwks[0]!.kid, keysOf(body)[1]!.kid)
  })

  test(`who may not, and what is not there [${on}]`, async (t) => {
    const { key } = await applied(services, fileWith('keyless', 'offers'))
    const path = '/tenants/keyless/signing-keys'
    t.is((await call('GET', path, { key })).status, 403)
    t.is((await call('POST', `${path}/rotations`, { key, body: {} })).status, 403)
    t.is((await call('POST', `${path}/rotations`, { body: {} })).status, 401)
    const rotate = (body: unknown, tenant = 'keyless') =>
      call('POST', `/tenants/${tenant}/signing-keys/rotations`, { key: platformKey, body })
    t.is((await rotate({ key: 'none' })).status, 404)
    t.is((await rotate({ algorithm: 'EdDSA' })).status, 404)
    t.is((await rotate({}, 'nobody')).status, 404)
    for (const body of [{ kye: 'default' }, { algorithm: 'none' }, { key: 'No Name' }, { now: 'yes' }])
      t.is((await rotate(body)).status, 422, JSON.stringify(body))
  })

  test(`the command line rotates and lists keys [${on}]`, async (t) => {
    const { key } = await applied(services, fileWith('by-hand'))
    const claimgate = async (...words: string[]) => {
      const [printed, noted]: [string[], string[]] = [[], []]
      const code = await run(['keys', ...words], {
        environment: { CLAIMGATE_URL: url, CLAIMGATE_API_KEY: key },
        fetch: globalThis.fetch,
        now: () => new Date(),
        print: (text) => printed.push(text),
        note: (text) => noted.push(text),
      })
      return { code, printed: printed.join('\n'), noted: noted.join('\n') }
    }
    const listed = await claimgate('list', 'by-hand')
    t.deepEqual(listed, {
      code: 0,
      printed: 'default ES256, generation 1: signs\npasses ES384, generation 1: signs',
      noted: '',
    })
    const rotated = await claimgate('rotate', 'by-hand', 'passes')
    t.is(rotated.code, 0, rotated.noted)
    t.regex(rotated.printed, /^passes ES384, generation 1: signs until \S+Z, published until \S+Z\n/)
    t.regex(rotated.printed, /\npasses ES384, generation 2: is published and signs from \S+Z$/)
    const { printed } = await claimgate('rotate', 'by-hand', '--compromised')
    t.is(printed.match(/is revoked$/gm)?.length, 3)
    t.is(keysOf(JSON.parse((await claimgate('list', 'by-hand', '--json')).printed)).length, 5)
    t.is((await claimgate('rotate', 'by-hand', 'none')).code, 1)
    t.is((await claimgate('rotate', 'by-hand', '--algorithm', 'RS256')).code, 2)
  })
}

const licence = (country: string, issuing: string) => `tenant: acme
${country}
identity_providers:
  login: { kind: oidc, issuer: https://login.acme.example, client_id: claimgate, client_secret: hunter2hunter2 }
wallet_profiles:
  pocket: { client_id: pocket, name: Pocket, redirect_uris: [https://pocket.example/cb] }
issuers:
  staff:
    wallets: [pocket]
    grants: { authorization_code: { identity_providers: [login] } }
    credential_configurations:
      Licence:
        format: mso_mdoc
        doctype: org.iso.18013.5.1.mDL
        claims:
          org.iso.18013.5.1/issuing_country: ${issuing}
`
const mistakesIn = (text: string) => {
  const environment = { demo: false, environment: {}, folder: '.', now: new Date() }
  const read = readTenantFile(text, 'tenant.yaml', environment)
  return 'mistakes' in read ? read.mistakes.map(({ field, detail }) => `${field} ${detail}`) : []
}
const aboutCountry = (country: string, issuing: string) =>
  mistakesIn(licence(country, issuing)).filter((line) => line.includes('issuing_country'))

test("MDOC-7: a driving licence that names another country than its signer's certificate is not let in", (t) => {
  t.is(aboutCountry('country: SE', '{ const: NO }').length, 1)
  t.regex(aboutCountry('country: SE', '{ const: NO }')[0]!, /say SE/)
  t.deepEqual(aboutCountry('country: SE', '{ const: SE }'), [])
  t.deepEqual(aboutCountry('country: SE', '{ from: id_token.country, mandatory: true }'), [])
  t.deepEqual(aboutCountry('', '{ const: NO }'), [])
  t.regex(
    mistakesIn(licence('', '{ const: NO }')).join('\n'),
    /\/doctype A driving licence needs the country of the tenant/,
  )
})

test('a country is two capital letters', (t) => {
  t.regex(mistakesIn(licence('country: sweden', '{ const: SE }')).join(), /\/country A country is two capital letters/)
})
