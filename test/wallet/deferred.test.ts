import { join } from 'node:path'
import test from 'ava'
import { decideDeferred } from '../../src/issuance/decide-deferred.ts'
import { fetchDeferred } from '../../src/issuance/fetch-deferred.ts'
import { hash } from '../../src/lib/secrets.ts'
import { purge } from '../../src/store/purge.ts'
import { makeKey } from '../../src/wallet/keys.ts'
import { startTestNode } from '../support/node.ts'
import { readSdJwt, rootOf } from '../support/read-sd-jwt.ts'
import { isRefused } from '../support/refusals.ts'
import { person } from '../support/tenant.ts'

const tenantFile = join(import.meta.dirname, '../support/fixtures/grant-life.yaml')
const node = await startTestNode({ tenantFile })
test.after.always(() => node.stop())

const issuer = node.identifierOf('waiting')
const { deferredCredentials } = node.services.tables
const configurationId = 'StudentCard'
const keysOf = (count: number) => Array.from({ length: count }, () => makeKey())

/** A wallet with a token of a fresh offer. */
async function claimed(options: Parameters<typeof node.wallet>[1] = { dpop: true }) {
  const wallet = node.wallet('waiting', options)
  const { code } = await node.offer({ issuer: 'waiting', configuration: ['StudentCard', 'TransitPass'] })
  return { wallet, token: await wallet.redeem(code) }
}
/** One that was told to come back. */
async function waiting(asked: { keys?: ReturnType<typeof keysOf>; encrypted?: true } = {}) {
  const { wallet, token } = await claimed()
  const answer = await wallet.credential(token, { configurationId, ...asked })
  return { wallet, token, answer }
}
async function latest() {
  const [found] = await deferredCredentials.list(await node.issuer('waiting'), {
    state: undefined,
    before: undefined,
    limit: 1,
    now: node.services.clock(),
  })
  return found!
}
const events = async () => {
  const { sessionId } = await latest()
  return (await node.services.tables.events.listOfSession(await node.issuer('waiting'), sessionId)).map(
    ({ type }) => type,
  )
}
async function decide(decision: 'approved' | 'refused', id?: string) {
  return decideDeferred(node.services, await node.issuer('waiting'), id ?? (await latest()).id, {
    decision,
    reason: undefined,
  })
}

test.serial(
  'VCI-73, VCI-75: what an administrator has to approve is answered with a transaction, and nothing else',
  async (t) => {
    const { answer } = await waiting()
    t.is(answer.status, 202, answer.text)
    t.deepEqual(Object.keys(answer.body), ['transaction_id', 'interval'])
    t.regex(answer.body.transaction_id, /^[\w-]{43}$/)
    t.is(answer.body.interval, 30)
    t.is(answer.headers.get('content-type'), 'application/json')
    t.is(answer.headers.get('cache-control'), 'no-store')
    t.true((await events()).includes('credential.deferred'))
  },
)

test.serial('VCI-73: the endpoint is in the metadata of an issuer that may defer, and of no other', async (t) => {
  const { issuer: document } = await node.wallet('waiting').metadata()
  t.is(document.deferred_credential_endpoint, `${issuer}/deferred-credential`)
  t.false('deferred_credential_endpoint' in (await node.wallet('renewing').metadata()).issuer)
})

test.serial(
  'VCI-84, VCI-86: until the decision the same transaction comes back; then the copies, for the keys that were shown',
  async (t) => {
    const keys = keysOf(2)
    const { wallet, token, answer } = await waiting({ keys })
    for (let time = 0; time < 2; time++) {
      const again = await wallet.deferred(token, answer)
      t.is(again.status, 202)
      t.deepEqual(again.body, answer.body)
    }
    await decide('approved')
    const fetched = await wallet.deferred(token, answer)
    t.is(fetched.status, 200, fetched.text)
    t.is(fetched.headers.get('cache-control'), 'no-store')
    t.deepEqual(Object.keys(fetched.body), ['credentials', 'notification_id'])
    t.is(fetched.body.credentials.length, 2)
    const root = await rootOf(issuer)
    for (const [at, { credential }] of fetched.body.credentials.entries()) {
      const { claims } = await readSdJwt(credential, { root, issuer })
      t.like(claims, { given_name: person.given_name, cnf: { jwk: keys[at]!.jwk } })
    }
    t.is(
      (await wallet.notify(token, { notification_id: fetched.body.notification_id, event: 'credential_accepted' }))
        .status,
      204,
    )
    t.deepEqual((await events()).slice(-4), [
      'credential.deferred',
      'credential.approved',
      'credential.issued',
      'credential.notified',
    ])
  },
)

test.serial(
  'VCI-73: asking again answers the same transaction, and the copies are for the keys that were shown last',
  async (t) => {
    const { wallet, token, answer } = await waiting()
    const [key] = keysOf(1)
    const again = await wallet.credential(token, { configurationId, keys: [key!] })
    t.is(again.status, 202)
    t.deepEqual(again.body, answer.body)
    await decide('approved')
    const { body } = await wallet.deferred(token, answer)
    t.is(body.credentials.length, 1)
    const { claims } = await readSdJwt(body.credentials[0]!.credential, { root: await rootOf(issuer), issuer })
    t.deepEqual(claims.cnf, { jwk: key!.jwk })
    const more = await wallet.credential(token, { configurationId })
    t.is(more.status, 200, 'an approval is of the credential: more copies need no other')
  },
)

test.serial('VCI-84: a refreshed token fetches what the first one asked for, days later', async (t) => {
  const { wallet, token, answer } = await waiting()
  node.wait({ minutes: 3 * 24 * 60 })
  await purge((question) => node.services.database.ask(question))(node.services.clock())
  await decide('approved')
  t.is((await wallet.deferred(token, answer)).status, 401, 'the first one has expired')
  const fetched = await wallet.deferred(await wallet.refresh(token), answer)
  t.is(fetched.status, 200, fetched.text)
})

test.serial('VCI-87: after the retrieval, and for unknown and foreign ones, a transaction_id is invalid', async (t) => {
  const mine = await waiting()
  await decide('approved')
  const other = await waiting()
  isRefused(t, await other.wallet.deferred(other.token, mine.answer), 'invalid_transaction_id', 'of another grant')
  t.is((await mine.wallet.deferred(mine.token, mine.answer)).status, 200)
  isRefused(t, await mine.wallet.deferred(mine.token, mine.answer), 'invalid_transaction_id', 'fetched')
  for (const unknown of ['x', 'x'.repeat(43), '__proto__'])
    isRefused(t, await mine.wallet.deferred(mine.token, unknown), 'invalid_transaction_id', unknown)
})

test.serial('VCI-87: of two retrievals at once one gets the credential', async (t) => {
  const { wallet, token, answer } = await waiting()
  await decide('approved')
  const [at, { tables }] = [await node.issuer('waiting'), node.services]
  const access = await tables.tokens.findWithGrant(at, hash(token.body.access_token))
  // Both have signed before either decides.
  const { promise: bothSigned, resolve } = Promise.withResolvers<void>()
  let signed = 0
  const inTransaction: typeof node.services.inTransaction = async (work) => {
    signed += 1
    if (signed === 2) resolve()
    await bothSigned
    return node.services.inTransaction(work)
  }
  const fetchOne = () => fetchDeferred({ ...node.services, inTransaction }, at, access!, answer.body.transaction_id)
  const outcomes = await Promise.allSettled([fetchOne(), fetchOne()])
  t.deepEqual(outcomes.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
  t.like(
    outcomes.find((outcome) => outcome.status === 'rejected'),
    { reason: { code: 'invalid_transaction_id' } },
  )
  t.is(await tables.credentials.countCopies(at, (await latest()).credentialId), 1)
  isRefused(t, await wallet.deferred(token, answer), 'invalid_transaction_id')
})

test.serial('VCI-88: what is refused, or not decided in time, is denied at both endpoints', async (t) => {
  const refused = await waiting()
  await decide('refused')
  for (const answer of [
    await refused.wallet.deferred(refused.token, refused.answer),
    await refused.wallet.credential(refused.token, { configurationId }),
  ]) {
    isRefused(t, answer, 'credential_request_denied')
    t.is(answer.body.error_description, 'The issuer has refused this credential.')
  }
  t.is(
    (await refused.wallet.credential(refused.token, { configurationId: 'TransitPass' })).status,
    200,
    'the other one is not',
  )
  const late = await waiting()
  node.wait({ minutes: 14 * 24 * 60 - 1 })
  const again = await late.wallet.refresh(late.token)
  t.is((await late.wallet.deferred(again, late.answer)).status, 202)
  await t.throwsAsync(
    async () => {
      node.wait({ minutes: 2 })
      await decide('approved')
    },
    { message: /waits no longer/ },
  )
})

test.serial('VCI-73: asked for twenty times at once, a credential waits once', async (t) => {
  const { wallet, token } = await claimed()
  const { c_nonce: nonce } = (await wallet.nonce()).body
  const answers = await Promise.all(
    keysOf(20).map((key) => wallet.credential(token, { configurationId, keys: [key], nonce })),
  )
  t.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]))
  t.is(new Set(answers.map(({ body }) => body.transaction_id)).size, 1)
})

test.serial('VCI-73: a wallet that is bound to no key could never come back, so it is denied at once', async (t) => {
  const { wallet, token } = await claimed({})
  const answer = await wallet.credential(token, { configurationId })
  isRefused(t, answer, 'credential_request_denied')
  t.regex(answer.body.error_description, /DPoP/)
  t.is((await wallet.credential(token, { configurationId: 'TransitPass' })).status, 200)
})

test.serial(
  'VCI-76, VCI-85: a 202 is encrypted as asked, and what the deferred request says counts, not the first one',
  async (t) => {
    const { wallet, token, answer } = await waiting({ encrypted: true })
    t.is(answer.status, 202)
    t.is(answer.headers.get('content-type'), 'application/jwt')
    t.is(answer.body.interval, 30, 'the wallet has decrypted it')
    const plain = await wallet.deferred(token, answer)
    t.is(plain.headers.get('content-type'), 'application/json')
    t.is(plain.status, 202)
    const still = await wallet.deferred(token, answer, { encrypted: { enc: 'A256GCM' } })
    t.like(still.body, answer.body)
    t.is(still.headers.get('content-type'), 'application/jwt')
    await decide('approved')
    const fetched = await wallet.deferred(token, answer, { encrypted: true })
    t.is(fetched.headers.get('content-type'), 'application/jwt')
    t.is(fetched.body.credentials.length, 1)
    isRefused(
      t,
      await wallet.deferred(token, answer, { encrypted: true }),
      'invalid_transaction_id',
      'an error is not encrypted',
    )
  },
)

test.serial('VCI-84, VCI-78: the endpoint wants a token that covers the credential, under its own proof', async (t) => {
  const { wallet, token, answer } = await waiting()
  const narrowed = await wallet.refresh(token, {
    authorization_details: [{ type: 'openid_credential', credential_configuration_id: 'TransitPass' }],
  })
  isRefused(t, await wallet.deferred(narrowed, answer), { error: 'insufficient_scope', status: 403 })
  const bare = await wallet.deferred(token, answer, { headers: { authorization: undefined } })
  t.is(bare.status, 401)
  t.is(bare.text, '')
  t.is((await wallet.deferred(token, answer, { dpop: false })).status, 401)
  t.is((await wallet.deferred(token, answer, { dpop: { claims: { htu: `${issuer}/credential` } } })).status, 401)
})

test.serial('VCI-79: what is no deferred request is invalid_credential_request', async (t) => {
  const { wallet, token, answer } = await waiting()
  for (const transaction_id of [undefined, null, 7, '', {}, ['x'], 'x'.repeat(301)])
    isRefused(
      t,
      await wallet.deferred(token, answer, { body: { transaction_id } }),
      'invalid_credential_request',
      String(transaction_id),
    )
  for (const raw of ['', '[]', 'null', '{'])
    isRefused(t, await wallet.deferred(token, answer, { raw }), 'invalid_credential_request', raw)
  t.is((await wallet.deferred(token, answer, { body: { unknown: 'ignored' } })).status, 202)
})

test.serial('RFC 6749 §4.1.2, RFC 7009: with its grant ends what waits', async (t) => {
  const { wallet, token } = await waiting()
  const { id } = await latest()
  t.is((await wallet.revoke(token.body.refresh_token)).status, 200)
  const ended = await deferredCredentials.find(await node.issuer('waiting'), id)
  t.truthy(ended?.endedAt)
  t.deepEqual([ended?.transactionSealed, ended?.holderKeys], [undefined, []], 'and nothing of it is kept')
  await t.throwsAsync(decide('approved', id), { message: /waits no longer/ })
})

test.serial('VCI-84, VCI-127: what nobody decided is wiped when its time is over', async (t) => {
  await waiting()
  const { id } = await latest()
  node.wait({ minutes: 15 * 24 * 60 })
  await purge((question) => node.services.database.ask(question))(node.services.clock())
  const kept = await deferredCredentials.find(await node.issuer('waiting'), id)
  t.deepEqual([kept?.transactionSealed, kept?.holderKeys], [undefined, []])
})

test.serial(
  'VCI-73, VCI-86: an offer may go out before its data is complete; the approval brings the rest',
  async (t) => {
    const wallet = node.wallet('waiting', { dpop: true })
    const { code } = await node.offer({ issuer: 'waiting', configuration: ['StudentCard'], claims: {} })
    const token = await wallet.redeem(code)
    const waits = await wallet.credential(token, { configurationId })
    t.is(waits.status, 202)
    const { id } = await latest()
    const about = [node.services, await node.issuer('waiting'), id] as const
    const approved = { decision: 'approved', reason: undefined } as const
    await t.throwsAsync(
      decideDeferred(...about, approved),
      { code: 'unprocessable' },
      'nothing is approved with a hole',
    )
    const half = { ...approved, claims: { family_name: 'Byronsdotter' } }
    await t.throwsAsync(decideDeferred(...about, half), { code: 'unprocessable' })
    t.is((await wallet.deferred(token, waits)).status, 202, 'it waits on')
    await decideDeferred(...about, { ...approved, claims: person })
    const ready = await wallet.deferred(token, waits)
    t.is(ready.status, 200)
    const [{ credential } = { credential: '' }] = ready.body.credentials ?? []
    const { claims } = await readSdJwt(credential, { root: await rootOf(issuer), issuer, at: node.services.clock() })
    t.is(claims.given_name, person.given_name)
  },
)
