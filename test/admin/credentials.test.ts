import test from 'ava'
import { run } from '../../src/cli/run.ts'
import { liftSuspensions } from '../../src/issuance/set-status.ts'
import { databases } from '../support/databases.ts'
import { heldStatus } from '../support/held-status.ts'
import { startTestNode } from '../support/node.ts'
import { addOtherTenant } from '../support/other-tenant.ts'
import { isRefused } from '../support/refusals.ts'
import { remember } from '../support/secrets.ts'
import { apiKey } from '../support/tenant.ts'

const platformKey = remember('platform-key-of-the-credential-tests', 'API key')
type Shown = Record<string, string> & { copies: number }
type Page = { credentials: Shown[]; next_cursor?: string }

const nodes = await Promise.all(
  databases.map(async ({ name, url }) => {
    const node = await startTestNode({ databaseUrl: await url(), config: { apiKey: platformKey } })
    return { on: name, node }
  }),
)

for (const { on, node } of nodes) {
  test.after.always(() => node.stop())
  const title = (text: string) => `${text} [${on}]`
  const at = (issuer = 'campus', tenant = 'test') => `/tenants/${tenant}/issuers/${issuer}/credentials`

  async function call<T = Shown>(method: string, path: string, body?: unknown, key: string = platformKey) {
    const answer = await fetch(`${node.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: answer.status, body: (await answer.json()) as T }
  }
  const set = (id: string, body: object, key?: string) => call('PUT', `${at()}/${id}/status`, body, key)
  const list = async (query = '') => (await call<Page>('GET', at() + query)).body

  /** A credential, by the id that the wallet and the API know it by. */
  async function issue(configuration = 'StudentCard') {
    const wallet = node.wallet('campus')
    const token = await wallet.redeem((await node.offer({ configuration })).code)
    const answer = await wallet.credential(token)
    const id = String(token.body.authorization_details[0]!.credential_identifiers[0])
    const seen = async () => {
      node.wait({ seconds: 2 }) // past what the node keeps
      return heldStatus(answer, { issuer: node.identifierOf('campus'), now: node.services.clock() })
    }
    return { id, wallet, token, answer, seen, again: () => wallet.credential(token) }
  }

  test(title('a credential is shown in ids and states, and its status with when verifiers will know'), async (t) => {
    const { id, seen } = await issue()
    const { body } = await call('GET', `${at()}/${id}`)
    t.deepEqual(Object.keys(body), [
      ...['id', 'credential_configuration_id', 'status', 'session', 'copies', 'created_at', 'expires_at'],
    ])
    t.like(body, { id, status: 'valid', credential_configuration_id: 'StudentCard', copies: 1 })
    const until = new Date(node.services.clock().getTime() + 86_400_000).toISOString()
    const before = node.services.clock()
    const suspended = await set(id, { status: 'suspended', reason: 'Card lost', until })
    t.is(suspended.status, 200)
    t.like(suspended.body, { id, status: 'suspended', reason: 'Card lost', until })
    const delay = (Date.parse(suspended.body.effective_at!) - before.getTime()) / 1000
    t.true(delay > 600 && delay < 900, 'ttl of the list, and what caches between may add')
    t.deepEqual((await call('GET', `${at()}/${id}`)).body, suspended.body)
    t.is(await seen(), 'suspended')
  })

  test(title('Token Status List §7.1: a suspension can be lifted, a revocation is final'), async (t) => {
    const { id, seen } = await issue()
    t.like((await set(id, { status: 'suspended', reason: 'Lost' })).body, { status: 'suspended' })
    const lifted = (await set(id, { status: 'valid' })).body
    t.is(lifted.status, 'valid')
    t.false('reason' in lifted || 'until' in lifted)
    t.is(await seen(), 'valid')
    const revoked = await set(id, { status: 'invalid', reason: 'Left' })
    t.is(revoked.body.status, 'invalid')
    for (const status of ['valid', 'suspended']) {
      const answer = await set(id, { status })
      t.is(answer.status, 409)
      t.is(answer.body.detail, 'This credential is revoked, for good.')
    }
    t.deepEqual(await set(id, { status: 'invalid' }), revoked, 'once more changes nothing')
    t.is(await seen(), 'invalid')
  })

  test(title('every change is an event of the session, without the reason'), async (t) => {
    const { id } = await issue()
    for (const status of ['suspended', 'suspended', 'valid', 'invalid', 'invalid'])
      await set(id, { status, reason: 'R' })
    const { session } = (await call('GET', `${at()}/${id}`)).body
    const path = `/tenants/test/issuers/campus/sessions/${session}`
    const { events } = (await call<{ events: { type: string; details: object }[] }>('GET', path)).body
    const configuration = 'StudentCard'
    t.deepEqual(
      events.filter(({ type }) => type === 'credential.status_changed').map(({ details }) => details),
      ['suspended', 'valid', 'invalid'].map((status) => ({ credential: id.slice(4), configuration, status })),
    )
  })

  test(title('of changes at once revocation wins, and is recorded once'), async (t) => {
    const { id, seen } = await issue()
    const wishes = ['suspended', 'invalid', 'valid', 'invalid', 'suspended', 'invalid', 'valid', 'suspended']
    const answers = await Promise.all(wishes.map((status) => set(id, { status })))
    for (const { status } of answers) t.true([200, 409].includes(status))
    for (const [position, { status }] of answers.entries()) if (wishes[position] === 'invalid') t.is(status, 200)
    t.is((await call('GET', `${at()}/${id}`)).body.status, 'invalid')
    t.is(await seen(), 'invalid')
    const rows = await node.services.database.db('events').where({ type: 'credential.status_changed' })
    const own = rows.map(({ details }) => JSON.parse(details)).filter(({ credential }) => credential === id.slice(4))
    t.is(own.filter(({ status }) => status === 'invalid').length, 1)
  })

  test.serial(title('a suspension with an end is lifted then, if it still has that end'), async (t) => {
    const [first, longer, revoked] = [await issue(), await issue(), await issue()]
    const inMinutes = (minutes: number) => new Date(node.services.clock().getTime() + minutes * 60_000).toISOString()
    const until = inMinutes(3)
    for (const { id } of [first, longer, revoked]) await set(id, { status: 'suspended', until })
    await set(longer.id, { status: 'suspended', until: inMinutes(10) })
    await set(revoked.id, { status: 'invalid' })
    await liftSuspensions(node.services)
    t.is(await first.seen(), 'suspended')
    const [due, id] = [new Date(Date.parse(until) + 1), longer.id.slice(4)]
    const lift = (moment: Date) =>
      node.services.inTransaction(async (within) =>
        within.credentialStatuses.change(await node.issuer('campus'), [id], { status: 'valid', due: moment }, id, due),
      )
    t.deepEqual(await lift(due), [], 'an end that was put off between looking and lifting counts')
    node.wait({ minutes: 4 })
    t.true((await liftSuspensions(node.services)) >= 1)
    t.is(await liftSuspensions(node.services), 0)
    t.is(await first.seen(), 'valid')
    t.is(await longer.seen(), 'suspended')
    t.is(await revoked.seen(), 'invalid')
    t.false('until' in (await call('GET', `${at()}/${first.id}`)).body)
  })

  test(title('VCI-79: what is suspended or revoked is not issued once more'), async (t) => {
    const { id, again } = await issue()
    t.is((await again()).status, 200)
    await set(id, { status: 'suspended' })
    isRefused(t, await again(), 'credential_request_denied')
    await set(id, { status: 'valid' })
    t.is((await again()).status, 200)
    await set(id, { status: 'invalid' })
    isRefused(t, await again(), 'credential_request_denied')
    t.is((await call('GET', `${at()}/${id}`)).body.copies, 3 as never)
  })

  test(title('credentials come in pages, the newest first, and by what they have in common'), async (t) => {
    const mine = [await issue('TransitPass'), await issue('TransitPass'), await issue('TransitPass')]
    await set(mine[1]!.id, { status: 'suspended' })
    const ids = ({ credentials }: Page) => credentials.map(({ id }) => id)
    const all = await list('?credential_configuration_id=TransitPass')
    t.deepEqual(ids(all).slice(0, 3), mine.map(({ id }) => id).toReversed())
    const first = await list('?credential_configuration_id=TransitPass&limit=2')
    const second = await list(`?credential_configuration_id=TransitPass&limit=2&cursor=${first.next_cursor}`)
    t.deepEqual([...ids(first), ...ids(second)].slice(0, 3), ids(all).slice(0, 3))
    t.deepEqual(ids(await list('?credential_configuration_id=TransitPass&status=suspended')), [mine[1]!.id])
    const { session, created_at } = all.credentials[0]!
    t.deepEqual(ids(await list(`?session=${session}`)), [mine[2]!.id])
    t.true(ids(await list(`?created_after=${created_at}`)).includes(mine[2]!.id))
    t.false(ids(await list(`?created_before=${created_at}`)).includes(mine[2]!.id))
    t.deepEqual(ids(await list('?account_issuer=x&account_subject=y')), [])
    for (const query of ['?status=gone', '?cursor=x', '?limit=0', '?colour=red', '?created_after=today'])
      t.is((await call('GET', at() + query)).status, 400, query)
    for (const query of ['?session=x', '?account_subject=y']) t.is((await call('GET', at() + query)).status, 422, query)
  })

  test(title('all credentials of a person are found by the account at the identity provider'), async (t) => {
    const wallet = node.wallet('staff')
    const token = await wallet.redeem(await wallet.signIn())
    t.is((await wallet.credential(token)).status, 200)
    const { id_token: account } = { id_token: { iss: node.identityProvider.issuer, sub: 'alice' } }
    const query = new URLSearchParams({ account_issuer: account.iss, account_subject: account.sub })
    const { credentials } = (await call<Page>('GET', `${at('staff')}?${query}`)).body
    t.deepEqual(
      credentials.map(({ id }) => id),
      [token.body.authorization_details[0]!.credential_identifiers[0]],
    )
    const filter = Object.fromEntries(query)
    const { body } = await call('PUT', `${at('staff')}/status`, { filter, status: 'invalid', reason: 'Left' })
    t.like(body, { matched: 1, changed: 1, remaining: 0 } as never)
    t.is((await call('GET', `${at('staff')}/${credentials[0]!.id}`)).body.status, 'invalid')
  })

  test.serial(title('a filter changes all that it lets through, after a dry run that only counts'), async (t) => {
    const created_after = node.services.clock().toISOString()
    node.wait({ seconds: 1 })
    const mine = [await issue('TransitPass'), await issue('TransitPass'), await issue(), await issue('TransitPass')]
    await set(mine[0]!.id, { status: 'invalid' })
    const filter = { created_after, credential_configuration_id: 'TransitPass' }
    const many = (body: object) => call<Record<string, number>>('PUT', `${at()}/status`, { filter, ...body })
    t.deepEqual((await many({ status: 'suspended', dry_run: true })).body, { matched: 3, changed: 0, remaining: 2 })
    t.is(await mine[1]!.seen(), 'valid')
    const { effective_at, ...counts } = (await many({ status: 'suspended', reason: 'Check' })).body
    t.deepEqual(counts, { matched: 3, changed: 2, remaining: 0 })
    t.truthy(effective_at)
    t.is(await mine[1]!.seen(), 'suspended')
    t.is(await mine[3]!.seen(), 'suspended')
    t.is(await mine[2]!.seen(), 'valid')
    t.like((await many({ status: 'suspended' })).body, { matched: 3, changed: 0, remaining: 0 })
    t.like((await many({ status: 'valid' })).body, { matched: 3, changed: 2, remaining: 0 })
    t.is(await mine[0]!.seen(), 'invalid')
    t.is((await call('PUT', `${at()}/status`, { filter: {}, status: 'invalid' })).status, 422, 'all is no filter')
    t.is((await call('PUT', `${at()}/status`, { status: 'invalid' })).status, 422)
  })

  test(title('a request that says something else is unprocessable, and changes nothing'), async (t) => {
    const { id, seen } = await issue()
    const later = new Date(node.services.clock().getTime() + 1e7).toISOString()
    const wrong = [
      {},
      { status: 'revoked' },
      { status: 'invalid', until: later },
      { status: 'valid', until: later },
      { status: 'suspended', until: '2020-01-01T00:00:00Z' },
      { status: 'suspended', until: 'tomorrow' },
      { status: 'suspended', reason: 'x'.repeat(501) },
      { status: 'suspended', colour: 'red' },
    ]
    for (const body of wrong) t.is((await set(id, body)).status, 422, JSON.stringify(body))
    t.is(await seen(), 'valid')
  })

  test(
    title('a credential is reached in its tenant and at its issuer only, and set by administrators only'),
    async (t) => {
      await addOtherTenant(node)
      const { id, seen } = await issue()
      for (const path of [at('staff'), at('campus', 'other')]) {
        t.is((await call('GET', `${path}/${id}`)).status, 404, path)
        t.is((await call('PUT', `${path}/${id}/status`, { status: 'invalid' })).status, 404, path)
        t.false((await call<Page>('GET', path)).body.credentials.some((one) => one.id === id))
        const filter = {
          status: 'valid',
          created_after: '2020-01-01T00:00:00Z',
          credential_configuration_id: 'StudentCard',
        }
        t.like((await call('PUT', `${path}/status`, { filter, status: 'invalid' })).body, { changed: 0 as never })
      }
      for (const unknown of ['crd_0197f0e0-0000-7000-8000-000000000000', id.slice(4), 'crd_x'])
        t.is((await set(unknown, { status: 'invalid' })).status, 404)
      t.is((await call('GET', `${at()}/${id}`, undefined, apiKey)).status, 200, 'who makes offers may look')
      t.is((await set(id, { status: 'invalid' }, apiKey)).status, 403)
      t.is(
        (await call('PUT', `${at()}/status`, { filter: { status: 'valid' }, status: 'invalid' }, apiKey)).status,
        403,
      )
      t.is((await set(id, { status: 'invalid' }, 'nobody')).status, 401)
      t.is(await seen(), 'valid')
    },
  )

  test.serial(title('the command line sets the status of one and of many, and lists'), async (t) => {
    const claimgate = async (...words: string[]) => {
      const lines: string[] = []
      const code = await run(['status', ...words], {
        environment: { CLAIMGATE_URL: node.url, CLAIMGATE_API_KEY: platformKey },
        fetch: globalThis.fetch,
        now: node.services.clock,
        print: (text) => lines.push(text),
        note: (text) => lines.push(text),
      })
      return { code, text: lines.join('\n') }
    }
    const created = node.services.clock().toISOString()
    node.wait({ seconds: 1 })
    const [one, other] = [await issue('TransitPass'), await issue('TransitPass')]
    const set = await claimgate(
      'set',
      'test/campus',
      one.id,
      'suspended',
      '--until',
      '2030-01-01T00:00:00Z',
      '--reason',
      'Lost',
    )
    t.is(set.code, 0, set.text)
    t.regex(
      set.text,
      new RegExp(`^${one.id} suspended until 2030-01-01T00:00:00.000Z: TransitPass, .*known to all verifiers by `),
    )
    t.is(await one.seen(), 'suspended')
    const some = ['--configuration', 'TransitPass', '--created-after', created]
    t.regex(
      (await claimgate('list', 'test/campus', ...some)).text,
      new RegExp(`^${other.id} valid.*\n${one.id} suspended`),
    )
    const dry = await claimgate('set-all', 'test/campus', 'invalid', ...some, '--with-status', 'valid', '--dry-run')
    t.is(dry.text, '1 credentials match; 1 of them would become invalid.')
    t.is(await other.seen(), 'valid')
    const done = await claimgate('set-all', 'test/campus', 'invalid', ...some)
    t.is(done.text, '2 credentials match; 2 of them became invalid.')
    t.is(await other.seen(), 'invalid')
    const final = await claimgate('set', 'test/campus', one.id, 'valid')
    t.is(final.code, 1)
    t.is(final.text, '409 This credential is revoked, for good.')
    t.is(
      (await claimgate('set-all', 'test/campus', 'invalid')).code,
      1,
      'nobody revokes everything by leaving something out',
    )
    t.is((await claimgate('set', 'test/campus', one.id, 'gone')).code, 2)
  })
}
