import { join } from 'node:path'
import test from 'ava'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import type { Form } from '../../src/wallet/exchange.ts'
import { resolveOffer } from '../../src/wallet/metadata.ts'
import { has } from '../support/addresses.ts'
import type { TestAnswer } from '../support/answers.ts'
import { startTestNode, type TestNode } from '../support/node.ts'
import { makeRealm } from '../support/realm.ts'
import { needsSerially } from '../support/service.ts'

// The wallet's access token is Keycloak's own: a realm with a public client, an audience mapper, and nothing of ours in between.

let node: TestNode
let realm: Awaited<ReturnType<typeof makeRealm>>
test.before(async () => {
  if (!has('Keycloak')) return
  realm = await makeRealm()
  node = await startTestNode({
    tenantFile: join(import.meta.dirname, '../support/fixtures/external-keycloak.yaml'),
    environment: { SERVER: realm.issuer, SERVER_SECRET: 'claimgate-secret' },
  })
  await realm.addAudiences('badge', [
    ...['staff', 'asked', 'bound'].map(node.identifierOf),
    'claimgate', // Keycloak tells a client only of tokens that are meant for it, too
  ])
})
test.after.always(async () => {
  await node?.stop()
  await realm?.remove()
})

const withKeycloak = needsSerially('Keycloak')

type Options = { username?: string; scope?: string; dpop?: boolean; clientId?: string }

/** A wallet with a token of Keycloak's, by authorization code and PKCE: its own metadata led it there. */
async function signedIn(name: string, { username = 'alice', scope = 'openid badge', ...options }: Options = {}) {
  const wallet = node.wallet(name, { clientId: 'test-wallet', ...options })
  const asked: Form = { scope, authorization_details: undefined, resource: undefined, issuer_state: undefined }
  const code = await realm.codeOf(await wallet.authorizeUrl(asked), username)
  const token = await wallet.redeem({ code })
  return { wallet, token }
}

const claimsOf = ({ body }: TestAnswer) => decodeJwt(String(body.credentials?.[0]?.credential).split('~')[0] ?? '')

withKeycloak(
  'VCI-7, VCI-33: the offer leads a wallet to Keycloak, where alice signs in, and her token buys the badge',
  async (t) => {
    const offer = await node.offer({ issuer: 'staff' })
    const resolved = await resolveOffer(fetch, offer.link)
    t.deepEqual(resolved.grants, { authorization_code: {} })
    const { wallet, token } = await signedIn('staff')
    t.is((await wallet.metadata()).authorizationServer.issuer, realm.issuer)
    t.is(token.status, 200, token.text)
    const answer = await wallet.credential(token, { configurationId: 'EmployeeBadge' })
    t.is(answer.status, 200, answer.text)
    t.like(claimsOf(answer), { given_name: 'alice', employee_id: 'E-1001' })
    const notified = await wallet.notify(token, {
      notification_id: answer.body.notification_id,
      event: 'credential_accepted',
    })
    t.is(notified.status, 204, notified.text)
  },
)

withKeycloak(
  'no audience, no credential: without the mapper Keycloak’s token is 401, and an ID token with it is no better',
  async (t) => {
    const { wallet, token } = await signedIn('staff', { scope: 'openid unaddressed' })
    t.like(await wallet.credential(token), { status: 401, body: { error: 'invalid_token' } })
    const { token: good } = await signedIn('staff')
    t.like(await wallet.credential(String(good.body.id_token)), { status: 401, body: { error: 'invalid_token' } })
    t.like(await wallet.credential(String(good.body.refresh_token)), { status: 401, body: { error: 'invalid_token' } })
  },
)

withKeycloak('bob, whose token lacks the employee number: his wallet is told which claim it is', async (t) => {
  const { wallet, token } = await signedIn('staff', { username: 'bob' })
  const answer = await wallet.credential(token)
  t.like(answer, { status: 400, body: { error: 'credential_request_denied' } })
  t.regex(answer.body.error_description, /employee_id/)
})

withKeycloak('RFC 7662: a token that alice revokes at Keycloak opens nothing more where it is asked for', async (t) => {
  const { wallet, token } = await signedIn('asked')
  const answer = await wallet.credential(token)
  t.is(answer.status, 200, answer.text)
  t.like(claimsOf(answer), { employee_id: 'E-1001' })
  const parameters = { token: String(token.body.access_token), client_id: 'test-wallet' }
  const body = new URLSearchParams(parameters)
  await fetch(`${realm.issuer}/protocol/openid-connect/revoke`, { method: 'POST', body })
  t.like(await wallet.credential(token), { status: 401, body: { error: 'invalid_token' } })
})

withKeycloak('RFC 9449 §6: a token that Keycloak bound to the wallet’s key is good with that key only', async (t) => {
  const { wallet, token } = await signedIn('bound', { clientId: 'bound-wallet', dpop: true })
  t.is(token.body.token_type, 'DPoP')
  const answer = await wallet.credential(token)
  t.is(answer.status, 200, answer.text)
  const thief = node.wallet('bound', { clientId: 'bound-wallet', dpop: true })
  t.like(await thief.credential(token), { status: 401, body: { error: 'invalid_token' } })
  const bearer = { body: { ...token.body, token_type: 'Bearer' } }
  t.like(await node.wallet('bound').credential(bearer), { status: 401, body: { error: 'invalid_token' } })
})

withKeycloak(
  'OIDC Core §10.1.1: keys that Keycloak changes are known with the first token that they sign',
  async (t) => {
    const { wallet, token } = await signedIn('staff')
    t.is((await wallet.credential(token)).status, 200)
    const { id: parentId } = (await realm.admin('GET', '')) as { id: string }
    const config = { priority: ['200'], algorithm: ['RS256'], keySize: ['2048'] }
    const component = { name: 'newer', providerId: 'rsa-generated', providerType: 'org.keycloak.keys.KeyProvider' }
    await realm.admin('POST', '/components', { ...component, parentId, config })
    node.wait({ seconds: 11 })
    const later = await signedIn('staff')
    const kid = ({ body }: TestAnswer) => decodeProtectedHeader(String(body.access_token)).kid
    t.not(kid(later.token), kid(token))
    t.is((await later.wallet.credential(later.token)).status, 200)
  },
)
