import { join } from 'node:path'
import test from 'ava'
import { type CryptoKey, generateKeyPair } from 'jose'
import { externalFaults } from '../../src/model/faults/external.ts'
import { serverSecret, startAuthorizationServer } from '../support/authorization-server.ts'
import { startTestNode } from '../support/node.ts'
import { remember } from '../support/secrets.ts'
import { assertSilent } from '../support/session-trace.ts'

// What may be wrong with an access token of an external authorization server, or with that server: what the wallet hears, and what the
// operator reads. A token that is refused has no session, so that its place is the log.

type Json = Record<string, unknown>
type Fault = keyof typeof externalFaults
type Row = {
  fault: Fault
  /** Default: of the issuer `staff`. */
  issuer?: 'asked' | 'informed' | 'both'
  /** Default: one that is good but for this. */
  token?: string
  claims?: Json
  header?: Json
  key?: CryptoKey
  spoil?: Partial<Pick<typeof server, 'down' | 'secret' | 'userinfo'>>
  /** Default: 401, `invalid_token`. */
  status?: 403 | 503
  facts: Json
}

const lines: Json[] = []
const server = await startAuthorizationServer()
const node = await startTestNode({
  tenantFile: join(import.meta.dirname, '../support/fixtures/external.yaml'),
  environment: { SERVER: server.issuer, SERVER_SECRET: serverSecret },
  onLog: (line) => lines.push(JSON.parse(line) as Json),
})
const stranger = await generateKeyPair('ES256')
test.after.always(() => Promise.all([node.stop(), server.stop()]))

const now = Math.floor(Date.now() / 1000)
const second = `${server.issuer}/second`
const opaque = remember('an-opaque-token-of-the-external-server', 'access_token')
const rows: Record<string, Row> = {
  'RFC 9068 §4: a token for another service': {
    ...{ fault: 'external-token-audience', claims: { aud: 'https://other.example' } },
    facts: { claim: 'aud', expected: node.identifierOf('staff') },
  },
  'OpenID4VCI §12.2.4: a token of a wallet that may not come': {
    ...{ fault: 'external-token-audience', claims: { client_id: 'pocket' } },
    facts: { claim: 'client_id', expected: ['test-wallet'] },
  },
  'RFC 6750 §3.1: a token without a scope of this issuer': {
    ...{ fault: 'external-token-audience', claims: { scope: 'openid' }, status: 403 },
    facts: { claim: 'scope', expected: ['badge', 'library'] },
  },
  'RFC 9068 §4: an ID token': {
    ...{ fault: 'external-token-type', header: { typ: 'JWT' }, facts: { claim: 'typ' } },
  },
  'RFC 7515 §5.2: a token signed by a stranger': {
    ...{ fault: 'external-token-signature', key: stranger.privateKey },
    facts: { reason: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' },
  },
  'RFC 9068 §4: a token that has expired': {
    ...{ fault: 'external-token-expired', claims: { exp: now - 31 }, facts: { claim: 'exp' } },
  },
  'RFC 9068 §2.2: a token that names nobody': {
    ...{ fault: 'external-token-malformed', claims: { sub: undefined }, facts: { claim: 'sub' } },
  },
  'RFC 8693 §4.1: a token of somebody who acts for the person': {
    ...{ fault: 'external-token-impersonated', claims: { act: { sub: 'root' } }, facts: { claim: 'act' } },
  },
  'RFC 7662 §2.2: a token that the server does not know any more': {
    ...{ fault: 'external-token-inactive', issuer: 'asked', token: opaque, facts: { issuer: server.issuer } },
  },
  'RFC 7662 §2.3: the server does not let us ask': {
    ...{ fault: 'external-introspection-refused', issuer: 'asked', token: opaque, status: 503 },
    ...{ spoil: { secret: 'another' }, facts: { issuer: server.issuer, status: 401 } },
  },
  'RFC 7662 §2: the server is down': {
    ...{ fault: 'external-server-unavailable', issuer: 'asked', token: opaque, status: 503 },
    ...{ spoil: { down: true }, facts: { host: new URL(server.issuer).host, status: 503 } },
  },
  'RFC 8414 §3: the server publishes nothing of itself': {
    ...{ fault: 'external-server-metadata', issuer: 'both', claims: { iss: second }, status: 503 },
    facts: { issuer: second, member: 'document' },
  },
  'OIDC Core §5.3.2: UserInfo is of another person': {
    ...{ fault: 'external-userinfo-refused', issuer: 'informed', status: 503 },
    ...{ spoil: { userinfo: { sub: 'mallory', given_name: 'Mallory' } }, facts: { claim: 'sub' } },
  },
}
const codes = { 401: 'invalid_token', 403: 'insufficient_scope', 503: 'temporarily_unavailable' }
const sessions = async () => (await node.services.database.db('sessions').count({ n: '*' }))[0]?.n

for (const [what, { fault, issuer = 'staff', spoil = {}, status = 401, facts, ...made }] of Object.entries(rows)) {
  test.serial(`${what}: ${fault}: the wallet hears a code, and the log has what was seen`, async (t) => {
    const { aud = node.identifierOf(issuer), ...claims } = made.claims ?? {}
    const { header = {}, key } = made
    const token = made.token ?? (await server.token(aud, { claims, header, ...(key && { key }) }))
    const [wallet, before] = [node.wallet(issuer), await sessions()]
    await wallet.metadata()
    lines.length = 0
    Object.assign(server, spoil)
    t.teardown(() => Object.assign(server, { down: false, secret: serverSecret, userinfo: {} }))
    const answer = await wallet.credential(token, { clientId: 'test-wallet' })
    t.like(answer, { status, body: { error: codes[status] } })
    if (status === 503) t.is(answer.headers.get('retry-after'), '60')
    else t.is(answer.headers.get('www-authenticate'), `Bearer error="${codes[status]}"`)

    const refused = lines.filter(({ msg }) => msg === 'Request refused')
    t.is(refused.length, 1)
    t.like(refused[0], { level: 'warn', error: codes[status], cause: { fault, ...facts } })
    t.regex(String(refused[0]?.reference), /^[0-9A-Z]{4}-[0-9A-Z]{4}$/)
    for (const text of [answer.text, JSON.stringify(lines)]) {
      assertSilent(t, text)
      t.notRegex(text, /mallory|pocket|other\.example|opaque/i)
    }
    t.is(await sessions(), before, 'nothing was begun')
  })
}

test('every fault of an external token or its server has a row here, but the one that has a session', (t) => {
  const shown = new Set<string>([...Object.values(rows).map(({ fault }) => fault), 'external-claims-missing'])
  t.deepEqual([...shown].toSorted(), Object.keys(externalFaults).toSorted())
})
