import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { run } from '../../src/cli/run.ts'
import { applied, platformKey, startAdmins, tenantFile } from '../support/admin.ts'
import { databases } from '../support/databases.ts'
import { remember } from '../support/secrets.ts'

const admins = await startAdmins()
test.after.always(() => Promise.all(admins.map((admin) => admin.stop())))

type Key = { id: string; key: string }
const folder = mkdtempSync(join(tmpdir(), 'claimgate-tenants-'))

/** A command line on the machine of whoever has these variables. */
async function claimgate(words: string[], environment: Record<string, string>) {
  const [printed, noted]: [string[], string[]] = [[], []]
  const code = await run(words, {
    environment: { CLAIMGATE_DATA: folder, ...environment },
    fetch: globalThis.fetch,
    now: () => new Date(),
    print: (text) => printed.push(text),
    note: (text) => noted.push(text),
  })
  return { code, printed: printed.join('\n'), noted: noted.join('\n') }
}

for (const { name: database, url, services, call, forget } of admins) {
  const put = (tenant: string, body: unknown, key = platformKey) => call('PUT', `/tenants/${tenant}`, { key, body })
  const pointers = (body: Record<string, unknown>) =>
    (body.errors as { pointer: string }[]).map(({ pointer }) => pointer)

  test(`a platform key creates and updates a tenant by PUT; the keys it made are in that answer only [${database}]`, async (t) => {
    const file = tenantFile('by-api')
    const created = await put('by-api', file)
    t.is(created.status, 201)
    t.is(created.headers.get('cache-control'), 'no-store')
    t.like(created.body, { tenant: 'by-api' })
    t.like((created.body.changes as unknown[])[0], { kind: 'tenant', id: 'by-api', change: 'created' })
    const [made] = created.body.api_keys as Key[]
    remember(made!.key, 'API key')
    t.is(made!.id, 'portal')
    const same = await put('by-api', file)
    t.is(same.status, 200)
    t.deepEqual(same.body, { tenant: 'by-api', changes: [] })
    const changed = await put('by-api', { ...file, accent: '#123456' })
    t.deepEqual(changed.body.changes, [{ kind: 'tenant', id: 'by-api', change: 'changed' }])
    const offers = '/tenants/by-api/issuers/staff/offers'
    t.is((await call('POST', offers, { key: made!.key, body: {} })).status, 201)
  })

  test(`a change holds within two seconds, a new issuer and a removed key at once [${database}]`, async (t) => {
    const file = { ...tenantFile('soon'), api_clients: { portal: {}, other: {} } }
    const keys = Object.fromEntries((await applied(services, file)).apiKeys.map(({ id, key }) => [id, key]))
    const post = (issuer: string, key = keys.portal!) =>
      call('POST', `/tenants/soon/issuers/${issuer}/offers`, { key, body: {} })
    t.is((await post('staff')).status, 201)
    t.is((await post('annex')).status, 404)
    const { staff, campus } = file.issuers
    await put('soon', { ...file, api_clients: { portal: {} }, issuers: { staff, annex: campus } })
    t.is((await post('annex')).status, 201)
    t.is((await post('staff', keys.other)).status, 401)
    t.is((await call('GET', '/tenants/soon/issuers/campus/offers', { key: keys.portal! })).status, 200)
    forget()
    t.is((await post('campus')).status, 400)
  })

  test(`only the platform writes tenants: no key of a tenant does, whatever its role [${database}]`, async (t) => {
    const { key } = await applied(services, { ...tenantFile('mine'), api_clients: { boss: { role: 'administrator' } } })
    const refused = await put('mine', tenantFile('mine'), key)
    t.is(refused.status, 403)
    t.is(refused.headers.get('www-authenticate'), 'Bearer realm="claimgate", error="insufficient_scope"')
    t.is((await put('not-mine', tenantFile('not-mine'), key)).status, 401)
    t.is((await call('PUT', '/tenants/mine', { body: tenantFile('mine') })).status, 401)
    t.is(await services.tables.tenants.version('not-mine'), undefined)
  })

  test(`every mistake of a tenant is named at once, and then nothing is written [${database}]`, async (t) => {
    const file = tenantFile('wrong')
    const wallets = ['purse']
    const answer = await put('wrong', {
      ...file,
      accent: 'green',
      identity_providers: { idp: { ...file.identity_providers.idp, client_secret: '${env:CLAIMGATE_SECRET}' } },
      api_clients: { a: { key_hash: 'x' } },
      issuers: { ...file.issuers, staff: { ...file.issuers.staff, wallets } },
    })
    t.is(answer.status, 422)
    t.deepEqual(pointers(answer.body).sort(), [
      '/accent',
      '/api_clients/a/key_hash',
      '/identity_providers/idp/client_secret',
      '/issuers/staff/wallets/0',
    ])
    t.is(await services.tables.tenants.version('wrong'), undefined)
    t.deepEqual(pointers((await put('another', file)).body), ['/tenant'])
    t.deepEqual(pointers((await put('offers', tenantFile('offers'))).body), ['/tenant'])
    t.deepEqual(pointers((await put('wrong', {})).body), ['/tenant'])
    t.is((await put('wrong', [])).status, 422)
    t.is((await put('wrong', { ...file, issuers: { staff: { ...file.issuers.staff, wallets: 'any' } } })).status, 422)
  })

  test(`a reference to a secret of the node is stored as a reference [${database}]`, async (t) => {
    const file = tenantFile('referring')
    const { idp } = file.identity_providers
    const referring = { ...file, identity_providers: { idp: { ...idp, client_secret: '${secret:IDP}' } } }
    t.is((await put('referring', referring)).status, 201)
    t.deepEqual((await put('referring', referring)).body.changes, [])
  })

  test(`the command line applies a tenant, makes an offer with the key it was shown, and follows it [${database}]`, async (t) => {
    const file = join(folder, `${database}.yaml`)
    writeFileSync(file, JSON.stringify(tenantFile('by-cli')))
    const platform = { CLAIMGATE_URL: url, CLAIMGATE_API_KEY: platformKey }
    const first = await claimgate(['apply', '-f', file], platform)
    t.is(first.code, 0, first.noted)
    const [, key = ''] = /^The API key of portal, shown only now: (cg_[A-Za-z0-9_-]{43})$/m.exec(first.printed) ?? []
    t.truthy(remember(key, 'API key'))
    t.is((await claimgate(['apply', '-f', file], platform)).printed, 'Tenant by-cli is applied.')

    const portal = { CLAIMGATE_URL: url, CLAIMGATE_API_KEY: key }
    const words = ['offer', 'create', 'by-cli/campus', '--tx-code', '--claims', '{"given_name":"Zoë-Admin"}']
    const { code, printed, noted } = await claimgate(words, portal)
    t.is(code, 0, noted)
    t.regex(printed, /^PIN {3}\d{6} \(shown only now/m)
    t.regex(printed, /^Page {2}https:\/\/id\.example\/by-cli\/campus\/offer\//m)
    const [id = ''] = /off_[0-9a-f-]+/.exec(printed) ?? []
    const shown = await claimgate(['offer', 'show', 'by-cli/campus', id], portal)
    t.regex(shown.printed, new RegExp(`^${id} is waiting\noffers Card\nexpires `))
    const wrong = await claimgate(['offer', 'create', 'by-cli/campus', '--configuration', 'None'], portal)
    t.is(wrong.code, 1)
    t.regex(wrong.noted, /^422 .*\n\/credential_configuration_ids\/0 /)
  })
}

for (const { name, url: fresh } of databases) {
  test(`the command line applies a tenant to a database that has no node yet [${name}]`, async (t) => {
    const file = join(folder, `fresh-${name}.yaml`)
    writeFileSync(file, JSON.stringify(tenantFile('by-hand')))
    const environment = {
      CLAIMGATE_DATABASE_URL: await fresh(),
      CLAIMGATE_PUBLIC_URL: 'https://id.example',
      CLAIMGATE_SECRET: 'the-secret-of-the-admin-tests-0123456789',
    }
    const first = await claimgate(['apply', '-f', file], environment)
    t.is(first.code, 0, first.noted)
    t.regex(first.printed, /^Tenant by-hand is applied\.\nThe API key of portal, shown only now: cg_/)
    t.is(first.noted, '')
    t.is((await claimgate(['apply', '-f', file], environment)).printed, 'Tenant by-hand is applied.')
  })
}
