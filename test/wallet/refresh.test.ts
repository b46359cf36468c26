import { join } from 'node:path'
import test from 'ava'
import { purge } from '../../src/store/purge.ts'
import { makeKey } from '../../src/wallet/keys.ts'
import type { TestAnswer } from '../support/answers.ts'
import { startTestNode } from '../support/node.ts'
import { isRefused } from '../support/refusals.ts'

const tenantFile = join(import.meta.dirname, '../support/fixtures/grant-life.yaml')
const node = await startTestNode({ tenantFile })
test.after.always(() => node.stop())

const both = ['StudentCard', 'TransitPass']
const codeAt = async (issuer: string, configuration: string | string[] = both) =>
  (await node.offer({ issuer, configuration })).code
/** A wallet with DPoP and what it got for a fresh offer. */
async function claimed(issuer: string, configuration?: string | string[]) {
  const wallet = node.wallet(issuer, { dpop: true })
  return { wallet, token: await wallet.redeem(await codeAt(issuer, configuration)) }
}
const detailsOf = ({ body }: TestAnswer) => body.authorization_details
/** `authorization_details` of a token request. */
const details = (...ids: string[]) => ({
  authorization_details: ids.map((id) => ({ type: 'openid_credential', credential_configuration_id: id })),
})
const hasExpired = (answer: TestAnswer) => answer.status === 401
const claimsOf = async (issuer: string) => {
  const { issuerId } = await node.issuer(issuer)
  const rows = await node.services.database.db('grants').where({ issuer_id: issuerId }).orderBy('id', 'desc').first()
  return (rows as { claims_sealed: Uint8Array }).claims_sealed.length
}
const purgeNow = () => purge((question) => node.services.database.ask(question))(node.services.clock())

test.serial(
  'VCI-46, VCI-52, VCI-126, HAIP-17: a refresh token renews access to the same credential identifiers',
  async (t) => {
    const { wallet, token } = await claimed('renewing')
    t.is(token.status, 200)
    t.regex(token.body.refresh_token, /^[\w-]{43}$/)
    t.is(token.body.token_type, 'DPoP')
    node.wait({ minutes: 20 })
    t.true(hasExpired(await wallet.credential(token)))
    const again = await wallet.refresh(token)
    t.is(again.status, 200, again.text)
    t.is(again.headers.get('cache-control'), 'no-store')
    t.not(again.body.access_token, token.body.access_token)
    t.is(again.body.expires_in, 900)
    t.false('refresh_token' in again.body, 'it is not rotated')
    t.deepEqual(detailsOf(again), detailsOf(token))
    for (const configurationId of both) t.is((await wallet.credential(again, { configurationId })).status, 200)
    node.wait({ minutes: 20 })
    t.is((await wallet.refresh(token)).status, 200, 'the same one serves again')
  },
)

test.serial('VCI-126, RFC 9700 §2.2.2: a wallet that is bound to no key gets no refresh token', async (t) => {
  const wallet = node.wallet('renewing')
  const token = await wallet.redeem(await codeAt('renewing'))
  t.is(token.status, 200)
  t.false('refresh_token' in token.body)
})

test.serial(
  'VCI-46, VCI-126: refresh tokens are off unless the issuer wants them or may defer, and the metadata says so',
  async (t) => {
    const { wallet, token } = await claimed('plain', 'StudentCard')
    t.false('refresh_token' in token.body)
    isRefused(
      t,
      await wallet.refresh({ body: { ...token.body, refresh_token: 'x'.repeat(43) } }),
      'unsupported_grant_type',
    )
    const waiting = await claimed('waiting')
    t.true('refresh_token' in waiting.token.body)
    for (const [issuer, served] of [
      ['plain', false],
      ['waiting', true],
      ['renewing', true],
    ] as const) {
      const { authorizationServer } = await node.wallet(issuer).metadata()
      t.is((authorizationServer.grant_types_supported as string[]).includes('refresh_token'), served, issuer)
    }
  },
)

test.serial('RFC 9449 §5: a refresh token of a public wallet works with its DPoP key only', async (t) => {
  const { wallet, token } = await claimed('renewing')
  const other = makeKey()
  const byOther = { dpop: { key: other, header: { jwk: other.jwk } } }
  isRefused(t, await wallet.refresh(token, {}, byOther), 'invalid_grant', 'another key')
  isRefused(t, await wallet.refresh(token, {}, { dpop: false }), 'invalid_grant', 'no key')
  t.is((await wallet.refresh(token)).status, 200)
})

test.serial('RFC 6749 §6: a refresh token belongs to its client, and to its issuer', async (t) => {
  const wallet = node.wallet('renewing', { dpop: true })
  const token = await wallet.redeem(await wallet.signIn())
  isRefused(t, await wallet.refresh(token, { client_id: 'another' }), 'invalid_grant', 'another client')
  const elsewhere = { url: `${node.identifierOf('waiting')}/token` }
  isRefused(t, await wallet.refresh(token, {}, elsewhere), 'invalid_grant', 'another issuer')
  for (const refresh_token of ['x', token.body.access_token])
    isRefused(t, await wallet.refresh(token, { refresh_token }), 'invalid_grant', refresh_token)
  isRefused(t, await wallet.refresh(token, { refresh_token: undefined }), 'invalid_request', 'none')
  t.is((await wallet.refresh(token)).status, 200)
  t.true(hasExpired(await wallet.credential({ body: { ...token.body, access_token: token.body.refresh_token } })))
})

test.serial(
  'VCI-48, RFC 6749 §6, RFC 9396 §6: a refresh may ask for less, for that token, and never for more',
  async (t) => {
    const { wallet, token } = await claimed('renewing')
    const less = await wallet.refresh(token, details('TransitPass'))
    t.deepEqual(detailsOf(less), detailsOf(token).slice(1))
    t.is((await wallet.credential(less, { configurationId: 'TransitPass' })).status, 200)
    const beyond = {
      configurationId: 'StudentCard',
      body: { credential_configuration_id: 'StudentCard', credential_identifier: undefined },
    }
    isRefused(t, await wallet.credential(less, beyond), { error: 'insufficient_scope', status: 403 })
    t.deepEqual(detailsOf(await wallet.refresh(token)), detailsOf(token), 'the next one has all of it')

    const narrow = await claimed('renewing', 'StudentCard')
    isRefused(t, await narrow.wallet.refresh(narrow.token, details('TransitPass')), 'invalid_authorization_details')
    isRefused(
      t,
      await narrow.wallet.refresh(narrow.token, { scope: 'StudentCard' }),
      'invalid_scope',
      'no scope was granted',
    )

    const scoped = node.wallet('renewing', { dpop: true })
    const members = { scope: both.join(' '), authorization_details: undefined }
    const byScope = await scoped.redeem(await scoped.signIn({ members }))
    t.is(byScope.body.scope, both.join(' '))
    const one = await scoped.refresh(byScope, { scope: 'TransitPass' })
    t.is(one.body.scope, 'TransitPass', one.text)
    isRefused(
      t,
      await scoped.credential(one, {
        configurationId: 'StudentCard',
        body: { credential_configuration_id: 'StudentCard', credential_identifier: undefined },
      }),
      { error: 'insufficient_scope', status: 403 },
    )
    isRefused(t, await scoped.refresh(byScope, { scope: 'TransitPass Other' }), 'invalid_scope')
  },
)

test.serial('RFC 6749 §4.1.2: a code that comes again ends its refresh token, too', async (t) => {
  const wallet = node.wallet('renewing', { dpop: true })
  const code = await codeAt('renewing')
  const token = await wallet.redeem(code)
  node.wait({ seconds: 2 })
  isRefused(t, await wallet.redeem(code), 'invalid_grant')
  isRefused(t, await wallet.refresh(token), 'invalid_grant')
  t.is(await claimsOf('renewing'), 0, 'and its claims are wiped')
  const signedIn = await wallet.signIn()
  const bySignIn = await wallet.redeem(signedIn)
  node.wait({ seconds: 2 })
  isRefused(t, await wallet.redeem(signedIn), 'invalid_grant')
  isRefused(t, await wallet.refresh(bySignIn), 'invalid_grant')
})

test.serial('VCI-126: claims are kept as long as they may be issued anew, and no longer', async (t) => {
  await claimed('renewing')
  const waiting = await claimed('waiting')
  node.wait({ minutes: 20 })
  await purgeNow()
  t.true((await claimsOf('renewing')) > 0, 'refresh tokens are the policy here')
  t.is(await claimsOf('waiting'), 0, 'here they are only for coming back, and nothing waits')
  const late = await waiting.wallet.refresh(waiting.token)
  t.is(late.status, 200)
  isRefused(t, await waiting.wallet.credential(late, { configurationId: 'TransitPass' }), 'credential_request_denied')
  isRefused(t, await waiting.wallet.credential(late, { configurationId: 'StudentCard' }), 'credential_request_denied')
})

test.serial(
  'VCI-126, HAIP-17: a refresh token ends at its absolute age, and no access token outlives it',
  async (t) => {
    const { wallet, token } = await claimed('renewing')
    node.wait({ minutes: 30 * 24 * 60 - 5 })
    const last = await wallet.refresh(token)
    t.is(last.status, 200, last.text)
    t.true(last.body.expires_in <= 300 && last.body.expires_in > 240)
    t.is((await wallet.credential(last)).status, 200)
    node.wait({ minutes: 6 })
    isRefused(t, await wallet.refresh(token), 'invalid_grant')
    t.true(hasExpired(await wallet.credential(last)))
    await purgeNow()
    t.is(await claimsOf('renewing'), 0)
  },
)
