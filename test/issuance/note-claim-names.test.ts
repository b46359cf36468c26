import test from 'ava'
import { noteClaimNames } from '../../src/issuance/note-claim-names.ts'
import { purge } from '../../src/store/purge.ts'
import { databases } from '../support/databases.ts'
import { startTestNode } from '../support/node.ts'
import { remember } from '../support/secrets.ts'

const apiKey = remember('platform-key-of-the-claim-names-0123456789', 'API key')
const nodes = await Promise.all(
  databases.map(async ({ name, url }) => ({
    on: name,
    node: await startTestNode({ databaseUrl: await url(), config: { apiKey } }),
  })),
)
test.after.always(() => Promise.all(nodes.map(({ node }) => node.stop())))

for (const { on, node } of nodes) {
  const { services } = node
  const namesOf = async (provider: string, tenant = 'test') => {
    const address = `${node.url}/api/v1/tenants/${tenant}/identity-providers/${provider}/claim-names`
    const answer = await fetch(address, { headers: { authorization: `Bearer ${apiKey}` } })
    return { status: answer.status, text: await answer.text() }
  }

  test.serial(`a sign-in leaves the names of what its provider sends, and no value [${on}]`, async (t) => {
    const wallet = node.wallet('staff')
    await wallet.redeem(await wallet.signIn())
    const { status, text } = await namesOf('idp')
    t.is(status, 200)
    const today = services.clock().toISOString().slice(0, 10)
    const { claim_names: names } = JSON.parse(text) as { claim_names: { path: string; last_seen: string }[] }
    t.deepEqual(
      names.find(({ path }) => path === 'userinfo.employee_number' || path === 'id_token.employee_number')?.last_seen,
      today,
    )
    for (const value of ['E-1001', 'alice@acme.example', 'Jönsson']) t.false(text.includes(value), value)
    t.is((await namesOf('nobody')).status, 404)
  })

  test.serial(`a name costs one statement a day, odd ones none, and there is an end to them [${on}]`, async (t) => {
    const { tenantId } = await node.issuer('staff')
    const calls: number[] = []
    const claimNames = {
      ...services.tables.claimNames,
      note: (...given: Parameters<typeof services.tables.claimNames.note>) => {
        calls.push(given[2].length)
        return services.tables.claimNames.note(...given)
      },
    }
    const tables = { ...services.tables, claimNames }
    const note = (id_token: Record<string, unknown>) =>
      noteClaimNames({ ...services, tables }, tenantId, 'another', { id_token, userinfo: {} })
    await note({ a: 1, b: { c: 2 }, 'ada@acme.example': 3, '4711471147': 4 })
    await note({ a: 5, b: { c: 6 } })
    t.deepEqual(calls, [2])
    node.wait({ minutes: 24 * 60 })
    await note({ a: 7 })
    t.deepEqual(calls, [2, 1])
    await note(Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`m${index}`, index])))
    for (let page = 1; page < 5; page++)
      await note(Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`p${page}x${index}`, index])))
    const kept = await services.tables.claimNames.list(tenantId, 'another')
    t.is(kept.length, 300)
    t.deepEqual(
      kept
        .filter(({ path }) => path.length < 'id_token.mm'.length)
        .slice(0, 1)
        .map(({ path }) => path),
      ['id_token.a'],
    )

    node.wait({ minutes: 181 * 24 * 60 })
    await purge((question) => services.database.ask(question))(services.clock())
    t.deepEqual(await services.tables.claimNames.list(tenantId, 'another'), [])
  })

  test.serial(`a sign-in goes on when its names cannot be noted [${on}]`, async (t) => {
    const { tenantId } = await node.issuer('staff')
    const claimNames = { ...services.tables.claimNames, list: () => Promise.reject(new Error('down')) }
    const tables = { ...services.tables, claimNames }
    await noteClaimNames({ ...services, tables }, tenantId, 'third', { id_token: { a: 1 }, userinfo: {} })
    t.deepEqual(await services.tables.claimNames.list(tenantId, 'third'), [])
  })
}
