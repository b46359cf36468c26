import test from 'ava'
import { beginTestSignIn, createTestSignIn } from '../../src/issuance/test-sign-in.ts'
import { purge } from '../../src/store/purge.ts'
import { databases } from '../support/databases.ts'
import { startTestNode, type TestNode } from '../support/node.ts'
import { elementOf, plainBrowser } from '../support/plain-browser.ts'
import { readSdJwt, rootOf } from '../support/read-sd-jwt.ts'
import { remember } from '../support/secrets.ts'

const apiKey = remember('platform-key-of-the-test-sign-ins-0123456789', 'API key')
const nodes = await Promise.all(
  databases.map(async ({ name, url }) => ({
    on: name,
    node: await startTestNode({ databaseUrl: await url(), config: { apiKey } }),
  })),
)
test.after.always(() => Promise.all(nodes.map(({ node }) => node.stop())))

type Body = Record<string, unknown>

/** The admin API below `staff`, as the platform's administrator. */
async function call(node: TestNode, path: string, body?: object) {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
  const request = { method: 'POST', headers, ...(body && { body: JSON.stringify(body) }) }
  const answer = await fetch(`${node.url}/api/v1/tenants/test/issuers/staff/${path}`, request)
  return { status: answer.status, body: (await answer.json()) as Body }
}

async function newTest(node: TestNode) {
  const { status, body } = await call(node, 'identity-providers/idp/test-sign-ins')
  return { status, id: String(body.id), url: remember(String(body.url), 'link'), expiresAt: String(body.expires_at) }
}
const preview = (node: TestNode, sign_in: string, more: object = {}) =>
  call(node, 'credential-configurations/EmployeeBadge/claim-mapping/preview', { sign_in, ...more })

/** What alice's badge holds after a sign-in for it, without what every credential has of its issuer. */
async function issued(node: TestNode) {
  const wallet = node.wallet('staff')
  const token = await wallet.redeem(await wallet.signIn())
  const { body } = await wallet.credential(token, { configurationId: 'EmployeeBadge' })
  const [first] = body.credentials
  const issuer = node.identifierOf('staff')
  const at = node.services.clock()
  const { claims } = await readSdJwt(first?.credential ?? '', { root: await rootOf(issuer), issuer, at })
  const { iss, vct, iat, exp, nbf, cnf, status, ...others } = claims
  return others
}

/** Goes the whole way, to the page where a test ends. */
async function signIn(url: string, username = 'alice', browser = plainBrowser()) {
  const first = await browser.go(url)
  const provider = await browser.press(first, 'begin-test')
  return browser.press(provider, 'sign-in', { username, password: username })
}

for (const { on, node } of nodes) {
  test.serial(
    `what a provider said in a test sign-in is previewed by who asked for it, equal to what is issued [${on}]`,
    async (t) => {
      const { status, id, url } = await newTest(node)
      t.is(status, 201)
      t.like(await preview(node, id), { status: 422, body: { errors: [{ pointer: '/sign_in' }] } })
      const done = await signIn(url)
      t.truthy(elementOf(done, 'test-done'), done.text)
      t.false(done.text.includes('alice@'), 'the page shows nothing of the account')
      const { status: ok, body } = await preview(node, id)
      t.is(ok, 200)
      t.like(body, { from: 'sign_in', verified: true, issuable: true, identity_provider: 'idp' })

      t.deepEqual(body.claims, await issued(node))
      // Rules that are not saved, over the same sign-in.
      const claims = { number: { from: 'userinfo.employee_number', type: 'string' } }
      t.deepEqual((await preview(node, id, { claims })).body.claims, { number: 'E-1001' })
    },
  )

  test.serial(`a test sign-in is for nobody but who asked for it, and for one hour [${on}]`, async (t) => {
    const { services } = node
    const { id, url } = await newTest(node)
    await signIn(url)
    t.is((await preview(node, id)).status, 200)
    const issuer = await node.issuer('staff')
    const theirs = await createTestSignIn(services, issuer, 'idp', 'client somebody')
    await signIn(remember(theirs.url, 'link'))
    t.is((await preview(node, `tsi_${theirs.id}`)).status, 404)
    t.is((await preview(node, id.replace('tsi_', 'ses_'))).status, 404)
    t.is((await preview(node, 'tsi_00000000-0000-7000-8000-000000000000')).status, 404)
    const other = await call(node, 'identity-providers/nobody/test-sign-ins')
    t.is(other.status, 404)

    const rows = () => services.database.db('sign_ins').whereNotNull('tested_by').count({ count: '*' })
    node.wait({ minutes: 59 })
    t.is((await preview(node, id)).status, 200)
    node.wait({ minutes: 2 })
    t.is((await preview(node, id)).status, 404)
    await purge((question) => services.database.ask(question))(services.clock())
    t.is(Number((await rows())[0]?.count), 0)
  })

  test.serial(`the link of a test is for one browser, and looking at it does not use it up [${on}]`, async (t) => {
    const { id, url } = await newTest(node)
    const [first, second] = [plainBrowser(), plainBrowser()]
    t.truthy(elementOf(await second.go(url), 'begin-test'))
    const begun = await first.press(await first.go(url), 'begin-test')
    t.is(elementOf(await second.go(url), 'problem')?.['data-help'], 'another-browser')
    t.truthy(elementOf(await first.go(url), 'begin-test'), 'a reload in the same browser')
    const done = await first.press(begun, 'sign-in', { username: 'alice', password: 'alice' })
    t.truthy(elementOf(done, 'test-done'))
    t.truthy(elementOf(await first.go(url), 'test-done'))
    t.is(elementOf(await second.go(done.url), 'problem')?.['data-help'], 'another-browser')
    const row = await node.services.database
      .db('sign_ins')
      .where({ id: id.slice(4) })
      .first()
    t.false(JSON.stringify(row).includes('alice@'))
    t.is(row?.memory_sealed, null)
  })
}

const [{ node }] = nodes as [(typeof nodes)[number]]

test.serial('of ten browsers that open one link at once exactly one goes on', async (t) => {
  const { url } = await newTest(node)
  const issuer = await node.issuer('staff')
  const browser = { cookie: () => undefined, language: 'en', locales: undefined, reference: undefined }
  const handle = url.split('/').at(-1) ?? ''
  const begun = await Promise.allSettled(
    Array.from({ length: 10 }, () => beginTestSignIn(node.services, issuer, handle, browser)),
  )
  t.is(begun.filter(({ status }) => status === 'fulfilled').length, 1)
  for (const one of begun) if (one.status === 'rejected') t.is(one.reason.help, 'another-browser')
})

test.serial('a test that fails tells its administrator why and what mends it, and can be tried again', async (t) => {
  const { id, url } = await newTest(node)
  node.identityProvider.spoil = { idToken: (claims) => ({ ...claims, aud: 'somebody-else' }) }
  const browser = plainBrowser()
  const failed = await signIn(url, 'alice', browser)
  node.identityProvider.spoil = {}
  t.is(elementOf(failed, 'problem')?.['data-help'], 'provider-answer')
  const { status, body } = await preview(node, id)
  t.is(status, 422)
  t.regex(JSON.stringify(body.errors), /"\/sign_in".*The sign-in failed\. /)
  t.truthy(elementOf(await signIn(url, 'alice', browser), 'test-done'))
  t.is((await preview(node, id)).status, 200)
})

test.serial(
  'a test that was begun and left can be taken up again for as long as its link was said to last',
  async (t) => {
    const { id, url } = await newTest(node)
    const browser = plainBrowser()
    await browser.press(await browser.go(url), 'begin-test')
    node.wait({ minutes: 40 })
    t.truthy(elementOf(await signIn(url, 'alice', browser), 'test-done'))
    t.is((await preview(node, id)).status, 200)
  },
)

test.serial('in German the pages of a test say who will see what, and for how long', async (t) => {
  const { url } = await newTest(node)
  const german = { headers: { 'accept-language': 'de' } }
  const { text } = await plainBrowser().go(url, german)
  t.regex(text, /Die Anmeldung testen/)
  t.regex(text, /Test-Personalbüro.*eine Stunde lang/s)
})
