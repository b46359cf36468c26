import test from 'ava'
import { startTestNode } from '../support/node.ts'
import { elementOf } from '../support/plain-browser.ts'
import { helpOf, personAt } from '../support/way.ts'

// The provider's words on e-mail addresses are changed on the wire.

const node = await startTestNode()
test.after.always(() => node.stop())
test.afterEach.always(() => {
  node.identityProvider.spoil = {}
})
const { redirectUri } = node.wallet('campus')

type Told = Record<string, unknown>

/** How a sign-in of alice ends with an offer for an address, when ID token and UserInfo say this of her. */
async function ending(email: string, idToken: Told, userinfo: Told = idToken) {
  const subject = { identity_provider: 'idp', email }
  const { issuerState } = await node.offer({ issuer: 'campus', grants: ['authorization_code'], subject })
  const without = ({ email: _, email_verified: __, ...claims }: Told) => claims
  node.identityProvider.spoil = {
    idToken: (claims) => ({ ...without(claims), ...idToken }),
    json: { '/me': (claims) => ({ ...without(claims), ...userinfo }) },
  }
  const { go, press } = personAt(redirectUri)
  const start = await go(await node.wallet('campus').authorizeUrl({ issuer_state: issuerState }))
  const page = await press(start, 'sign-in', { username: 'alice', password: 'alice' })
  return elementOf(page, 'approve') ? 'claims it' : helpOf(page)
}

const [hers, others] = ['alice@acme.example', 'bob@acme.example']

test.serial('an e-mail address counts only if the provider has verified it', async (t) => {
  t.is(await ending(hers, { email: hers, email_verified: true }), 'claims it')
  for (const email_verified of [false, undefined, 'true', 1, null])
    t.is(await ending(hers, { email: hers, email_verified }), 'email-not-verified', String(email_verified))
  t.is(await ending(hers, { email: hers, xms_edov: true }), 'email-not-verified', 'that is Entra’s claim')
})

test.serial('an unverified address is not compared, so that it cannot be used to ask whose an offer is', async (t) => {
  t.is(await ending(hers, { email: others, email_verified: false }), 'email-not-verified')
  t.is(await ending(hers, { email: others, email_verified: true }), 'wrong-person')
})

test.serial('what one document verifies is not what the other one names', async (t) => {
  t.is(await ending(hers, { email: hers }, { email: others, email_verified: true }), 'wrong-person')
  t.is(await ending(hers, { email: hers }, { email_verified: true }), 'email-not-verified')
  t.is(await ending(hers, {}, { email: hers, email_verified: true }), 'claims it')
})

test.serial('an account without an e-mail address is not the person of an offer that names one', async (t) => {
  t.is(await ending(hers, {}), 'wrong-person')
  t.is(await ending(hers, { email: 'no address', email_verified: true }), 'wrong-person')
  t.is(await ending(hers, { email: [hers], email_verified: true }), 'wrong-person')
})

test.serial('the page about an unverified address says what to do', async (t) => {
  t.is(await ending(hers, { email: hers, email_verified: false }), 'email-not-verified')
  const rows = await node.services.database.db('events').where({ type: 'session.refused' }).orderBy('id', 'desc')
  t.like(JSON.parse(rows[0].details), { error: 'access_denied', fault: 'email-unverified' })
})
