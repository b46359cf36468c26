import test from 'ava'
import { applyTenant } from '../../src/administration/apply.ts'
import { hash } from '../../src/lib/secrets.ts'
import type { Services } from '../../src/services.ts'
import { applied, issuerOf, startAdmins, tenantFile } from '../support/admin.ts'

const admins = await startAdmins()
test.after.always(() => Promise.all(admins.map((admin) => admin.stop())))

const day = 86_400_000
const versionOf = async ({ tables }: Services, name: string) =>
  (await tables.tenants.version(name))?.configurationVersion
const kinds = ({ changes }: { changes: { kind: string; id: string; change: string }[] }) =>
  changes.map(({ kind, id, change }) => `${change} ${kind} ${id}`)

for (const { name: database, services, wait, forget } of admins) {
  const { tables, clock, configuration } = services

  test(`apply creates a tenant with everything below it, and the same file again changes nothing [${database}]`, async (t) => {
    const file = tenantFile('whole')
    t.deepEqual(kinds(await applied(services, file)), [
      'created tenant whole',
      'created identity_provider idp',
      'created wallet_profile pocket',
      'created api_client portal',
      'created issuer staff',
      'created credential_configuration staff/Badge',
      'created issuer campus',
      'created credential_configuration campus/Card',
      'created credential_configuration campus/Pass',
    ])
    t.is(await versionOf(services, 'whole'), 0)
    t.deepEqual(await applied(services, file), { changes: [], apiKeys: [], key: '' })
    t.is(await versionOf(services, 'whole'), 0)
    const live = (await configuration.findTenant('whole'))!
    t.like(live.identityProviders.get('idp'), { kind: 'oidc', client_secret: 'the-client-secret-of-the-provider' })
    t.is(live.walletProfiles.get('pocket')?.client_id, 'pocket')
    const campus = live.issuers.get('campus')!
    t.deepEqual([...campus.configurations.keys()], ['Card', 'Pass'])
    t.deepEqual(campus.identityProviders, [{ id: 'idp' }])
    t.is(campus.settings.batch_size, 10)
  })

  test(`apply names what it changed and raises the configuration version once [${database}]`, async (t) => {
    const file = tenantFile('changing')
    await applied(services, file)
    const links = [{ id: 'idp', scope: 'openid groups' }]
    const changed = {
      ...file,
      accent: '#123456',
      wallet_profiles: { pocket: { ...file.wallet_profiles.pocket, name: 'Pocket 2' } },
      issuers: {
        ...file.issuers,
        staff: { ...file.issuers.staff, grants: { authorization_code: { identity_providers: links } } },
      },
    }
    const result = await applied(services, changed)
    t.deepEqual(kinds(result), ['changed tenant changing', 'changed wallet_profile pocket', 'changed issuer staff'])
    t.is(await versionOf(services, 'changing'), 1)
    forget()
    const live = (await configuration.findTenant('changing'))!
    t.is(live.settings.accent, '#123456')
    t.is(live.walletProfiles.get('pocket')?.name, 'Pocket 2')
    t.deepEqual(live.issuers.get('staff')?.identityProviders, links)
  })

  test(`apply removes what the file leaves out; an issuer is retired and keeps its identity if it comes back [${database}]`, async (t) => {
    const file = tenantFile('leaving')
    await applied(services, file)
    const before = await issuerOf(services, 'leaving', 'campus')
    const { staff } = file.issuers
    const configurations = { Door: staff.credential_configurations.Badge }
    const left = {
      ...file,
      wallet_profiles: {},
      api_clients: {},
      issuers: { staff: { ...staff, wallets: [], credential_configurations: configurations } },
    }
    t.deepEqual(kinds(await applied(services, left)), [
      'removed wallet_profile pocket',
      'removed api_client portal',
      'removed issuer campus',
      'changed issuer staff',
      'removed credential_configuration staff/Badge',
      'created credential_configuration staff/Door',
    ])
    t.deepEqual((await applied(services, left)).changes, [])
    forget()
    const retired = await issuerOf(services, 'leaving', 'campus')
    t.truthy(retired.retiredAt)
    t.is(retired.identifier, before.identifier)
    t.is(retired.configurations.size, 2)
    t.true(kinds(await applied(services, file)).includes('changed issuer campus'))
    forget()
    const back = await issuerOf(services, 'leaving', 'campus')
    t.is(back.issuerId, before.issuerId)
    t.is(back.retiredAt, undefined)
  })

  test(`an issuer keeps the identifier that it was made with, whatever the public URL is now [${database}]`, async (t) => {
    const file = tenantFile('moving')
    await applied(services, file)
    const moved = { ...services, config: { ...services.config, publicUrl: 'https://elsewhere.example' } }
    const grown = { ...file, issuers: { ...file.issuers, annex: file.issuers.staff } }
    await applied(moved, grown)
    forget()
    t.is((await issuerOf(services, 'moving', 'staff')).identifier, 'https://id.example/moving/staff')
    t.is((await issuerOf(services, 'moving', 'annex')).identifier, 'https://elsewhere.example/moving/annex')
  })

  test(`a secret of an identity provider is stored sealed only, and written again only if it is another [${database}]`, async (t) => {
    const file = tenantFile('sealed')
    await applied(services, file)
    const providerOf = async () => (await tables.tenants.load('sealed'))!.identityProviders[0]!
    const first = await providerOf()
    t.deepEqual(first.settings, { kind: 'oidc', issuer: 'https://idp.example', client_id: 'claimgate' })
    t.false(first.secretsSealed!.includes('the-client-secret-of-the-provider'))
    await applied(services, { ...file, accent: '#000000' })
    t.deepEqual((await providerOf()).secretsSealed, first.secretsSealed)
    const { idp } = file.identity_providers
    const another = {
      ...file,
      accent: '#000000',
      identity_providers: { idp: { ...idp, client_secret: 'another-client-secret' } },
    }
    t.deepEqual(kinds(await applied(services, another)), ['changed identity_provider idp'])
    forget()
    t.is(
      (await configuration.findTenant('sealed'))!.identityProviders.get('idp')!.client_secret,
      'another-client-secret',
    )
  })

  test(`settings are stored as they were written, without the defaults of this version [${database}]`, async (t) => {
    const file = tenantFile('written')
    await applied(services, file)
    const rows = (await tables.tenants.load('written'))!
    t.deepEqual(rows.settings, { display: file.display })
    const staff = rows.issuers.find(({ name }) => name === 'staff')!
    const { credential_configurations, ...settings } = file.issuers.staff
    t.deepEqual(staff.settings, settings)
    t.deepEqual(staff.configurations, [{ id: 'Badge', settings: credential_configurations.Badge }])
  })

  test(`a new API client gets a key of 256 bits that is answered once and stored hashed [${database}]`, async (t) => {
    const file = tenantFile('keyed')
    const { key } = await applied(services, file)
    t.regex(key, /^cg_[A-Za-z0-9_-]{43}$/)
    const { id: tenantId } = (await tables.tenants.version('keyed'))!
    const [client] = await tables.apiClients.list(tenantId)
    t.is(client?.keyHash, hash(key))
    t.true(Math.abs(client!.expiresAt.getTime() - clock().getTime() - 365 * day) < 3_600_000)
    const more = { ...file, api_clients: { portal: {}, console: { role: 'administrator', expires_in: 'P1D' } } }
    const result = await applied(services, more)
    t.deepEqual(
      result.apiKeys.map(({ id }) => id),
      ['console'],
    )
    t.is((await tables.apiClients.findByKey(tenantId, hash(key)))?.id, 'portal')
    await applied(services, { ...file, api_clients: {} })
    t.is(await tables.apiClients.findByKey(tenantId, hash(key)), undefined)
    t.not((await applied(services, file)).key, key)
  })

  test(`an API client may bring the hash of a key that is known already; its end moves only with key or lifetime [${database}]`, async (t) => {
    const file = { ...tenantFile('known'), api_clients: { portal: { key_hash: hash('a-known-key') } } }
    t.deepEqual((await applied(services, file)).apiKeys, [])
    const { id: tenantId } = (await tables.tenants.version('known'))!
    const first = await tables.apiClients.findByKey(tenantId, hash('a-known-key'))
    wait({ minutes: 5 })
    await applied(services, { ...file, api_clients: { portal: { ...file.api_clients.portal, role: 'administrator' } } })
    const promoted = await tables.apiClients.findByKey(tenantId, hash('a-known-key'))
    t.deepEqual(promoted, { ...first!, role: 'administrator' })
    const shorter = { portal: { key_hash: hash('another-known-key'), expires_in: 'P1D' } }
    await applied(services, { ...file, api_clients: shorter })
    t.is(await tables.apiClients.findByKey(tenantId, hash('a-known-key')), undefined)
    const renewed = await tables.apiClients.findByKey(tenantId, hash('another-known-key'))
    t.true(renewed!.expiresAt.getTime() - clock().getTime() <= day)
    await applied(services, { ...tenantFile('known-elsewhere'), api_clients: shorter })
    const elsewhere = (await tables.tenants.version('known-elsewhere'))!.id
    for (const id of [tenantId, elsewhere]) t.truthy(await tables.apiClients.findByKey(id, hash('another-known-key')))
  })

  test(`of many that apply a new tenant at once one makes it and the others find it made [${database}]`, async (t) => {
    const file = tenantFile('raced')
    const results = await Promise.all(Array.from({ length: 6 }, () => applied(services, file)))
    t.is(results.filter(({ changes }) => changes.length > 0).length, 1)
    const [key, ...others] = results.flatMap(({ apiKeys }) => apiKeys.map((made) => made.key))
    t.deepEqual(others, [])
    const { id: tenantId } = (await tables.tenants.version('raced'))!
    t.is((await tables.apiClients.findByKey(tenantId, hash(key!)))?.id, 'portal')
    t.is((await tables.tenants.load('raced'))!.issuers.length, 2)
    t.is(await versionOf(services, 'raced'), 0)
  })

  test(`an apply whose COMMIT was answered too late still says what it made, and its key works [${database}]`, async (t) => {
    const twice: Services = {
      ...services,
      inTransaction: async (work) => {
        await services.inTransaction(work)
        return services.inTransaction(work)
      },
    }
    const { changes, apiKeys } = await applyTenant(twice, tenantFile('again'))
    t.is(changes.length, 9)
    const { id: tenantId } = (await tables.tenants.version('again'))!
    t.is((await tables.apiClients.findByKey(tenantId, hash(apiKeys[0]!.key)))?.id, 'portal')
    t.is(await versionOf(services, 'again'), 0)
  })

  test(`a transaction that fails half-way leaves nothing of the tenant [${database}]`, async (t) => {
    const failing: Services = {
      ...services,
      inTransaction: (work) =>
        services.inTransaction(async (within) => {
          await work(within)
          throw new Error('half-way')
        }),
    }
    await t.throwsAsync(applyTenant(failing, tenantFile('half')), { message: 'half-way' })
    t.is(await tables.tenants.load('half'), undefined)
  })
}
