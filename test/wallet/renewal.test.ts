import { join } from 'node:path'
import test from 'ava'
import { decideDeferred } from '../../src/issuance/decide-deferred.ts'
import { makeFetch } from '../../src/lib/http-client.ts'
import { purge } from '../../src/store/purge.ts'
import type { TestAnswer } from '../support/answers.ts'
import { json, startClaimSource } from '../support/claim-source.ts'
import { startTestNode } from '../support/node.ts'
import { readSdJwt, rootOf } from '../support/read-sd-jwt.ts'
import { isRefused } from '../support/refusals.ts'
import { startRenewingProvider } from '../support/renewing-provider.ts'

const tenantFile = join(import.meta.dirname, '../support/fixtures/renewal.yaml')
const idp = await startRenewingProvider()
const hr = await startClaimSource()
const outward = makeFetch({ allowAddresses: ['127.0.0.0/8', '::1/128'] })
/** What becomes of the node's next token request: it is not answered, or its answer is lost, has no refresh token, or another sign-in's ID token. */
let next: 'answered' | 'down' | 'lost' | 'without' | 'swapped' = 'answered'
/** The ID token of the newest sign-in or renewal. */
let newest: unknown
const node = await startTestNode({
  tenantFile,
  environment: { HR_URL: hr.url },
  identityProvider: { ...idp, spoil: {} },
  fetch: async (input, init) => {
    if (!String(input).startsWith(`${idp.issuer}/token`)) return outward(input, init)
    const fate = next
    next = 'answered'
    if (fate === 'down') return new Response('', { status: 503 })
    const answer = await outward(input, init)
    const body = (await answer.json()) as Record<string, unknown>
    const { refresh_token: _, ...others } = body
    const swapped = { ...body, id_token: newest }
    newest = body.id_token
    if (fate === 'answered') return Response.json(body, { status: answer.status, headers: answer.headers })
    if (fate === 'without') return Response.json(others)
    if (fate === 'swapped') return Response.json(swapped)
    throw new TypeError('The connection was cut.')
  },
})
test.after.always(async () => {
  await node.stop()
  await idp.stop()
  await hr.stop()
})
test.beforeEach(() => {
  idp.people.set('alice', { given_name: 'Alice', department: 'Sales' })
  node.wait({ minutes: 1 })
})

const both = ['StaffCard', 'DepartmentPass']
const { db } = node.services.database

/** The claims that a verifier finds in the first credential of an answer. */
async function claimsIn(answer: TestAnswer, issuer: string) {
  if (answer.status !== 200) throw new Error(answer.text)
  const identifier = node.identifierOf(issuer)
  const trust = { root: await rootOf(identifier), issuer: identifier, at: node.services.clock() }
  return (await readSdJwt(answer.body.credentials[0]!.credential, trust)).claims
}

async function signedIn(issuer = 'fresh', username = 'alice') {
  const wallet = node.wallet(issuer, { dpop: true })
  const details = both.map((id) => ({ type: 'openid_credential', credential_configuration_id: id }))
  const token = await wallet.redeem(await wallet.signIn({ username, members: { authorization_details: details } }))
  const claims = async (by: TestAnswer, configurationId = 'StaffCard') =>
    claimsIn(await wallet.credential(by, { configurationId }), issuer)
  return { wallet, token, claims }
}
/** What the newest grant holds, and the last step of its session. */
async function stored() {
  const grant = await db('grants').orderBy('id', 'desc').first()
  const events = await db('events').where({ session_id: grant.session_id }).orderBy('id')
  const { type, details } = events.at(-1)
  return {
    claims: grant.claims_sealed.length as number,
    way: grant.renewal_sealed,
    last: { type, ...JSON.parse(details ?? '{}') },
  }
}
const upstreamCalls = () => idp.requests.filter((request) => request === 'POST /token').length

test.serial(
  'VCI-126: a renewal issues what the provider says now, and the claims of before are not kept',
  async (t) => {
    const { wallet, token, claims } = await signedIn()
    t.like(await claims(token), { given_name: 'Alice', department: 'Sales' })
    idp.people.set('alice', { given_name: 'Alicia', department: 'Board' })
    node.wait({ minutes: 20 })
    await purge((question) => node.services.database.ask(question))(node.services.clock())
    t.is((await stored()).claims, 0, 'the first access token has ended')
    const renewed = await wallet.refresh(token)
    t.is(renewed.status, 200, renewed.text)
    t.deepEqual(renewed.body.authorization_details, token.body.authorization_details)
    t.like(await claims(renewed), { given_name: 'Alicia', department: 'Board' })
    t.like(await claims(renewed, 'DepartmentPass'), { department: 'Board' })
    idp.people.set('alice', { given_name: 'Alice', department: 'Lab' })
    t.like(
      await claims(await wallet.refresh(token)),
      { department: 'Lab' },
      'with the refresh token that came in its place',
    )
  },
)

test.serial('VCI-126: renewals at the same time ask the provider once, and all of them are answered', async (t) => {
  const { wallet, token, claims } = await signedIn()
  idp.people.set('alice', { given_name: 'Alicia', department: 'Board' })
  const before = upstreamCalls()
  const answers = await Promise.all([1, 2, 3].map(() => wallet.refresh(token)))
  t.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200],
  )
  t.is(upstreamCalls() - before, 1)
  for (const answer of answers) t.like(await claims(answer), { given_name: 'Alicia' })
})

test.serial(
  'VCI-126: what the person has lost is refused and named in the trace; once it is back, so is the credential',
  async (t) => {
    const { wallet, token, claims } = await signedIn()
    idp.people.set('alice', { given_name: 'Alice' })
    const partly = await wallet.refresh(token)
    t.is(partly.status, 200)
    t.like((await stored()).last, { type: 'grant.refreshed', lost: ['DepartmentPass'] })
    t.false('department' in (await claims(partly)))
    isRefused(t, await wallet.credential(partly, { configurationId: 'DepartmentPass' }), 'credential_request_denied')
    idp.people.set('alice', {})
    isRefused(t, await wallet.refresh(token), 'invalid_grant')
    t.like((await stored()).last, { type: 'session.wallet_refused', endpoint: 'token', fault: 'claim-missing' })
    idp.people.set('alice', { given_name: 'Alice', department: 'Lab' })
    t.like(await claims(await wallet.refresh(token), 'DepartmentPass'), { department: 'Lab' })
  },
)

test.serial('refresh-unavailable: while the provider is down a renewal can be tried again', async (t) => {
  const { wallet, token } = await signedIn()
  next = 'down'
  const answer = await wallet.refresh(token)
  isRefused(t, answer, { error: 'temporarily_unavailable', status: 503 })
  t.is(answer.headers.get('retry-after'), '60')
  t.like((await stored()).last, { type: 'session.wallet_refused', fault: 'refresh-unavailable' })
  t.is((await wallet.refresh(token)).status, 200)
})

test.serial(
  'refresh-session-ended: after an answer that was lost the person signs in again, and nothing is suspended',
  async (t) => {
    const { wallet, token, claims } = await signedIn()
    await claims(token)
    next = 'lost'
    isRefused(t, await wallet.refresh(token), { error: 'temporarily_unavailable', status: 503 })
    isRefused(t, await wallet.refresh(token), 'invalid_grant')
    t.like((await stored()).last, { fault: 'refresh-session-ended', facts: { upstream: 'idp-code-refused' } })
    t.is((await db('credentials').orderBy('id', 'desc').first()).status, 'valid')
    const again = await signedIn()
    t.is((await again.wallet.refresh(again.token)).status, 200)
  },
)

test.serial(
  'OIDC Core §12.2: refresh-other-account: what the provider says of another person renews nothing, and the person may sign in again',
  async (t) => {
    await signedIn('fresh', 'bob')
    const ofBob = newest
    const { wallet, token } = await signedIn()
    newest = ofBob
    next = 'swapped'
    const answer = await wallet.refresh(token)
    isRefused(t, answer, 'invalid_grant')
    t.notRegex(answer.text, /Bob/)
    t.like((await stored()).last, {
      ...{ type: 'session.wallet_refused', endpoint: 'token', fault: 'refresh-other-account' },
      facts: { member: 'sub' },
    })
    const again = await signedIn()
    t.is((await again.wallet.refresh(again.token)).status, 200)
  },
)

test.serial('a node that dies with the way of a grant in its hands holds up others for a while only', async (t) => {
  const { wallet, token } = await signedIn()
  const { id } = await db('grants').orderBy('id', 'desc').first()
  const until = node.services.clock().getTime() + 2000
  await db('grants').where({ id }).update({ renewing_by: 'a-node-that-died', renewing_until: until })
  t.is((await wallet.refresh(token)).status, 200)
  t.true(node.services.clock().getTime() >= until)
})

test.serial(
  'VCI-126: an issuer may keep the claims of the sign-in instead, and then asks for no refresh token',
  async (t) => {
    const before = upstreamCalls()
    const { wallet, token, claims } = await signedIn('kept')
    t.is((await stored()).way, null)
    idp.people.set('alice', { given_name: 'Alicia', department: 'Board' })
    t.like(await claims(await wallet.refresh(token)), { given_name: 'Alice', department: 'Sales' })
    t.is(upstreamCalls() - before, 1, 'the sign-in alone')
  },
)

test.serial('VCI-126: the data of an offer stay as the integrator decided them', async (t) => {
  const wallet = node.wallet('fresh', { dpop: true })
  const { code } = await node.offer({ issuer: 'fresh', configuration: 'StaffCard' })
  const token = await wallet.redeem(code)
  node.wait({ minutes: 20 })
  await purge((question) => node.services.database.ask(question))(node.services.clock())
  t.is((await wallet.credential(await wallet.refresh(token))).status, 200)
})

test.serial('RFC 7009 §2: with its grant, the way to fresh claims is gone', async (t) => {
  const { wallet, token } = await signedIn()
  t.truthy((await stored()).way)
  t.is((await wallet.revoke(token.body.refresh_token)).status, 200)
  t.is((await stored()).way, null)
  isRefused(t, await wallet.refresh(token), 'invalid_grant')
})

test.serial(
  'VCI-126: a claim source is asked again for the person of an offer, and what it says then is issued',
  async (t) => {
    hr.answer = () => json({ grade: 'A' })
    const wallet = node.wallet('sourced', { dpop: true })
    const token = await wallet.redeem((await node.offer({ issuer: 'sourced' })).code)
    t.like(await claimsIn(await wallet.credential(token), 'sourced'), { grade: 'A', given_name: 'Zoë' })
    hr.answer = () => json({ grade: 'B' })
    t.like(await claimsIn(await wallet.credential(await wallet.refresh(token)), 'sourced'), {
      grade: 'B',
      given_name: 'Zoë',
    })
    hr.answer = () => ({ status: 503 })
    isRefused(t, await wallet.refresh(token), { error: 'temporarily_unavailable', status: 503 })
    t.like((await stored()).last, { fault: 'refresh-unavailable', facts: { upstream: 'source-failed' } })
  },
)

test.serial(
  'VCI-126: of a provider that gave no refresh token there is nothing to renew, and the wallet gets none',
  async (t) => {
    next = 'without'
    const { token, claims } = await signedIn()
    t.false('refresh_token' in token.body)
    t.like(await claims(token), { given_name: 'Alice' })
  },
)

test.serial('VCI-84: what an approval brought outlives a renewal until it is fetched', async (t) => {
  hr.answer = () => json({ grade: 'A' })
  const wallet = node.wallet('approving', { dpop: true })
  const { code } = await node.offer({ issuer: 'approving', claims: { document_number: 'P-471185' } })
  const token = await wallet.redeem(code)
  const waiting = await wallet.credential(token)
  t.is(waiting.status, 202, waiting.text)
  const { id } = await db('deferred_credentials').orderBy('id', 'desc').first()
  const decision = { decision: 'approved', reason: undefined, claims: { given_name: 'Zoë' } } as const
  await decideDeferred(node.services, await node.issuer('approving'), id, decision)
  const renewed = await wallet.refresh(token)
  t.is(renewed.status, 200, renewed.text)
  t.like(await claimsIn(await wallet.deferred(renewed, waiting), 'approving'), { given_name: 'Zoë' })
})
