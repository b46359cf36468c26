import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { decideDeferred } from '../../src/issuance/decide-deferred.ts'
import { hash } from '../../src/lib/secrets.ts'
import { purge } from '../../src/store/purge.ts'
import { has } from '../support/addresses.ts'
import { startAuthorizationServer } from '../support/authorization-server.ts'
import { json, startClaimSource } from '../support/claim-source.ts'
import { databases, newGalera } from '../support/databases.ts'
import { startTestNode } from '../support/node.ts'
import { startNodeProcesses } from '../support/node-processes.ts'
import { readSdJwt, rootOf } from '../support/read-sd-jwt.ts'
import { remember } from '../support/secrets.ts'
import { helpOf } from '../support/way.ts'

const tenantFile = join(import.meta.dirname, '../support/fixtures/claim-sources.yaml')
const hr = await startClaimSource()
const server = await startAuthorizationServer()
const environment = { SERVER: server.issuer, HR_URL: hr.url, HR_KEY: remember('the-key-of-hr-0123456789') }
const node = await startTestNode({ tenantFile, environment })
test.after.always(async () => {
  await node.stop()
  await hr.stop()
  await server.stop()
})

const grade = remember('grade-ninety-one', 'claim')
const good = () => json({ grade, car: { plate: 'ACM 471' } })
const down = () => ({ status: 503 })
test.beforeEach(() => {
  hr.answer = good
  hr.requests.length = 0
})

const details = (...ids: string[]) =>
  JSON.stringify(ids.map((credential_configuration_id) => ({ type: 'openid_credential', credential_configuration_id })))

/** Alice's token for these credentials, and the wallet that has it. */
async function signedIn(ids: string[], options: Parameters<typeof node.wallet>[1] = { dpop: true }) {
  const wallet = node.wallet('staff', options)
  const signIn = await wallet.signIn({ members: { scope: undefined, authorization_details: details(...ids) } })
  return { wallet, signIn, token: await wallet.redeem(signIn) }
}
/** The claims of an answer's first credential, as a verifier reads them. */
async function claimsIn(t: ExecutionContext, answer: { status: number; text: string; body: object }, issuer: string) {
  t.is(answer.status, 200, answer.text)
  const { credentials } = answer.body as { credentials: { credential: string }[] }
  const identifier = node.identifierOf(issuer)
  const at = node.services.clock()
  return (await readSdJwt(credentials[0]!.credential, { root: await rootOf(identifier), issuer: identifier, at }))
    .claims
}

test.serial(
  'a data source is asked once a sign-in for all the credentials that read it, with its own key',
  async (t) => {
    const { wallet, token } = await signedIn(['Badge', 'Parking', 'Plain'])
    t.deepEqual(
      hr.requests.map(({ method, url, headers }) => [method, url, headers['x-api-key']]),
      [['GET', '/people/E-1001', environment.HR_KEY]],
    )
    const badge = await claimsIn(t, await wallet.credential(token, { configurationId: 'Badge' }), 'staff')
    t.like(badge, { given_name: 'Alice', grade, desk: 'none' })
    const parking = await claimsIn(t, await wallet.credential(token, { configurationId: 'Parking' }), 'staff')
    t.is(parking.plate, 'ACM 471')
    t.is(hr.requests.length, 1)
  },
)

test.serial('a data source that no rule of the credential reads is not asked', async (t) => {
  hr.answer = down
  const { wallet, token } = await signedIn(['Plain'])
  t.is((await wallet.credential(token)).status, 200)
  t.is(hr.requests.length, 0)
})

// Before the clock is moved, for the server's tokens are of the real time.
test.serial(
  'source-gone-at-issue: with a token of an external server a source that is down holds up its own credential only',
  async (t) => {
    hr.answer = down
    const wallet = node.wallet('gate')
    const access = await server.token(node.identifierOf('gate'), {})
    const badge = { configurationId: 'Badge', clientId: 'test-wallet' }
    t.is((await wallet.credential(access, { ...badge, configurationId: 'Plain' })).status, 200)
    t.is((await wallet.credential(access, badge)).status, 503)
    hr.answer = good
    const answer = await wallet.credential(access, badge)
    t.like(await claimsIn(t, answer, 'gate'), { grade })
  },
)

test.serial(
  'RFC 7519: a request is signed in the issuer’s name, so that the source can check it with the issuer’s jwks',
  async (t) => {
    hr.answer = () => json({ door: '4-12' })
    await signedIn(['Key'])
    const [, jwt = ''] = hr.requests[0]?.headers.authorization?.split(' ') ?? []
    const issuer = node.identifierOf('staff')
    const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
    const { payload } = await jwtVerify(jwt, keys, { issuer, subject: issuer, audience: hr.url, maxTokenAge: 60 })
    t.like(payload, { htm: 'GET', htu: `${hr.url}/strict/E-1001` })
    t.regex(String(payload.jti), /^[0-9a-f-]{36}$/)
  },
)

test.serial(
  'source-failed: where nothing may wait, the person reads that it will be tried again or repaired, and nothing is issued',
  async (t) => {
    for (const [answer, help, error] of [
      [{ status: 503 }, 'source-unavailable', 'temporarily_unavailable'],
      [{ status: 403 }, 'source-set-up', 'server_error'],
    ] as const) {
      hr.answer = () => answer
      const { signIn } = await signedIn(['Key'])
      t.is(signIn.code, '')
      t.is(helpOf(signIn.page), help)
      t.true(signIn.page.text.includes(`data-error="${error}"`))
      t.false(signIn.page.text.includes('E-1001'))
    }
  },
)

test.serial('a person whom the source does not know lacks what the credential needs', async (t) => {
  hr.answer = () => ({ status: 404 })
  const { signIn } = await signedIn(['Badge'])
  t.is(helpOf(signIn.page), 'missing-claim')
})

test.serial(
  'VCI-73, VCI-86: a credential whose source is slow is deferred, and issued for the keys that were shown once the source answers',
  async (t) => {
    hr.answer = () => ({ hang: true })
    const { wallet, token } = await signedIn(['Badge', 'Plain'])
    t.truthy(token.body.refresh_token, token.text)
    t.is((await wallet.credential(token, { configurationId: 'Plain' })).status, 200)
    const first = await wallet.credential(token, { configurationId: 'Badge' })
    t.is(first.status, 202, first.text)
    t.is(first.body.interval, 30)
    const { sessionId } = (await node.services.tables.deferredCredentials.findByTransaction(
      await node.issuer('staff'),
      hash(first.body.transaction_id),
    ))!
    const events = await node.services.tables.events.listOfSession(await node.issuer('staff'), sessionId)
    t.like(events.find(({ type }) => type === 'credential.deferred')?.details, { fault: 'source-gone-at-issue' })

    hr.answer = down
    const asked = hr.requests.length
    t.is((await wallet.deferred(token, first)).status, 202)
    t.is(hr.requests.length, asked + 1)
    hr.answer = good
    // Within the interval nobody asks the source again, however often the wallet comes.
    t.deepEqual((await wallet.deferred(token, first)).body, first.body)
    t.is((await wallet.credential(token, { configurationId: 'Badge' })).status, 202)
    t.is(hr.requests.length, asked + 1)

    node.wait({ minutes: 20 })
    const again = await wallet.refresh(token)
    t.is(again.status, 200, again.text)
    const fetched = await wallet.deferred(again, first)
    t.like(await claimsIn(t, fetched, 'staff'), { given_name: 'Alice', grade })
    t.is(hr.requests.length, asked + 2)
    t.is((await wallet.deferred(again, first)).body.error, 'invalid_transaction_id')
    // A wallet that lost the answer asks anew; the claims are there.
    t.is((await wallet.credential(again, { configurationId: 'Badge' })).status, 200)
    t.is(hr.requests.length, asked + 2)
  },
)

test.serial('source-gone-at-issue: a source that recovers before the credential request delays nothing', async (t) => {
  hr.answer = down
  const { wallet, token } = await signedIn(['Badge'])
  hr.answer = good
  t.like(await claimsIn(t, await wallet.credential(token), 'staff'), { grade })
})

test.serial(
  'source-gone-at-issue: a wallet that could not come back is told to try again, and gets no credential with a hole',
  async (t) => {
    hr.answer = down
    const { wallet, token } = await signedIn(['Badge'], { dpop: false })
    t.false('refresh_token' in token.body)
    const refused = await wallet.credential(token)
    t.is(refused.status, 503)
    t.is(refused.headers.get('retry-after'), '60')
    hr.answer = good
    t.is((await wallet.credential(token)).status, 200)
  },
)

test.serial('VCI-88, VCI-127: what was kept for a credential that was not ready in time is wiped', async (t) => {
  hr.answer = down
  const { wallet, token } = await signedIn(['Badge'])
  const first = await wallet.credential(token)
  const { tables, database, clock } = node.services
  const waiting = (await tables.deferredCredentials.findByTransaction(
    await node.issuer('staff'),
    hash(first.body.transaction_id),
  ))!
  const kept = async () => {
    await purge((question) => database.ask(question))(clock())
    return (await tables.grants.claims(waiting, waiting.grantId))?.length
  }
  node.wait({ minutes: 13 * 24 * 60 })
  t.true((await kept())! > 0)
  node.wait({ minutes: 25 * 60 })
  t.is(await kept(), 0)
  t.is((await wallet.refresh(token)).body.error, 'invalid_grant')
})

test.serial(
  'VCI-88: where the source answers and the person lacks the claim after all, the credential is denied',
  async (t) => {
    hr.answer = down
    const { wallet, token } = await signedIn(['Badge'])
    const first = await wallet.credential(token)
    hr.answer = () => ({ status: 404 })
    t.is((await wallet.deferred(token, first)).body.error, 'credential_request_denied')
  },
)

const offered = (issuer: 'office' | 'counter', claims: Record<string, string>) =>
  node.offer({ issuer, txCode: '004217', claims })
const number = 'P-471185'

test.serial('an offer may hold a reference alone, which the source resolves when the wallet comes', async (t) => {
  hr.answer = () => json({ given_name: 'Zoë', permit: 'B' })
  const { code } = await offered('office', { document_number: number })
  t.is(hr.requests.length, 0)
  const wallet = node.wallet('office', { dpop: true })
  const token = await wallet.redeem(code, '004217')
  t.is(token.status, 200, token.text)
  t.deepEqual(
    hr.requests.map(({ method, url, body }) => [method, url, body]),
    [['POST', '/registry', `{"number":"${number}"}`]],
  )
  t.like(await claimsIn(t, await wallet.credential(token), 'office'), { given_name: 'Zoë', permit: 'B' })
})

test.serial(
  'an offer that neither holds a claim nor what its source needs to be asked is refused when it is made',
  async (t) => {
    const refused = await t.throwsAsync(offered('office', { given_name: 'Zoë' }))
    t.like(refused, { code: 'unprocessable', mistakes: [{ pointer: '/claims' }] })
    t.regex(JSON.stringify(refused), /Permit needs permit/)
    // What no source brings has to be in the offer.
    await t.throwsAsync(offered('counter', { document_number: number }), { message: /cannot be made/ })
  },
)

test.serial(
  'VCI-53: a source that is down at the token request spends neither the offer nor a try of the PIN',
  async (t) => {
    hr.answer = down
    const { code } = await offered('counter', { document_number: number, given_name: 'Zoë' })
    const wallet = node.wallet('counter', { dpop: true })
    for (let times = 0; times < 6; times++) {
      const refused = await wallet.redeem(code, '004217')
      t.is(refused.status, 503, refused.text)
      t.is(refused.body.error, 'temporarily_unavailable')
      t.is(refused.headers.get('retry-after'), '60')
    }
    t.is((await wallet.redeem(code, '999999')).body.error, 'invalid_grant')
    hr.answer = () => json({ sum: 12 })
    const token = await wallet.redeem(code, '004217')
    t.is(token.status, 200, token.text)
    t.like(await claimsIn(t, await wallet.credential(token), 'counter'), { sum: 12 })
  },
)

test.serial('VCI-121: a source that is down gives no guess at the PIN back', async (t) => {
  hr.answer = down
  const { code } = await offered('counter', { document_number: number, given_name: 'Zoë' })
  const wallet = node.wallet('counter', { dpop: true })
  for (const guess of ['111111', '222222', '333333', '444444', '555555']) await wallet.redeem(code, guess)
  t.is((await wallet.redeem(code, '004217')).body.error, 'invalid_grant')
  t.is(hr.requests.length, 0)
})

test.serial(
  'VCI-73: an offer whose source may be waited for gives a token to a wallet that can come back',
  async (t) => {
    hr.answer = down
    const { code } = await offered('office', { document_number: number })
    t.is((await node.wallet('office').redeem(code, '004217')).status, 503)
    const wallet = node.wallet('office', { dpop: true })
    const token = await wallet.redeem(code, '004217')
    t.is(token.status, 200, token.text)
    const first = await wallet.credential(token)
    t.is(first.status, 202)
    hr.answer = () => json({ given_name: 'Zoë', permit: 'B' })
    t.like(await claimsIn(t, await wallet.deferred(token, first), 'office'), { permit: 'B' })
  },
)

test.serial(
  'VCI-73: what waits for an approval and for a source is issued when it has both, in either order',
  async (t) => {
    for (const claims of [undefined, { given_name: 'Zora', document_number: 'P-471186' }]) {
      hr.answer = down
      const { code } = await node.offer({ issuer: 'desk', claims: { document_number: number } })
      const wallet = node.wallet('desk', { dpop: true })
      const token = await wallet.redeem(code)
      const first = await wallet.credential(token)
      t.is(first.status, 202, first.text)
      hr.requests.length = 0
      t.is((await wallet.deferred(token, first)).status, 202)
      t.is(hr.requests.length, 0, 'nothing is asked before the decision')
      const issuer = await node.issuer('desk')
      const hashed = hash(first.body.transaction_id)
      const waiting = (await node.services.tables.deferredCredentials.findByTransaction(issuer, hashed))!
      const terms = { decision: 'approved' as const, reason: undefined, claims }
      await decideDeferred(node.services, issuer, waiting.id, terms)
      t.deepEqual((await wallet.deferred(token, first)).body, first.body)
      t.deepEqual((await wallet.credential(token)).body, first.body)
      hr.answer = ({ body }) => json({ given_name: 'Zoë', permit: body.includes('471186') ? 'A' : 'B' })
      node.wait({ seconds: 31 })
      const wanted = claims ? { given_name: 'Zora', permit: 'A' } : { given_name: 'Zoë', permit: 'B' }
      t.like(await claimsIn(t, await wallet.deferred(token, first), 'desk'), wanted)
    }
  },
)

test.serial(
  'VCI-107: a claim that the wallet calls mandatory is so for a credential that came later, too',
  async (t) => {
    for (const [path, status] of [
      ['desk', 200],
      ['room', 400],
    ] as const) {
      hr.answer = down
      const wallet = node.wallet('staff', { dpop: true })
      const claims = [{ path: [path], mandatory: true }]
      const wish = [{ type: 'openid_credential', credential_configuration_id: 'Badge', claims }]
      const members = { scope: undefined, authorization_details: JSON.stringify(wish) }
      const token = await wallet.redeem(await wallet.signIn({ members }))
      hr.answer = good
      const answer = await wallet.credential(token)
      t.is(answer.status, status, answer.text)
      if (status === 400) t.is(answer.body.error, 'credential_request_denied')
    }
  },
)

/** Two nodes over one database, or each at a member of its own of a cluster. */
const systems = [
  ...databases.map(({ name, url }) => ({ name, urls: async () => [await url()] })),
  ...(has('Galera') ? [{ name: 'Galera', urls: newGalera }] : []),
]
for (const { name, urls } of systems) {
  test.serial(
    `VCI-87, ${name}: of many polls at once at two nodes one asks the source, and one gets the credential`,
    async (t) => {
      const nodes = await startNodeProcesses(2, { databaseUrls: (await urls()).slice(0, 2), tenantFile, environment })
      t.teardown(() => nodes.stop())
      hr.answer = down
      const { code } = await nodes.offer({ issuer: 'office', txCode: '004217', claims: { document_number: number } })
      const wallet = nodes.wallet('office', { dpop: true })
      const token = await wallet.redeem(code, '004217')
      const first = await wallet.credential(token)
      t.is(first.status, 202, first.text)
      hr.requests.length = 0
      hr.answer = () => ({ ...json({ given_name: 'Zoë', permit: 'B' }), afterMs: 300 })
      const answers = await Promise.all(Array.from({ length: 8 }, () => wallet.deferred(token, first)))
      t.is(hr.requests.length, 1)
      t.is(answers.filter(({ status }) => status === 200).length, 1, answers.map(({ text }) => text).join())
      t.true(answers.every(({ status, body }) => status < 300 || body.error === 'invalid_transaction_id'))
    },
  )
}
