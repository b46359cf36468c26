import { join } from 'node:path'
import test from 'ava'
import { decodeJwt } from 'jose'
import { findExternalToken, openExternalGrant } from '../../src/issuance/authorize-external.ts'
import { OfferRequest } from '../../src/model/offer.ts'
import { ProtocolError } from '../../src/protocol/errors.ts'
import { makeKey } from '../../src/wallet/keys.ts'
import type { TestAnswer } from '../support/answers.ts'
import { serverSecret, startAuthorizationServer } from '../support/authorization-server.ts'
import { startTestNode } from '../support/node.ts'

const server = await startAuthorizationServer()
const node = await startTestNode({
  tenantFile: join(import.meta.dirname, '../support/fixtures/external.yaml'),
  environment: { SERVER: server.issuer, SERVER_SECRET: serverSecret },
})
test.after.always(async () => {
  await node.stop()
  await server.stop()
})

type Name = 'staff' | 'asked' | 'informed' | 'bound' | 'both'
const aud = (name: Name) => node.identifierOf(name)
const tokenFor = (name: Name, claims: object = {}) => server.token(aud(name), { claims: { ...claims } })

const walletAt = (name: Name, options: Parameters<typeof node.wallet>[1] = {}) => node.wallet(name, options)

const badge = { configurationId: 'EmployeeBadge', clientId: 'test-wallet' }
const card = { configurationId: 'LibraryCard', clientId: 'test-wallet' }
const claimsOf = ({ body }: TestAnswer) => decodeJwt(String(body.credentials?.[0]?.credential).split('~')[0] ?? '')
const challengeOf = ({ headers }: TestAnswer) => headers.get('www-authenticate')

/** The trace of the session that a credential or a refusal came of. */
async function sessionsOf(subject: string) {
  const { database } = node.services
  const issuer = await node.issuer('staff')
  const sealer = await node.services.vault.of(issuer.tenantId)
  const personIndex = sealer.index(JSON.stringify([server.issuer, subject]))
  return database.run((db) => db('sessions').where({ person_index: personIndex }))
}

test('VCI-7: an issuer with external servers names them; ours is among them only where it grants something, and else is not there', async (t) => {
  const get = async (path: string) => (await fetch(`${node.url}/.well-known/${path}`)).status
  const metadata = async (name: Name) =>
    (await (await fetch(`${node.url}/.well-known/openid-credential-issuer/test/${name}`)).json()) as Record<
      string,
      unknown
    >
  t.deepEqual((await metadata('staff')).authorization_servers, [server.issuer])
  t.deepEqual((await metadata('both')).authorization_servers, [aud('both'), server.issuer, `${server.issuer}/second`])
  for (const name of ['oauth-authorization-server', 'openid-configuration']) {
    t.is(await get(`${name}/test/staff`), 404)
    t.is(await get(`${name}/test/both`), 200)
  }
  const token = new URLSearchParams({ grant_type: 'authorization_code', code: 'x', client_id: 'test-wallet' })
  const refused = await fetch(`${aud('staff')}/token`, { method: 'POST', body: token })
  t.like(await refused.json(), { error: 'unsupported_grant_type' })
})

test('VCI-72: a token of the external server buys credentials, with the claims that it holds', async (t) => {
  const wallet = walletAt('staff')
  const answer = await wallet.credential(await tokenFor('staff'), badge)
  t.is(answer.status, 200, answer.text)
  t.like(claimsOf(answer), { employee_id: 'E-1001', seen_by: 'external' })
})

test('VCI-72, VCI-93: one token is one grant: later requests add copies to its credential, and it is notified of', async (t) => {
  const wallet = walletAt('staff')
  const access = await tokenFor('staff', { sub: 'carla' })
  const first = await wallet.credential(access, badge)
  const second = await wallet.credential(access, { ...badge, keys: [makeKey(), makeKey()] })
  const other = await wallet.credential(access, card)
  for (const { status } of [first, second, other]) t.is(status, 200)
  const sessions = await sessionsOf('carla')
  t.is(sessions.length, 1)
  const credentials = await node.services.tables.credentials.listOfSession(await node.issuer('staff'), sessions[0].id)
  t.is(credentials.length, 2)
  const members = { notification_id: first.body.notification_id, event: 'credential_accepted' }
  const token = { body: { access_token: access, token_type: 'Bearer' } }
  t.is((await wallet.notify(token as never, members as never)).status, 204)
  const foreign = { body: { access_token: await tokenFor('staff', { sub: 'dora' }), token_type: 'Bearer' } }
  t.is((await wallet.notify(foreign as never, members as never)).body.error, 'invalid_notification_id')
})

test('VCI-72: twenty first requests at once with one token make one grant', async (t) => {
  const [issuer, access] = [await node.issuer('staff'), await tokenFor('staff', { sub: 'erik' })]
  const external = await findExternalToken(node.services, issuer, access)
  if (!external) return t.fail()
  const open = () => openExternalGrant(node.services, issuer, external, access)
  const opened = await Promise.all(Array.from({ length: 20 }, open))
  t.is(new Set(opened.map(({ grant }) => grant.id)).size, 1)
  t.is((await sessionsOf('erik')).length, 1)
})

test('the cap of copies and the nonces hold for an external token as for one of ours', async (t) => {
  const wallet = walletAt('both')
  const access = await tokenFor('both')
  for (let i = 0; i < 3; i++) t.is((await wallet.credential(access, card)).status, 200)
  t.like(await wallet.credential(access, card), { status: 400, body: { error: 'credential_request_denied' } })
  const nonce = (await wallet.nonce()).body.c_nonce
  const [one, two] = [await tokenFor('both'), await tokenFor('both')]
  t.is((await wallet.credential(one, { ...card, nonce })).status, 200)
  t.is((await wallet.credential(two, { ...card, nonce })).body.error, 'invalid_nonce')
})

test('RFC 6750 §3.1: a token that is not for this issuer is 401, one without the scope is 403, both with a challenge', async (t) => {
  const wallet = walletAt('staff')
  for (const [name, access] of [
    ['no audience', await server.token(undefined as never, { claims: { aud: undefined } })],
    ['another issuer of the same tenant', await tokenFor('both')],
    ['another client', await tokenFor('staff', { client_id: 'pocket' })],
    ['nobody’s', 'no-such-token'],
  ] as const) {
    const answer = await wallet.credential(access, badge)
    t.like(answer, { status: 401, body: { error: 'invalid_token' } }, name)
    t.is(challengeOf(answer), 'Bearer error="invalid_token"', name)
    t.false(answer.text.includes(access), name)
  }
  for (const scope of ['openid', 'library']) {
    const answer = await wallet.credential(await tokenFor('staff', { scope }), badge)
    t.like(answer, { status: 403, body: { error: 'insufficient_scope' } }, scope)
    t.is(challengeOf(answer), 'Bearer error="insufficient_scope"', scope)
  }
})

test('VCI-88: a mandatory claim that the token lacks is told by name, the other credential is issued, and the trace has the fault', async (t) => {
  const wallet = walletAt('staff')
  const access = await tokenFor('staff', { sub: 'frida', employee_number: undefined })
  const answer = await wallet.credential(access, badge)
  t.like(answer, { status: 400, body: { error: 'credential_request_denied' } })
  t.regex(answer.body.error_description, /employee_id/)
  t.is((await wallet.credential(access, card)).status, 200)
  const [session] = await sessionsOf('frida')
  const events = await node.services.tables.events.listOfSession(await node.issuer('staff'), session.id)
  t.like(events.find(({ type }) => type === 'session.refused')?.details, {
    fault: 'external-claims-missing',
    lacking: [{ configurationId: 'EmployeeBadge', missing: ['employee_id'], unusable: [] }],
  })
  const odd = await wallet.credential(await tokenFor('staff', { age: 'many' }), badge)
  t.regex(odd.body.error_description, /claim age/)
  t.notRegex(odd.text, /many/)
})

test('RFC 9449 §7: a token with cnf.jkt wants a proof of that key, and an issuer with dpop: required wants such a token', async (t) => {
  const [wallet, thief] = [walletAt('bound', { dpop: true }), walletAt('bound', { dpop: true })]
  const cnf = { jkt: wallet.dpopKey.thumbprint }
  const access = await tokenFor('bound', { cnf })
  t.is((await wallet.credential(access, badge)).status, 200)
  t.like(await thief.credential(access, badge), { status: 401, body: { error: 'invalid_token' } })
  t.like(await walletAt('bound').credential(access, badge), { status: 401, body: { error: 'invalid_token' } })
  const unbound = await tokenFor('bound')
  t.like(await walletAt('bound').credential(unbound, badge), { status: 401, body: { error: 'invalid_token' } })
  t.like(await wallet.credential(unbound, badge), { status: 401, body: { error: 'invalid_token' } })
})

test('RFC 7662: an opaque token is asked for each time, so that one that is revoked there opens nothing more', async (t) => {
  const wallet = walletAt('asked')
  const access = 'opaque-token-of-the-external-server'
  const claims = {
    sub: 'gina',
    client_id: 'pocket',
    scope: 'badge',
    exp: Date.now() / 1000 + 300,
    given_name: 'Gina',
    employee_number: 'E-7',
  }
  server.active.set(access, { ...claims, aud: aud('asked') })
  const as = { ...badge, clientId: 'pocket' }
  const answer = await wallet.credential(access, as)
  t.is(answer.status, 200, answer.text)
  t.like(claimsOf(answer), { employee_id: 'E-7', seen_by: 'asked' })
  server.active.set(access, { ...claims, aud: aud('asked'), scope: 'library' })
  t.is((await wallet.credential(access, as)).body.error, 'insufficient_scope')
  server.active.delete(access)
  t.like(await wallet.credential(access, as), { status: 401, body: { error: 'invalid_token' } })
})

test('OIDC Core §5.3.2: UserInfo fills what the token lacks, but only of the same person', async (t) => {
  const wallet = walletAt('informed')
  const lacking = { sub: 'hugo', employee_number: undefined }
  server.userinfo = { sub: 'hugo', employee_number: 'E-8' }
  t.like(claimsOf(await wallet.credential(await tokenFor('informed', lacking), badge)), { employee_id: 'E-8' })
  server.userinfo = { sub: 'mallory', employee_number: 'E-9' }
  t.is((await wallet.credential(await tokenFor('informed', lacking), badge)).status, 503)
})

test('a token that has expired opens nothing any more, and grants of ours work beside those of others', async (t) => {
  const wallet = walletAt('both')
  const own = await wallet.redeem((await node.offer({ issuer: 'both' })).code)
  t.is((await wallet.credential(own)).status, 200)
  const access = await tokenFor('both', { exp: Math.floor(Date.now() / 1000) - 31 })
  t.is((await wallet.credential(access, card)).status, 401)
})

test('the row of an external token opens nothing by itself', async (t) => {
  const wallet = walletAt('staff')
  const claims = { sub: 'ines', jti: 'known' }
  t.is((await wallet.credential(await tokenFor('staff', claims), badge)).status, 200)
  const spelled = JSON.stringify([server.issuer, 'ines', 'test-wallet', 'known'])
  t.is((await wallet.credential(spelled, badge)).status, 401)
})

test('VCI-33: offers name the external server where there is a choice, and promise nothing that does not travel through it', async (t) => {
  const offered = async (name: Name, wish: object = {}) => {
    const asked = { issuer: name, grants: ['authorization_code'], ...wish, claims: undefined }
    return (await node.offer(asked as never)).created.links.credentialOffer?.grants
  }
  t.deepEqual(await offered('staff'), { authorization_code: {} })
  t.deepEqual(await offered('both', { authorization_server: 'external' }), {
    authorization_code: { authorization_server: server.issuer },
  })
  t.like(await offered('both'), { authorization_code: { authorization_server: aud('both') } })

  const wish = {
    authorization_server: 'external',
    claims: { given_name: 'A' },
    login_hint: 'a',
    tx_code: true,
    max_uses: 2,
  }
  const request = OfferRequest.parse({
    ...wish,
    grants: ['pre_authorized_code'],
    credential_configuration_ids: ['Diploma'],
  })
  const { createOffer } = await import('../../src/issuance/create-offer.ts')
  const refused = await t.throwsAsync(createOffer(node.services, await node.issuer('both'), request))
  const pointers = refused instanceof ProtocolError ? refused.mistakes.map(({ pointer }) => pointer) : []
  t.deepEqual(pointers.toSorted(), [
    '/claims',
    '/credential_configuration_ids/0',
    '/grants/0',
    '/login_hint',
    '/max_uses',
    '/tx_code',
  ])
  const unknown = OfferRequest.parse({ authorization_server: 'nope' })
  t.like(await t.throwsAsync(createOffer(node.services, await node.issuer('both'), unknown)), {
    mistakes: [{ pointer: '/authorization_server' }],
  })
})
