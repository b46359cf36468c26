import { join } from 'node:path'
import test from 'ava'
import { makeFetch } from '../../src/lib/http-client.ts'
import { type Answer, startEntra } from '../support/entra-double.ts'
import { acme, entraClient, partner, people } from '../support/entra-people.ts'
import { graphError, overageOf, type Recorded, references, refusalOf } from '../support/entra-recorded.ts'
import { startTestNode } from '../support/node.ts'
import { remember } from '../support/secrets.ts'
import { anybody, assertTold, type Told } from '../support/session-trace.ts'
import { testWallet } from '../support/wallet.ts'

// What Microsoft's sign-in and Graph answer, by the documentation, when something is wrong: through a node.

type Json = Record<string, unknown>
type Row = Told & {
  fault: string
  token?: Recorded
  idToken?: (claims: Json) => Json
  graph?: Answer
  issuer?: 'staff' | 'plain'
  facts?: Json
}

const entra = await startEntra({ redirectUri: 'set below' })
const node = await startTestNode({
  tenantFile: join(import.meta.dirname, '../support/fixtures/entra.yaml'),
  fetch: entra.redirected(makeFetch({ allowAddresses: ['127.0.0.0/8', '::1/128'] })),
  environment: {
    ...{ ENTRA_DIRECTORY: acme, ENTRA_CLIENT_ID: entraClient.client_id },
    ENTRA_CLIENT_SECRET: remember(entraClient.client_secret),
  },
})
test.after.always(() => Promise.all([node.stop(), entra.stop()]))

const setUp = { help: 'provider-set-up', error: 'server_error' }
const later = { help: 'provider-unavailable', error: 'temporarily_unavailable' }
const denied = (help: string): Told => ({ help, error: 'access_denied' })
const alice = String(people.alice?.claims.oid)

const atToken: [fault: string, Told, Recorded][] = [
  ['idp-secret-wrong', setUp, 'AADSTS7000215'],
  ['idp-secret-expired', setUp, 'AADSTS7000222'],
  ['idp-client-unknown', setUp, 'AADSTS700016'],
  ['idp-auth-method', setUp, 'AADSTS7000218'],
  ['idp-assertion-refused', setUp, 'AADSTS700027'],
  ['idp-scope-unknown', setUp, 'AADSTS70011'],
  ['idp-broker-failed', setUp, 'AADSTS40008'],
  ['idp-code-refused', denied('provider-answer'), 'AADSTS54005'],
  ['idp-consent-required', denied('sign-in-refused'), 'AADSTS65001'],
  ['idp-not-assigned', denied('sign-in-refused'), 'AADSTS50105'],
  ['idp-policy-blocked', denied('sign-in-refused'), 'AADSTS53003'],
  ['idp-user-disabled', denied('sign-in-refused'), 'AADSTS50057'],
  ['idp-wrong-directory', denied('other-organisation'), 'AADSTS50020'],
  ['idp-throttled', later, 'AADSTS90055'],
  ['idp-temporarily-unavailable', later, 'AADSTS90033'],
]
const refusals = atToken.map(([fault, told, number]): [string, Row] => [
  `${number} at the token endpoint`,
  { ...told, fault, token: number, facts: { number, trace: references.trace, correlation: references.correlation } },
])
const others: Record<string, Row> = {
  'an account of another directory': {
    ...{ ...denied('other-organisation'), fault: 'id-token-directory', facts: { directory: partner } },
    idToken: (claims) => ({ ...claims, tid: partner }),
  },
  'a guest of the directory, where guests are refused': {
    ...{ ...denied('not-eligible'), fault: 'id-token-guest', facts: { directory: acme, missing: false } },
    ...{ issuer: 'plain', idToken: (claims) => ({ ...claims, acct: 1 }) },
  },
  'guests are refused, and the token does not tell whether one is': {
    ...{ ...denied('not-eligible'), fault: 'id-token-guest', facts: { directory: acme, missing: true } },
    ...{ issuer: 'plain', idToken: ({ acct: _, ...claims }) => claims },
  },
  'more groups than a token holds, and no Graph to ask': {
    ...{ help: 'too-many-groups', error: 'server_error', fault: 'groups-overage', issuer: 'plain' },
    idToken: (claims) => ({ ...claims, ...overageOf(alice) }),
  },
  'Graph does not let the application read people': {
    ...{ ...setUp, fault: 'admin-api-denied', graph: graphError(403, 'Authorization_RequestDenied') },
    facts: { permission: 'User.Read.All' },
  },
  'Graph does not take the application’s token': {
    ...{ ...setUp, fault: 'admin-api-auth', graph: graphError(401, 'InvalidAuthenticationToken') },
  },
  'Graph takes no more requests': {
    ...{ help: 'source-unavailable', error: 'temporarily_unavailable', fault: 'admin-api-unavailable' },
    graph: { status: 429, body: {}, headers: { 'retry-after': '17' } },
  },
  'Graph does not understand the question': {
    ...{ ...setUp, fault: 'admin-api-refused', graph: graphError(400, 'BadRequest') },
    facts: { endpoint: 'graph', status: 400 },
  },
  'Graph has no such person': {
    ...{ ...denied('source-unknown-person'), fault: 'admin-api-user-missing' },
    graph: graphError(404, 'Request_ResourceNotFound'),
  },
}

for (const [what, { token, idToken, graph, issuer = 'staff', ...told }] of [...refusals, ...Object.entries(others)]) {
  test.serial(`Entra ID: ${told.fault}: ${what}`, async (t) => {
    entra.redirectUri = `${node.url}/test/callback/${issuer === 'staff' ? 'entra' : 'tokens'}`
    const wallet = testWallet(node.identifierOf(issuer), { clock: node.services.clock })
    const { go, signIn, language } = anybody(wallet.redirectUri, entra.redirected(fetch))
    const details = [{ type: 'openid_credential', credential_configuration_id: 'RoleCard' }]
    const members = issuer === 'plain' ? { authorization_details: JSON.stringify(details), scope: undefined } : {}
    const answer = await signIn(await wallet.authorizeUrl(members), 'alice', entra.redirectUri)
    entra.idToken = idToken ?? ((claims) => claims)
    entra.answers = { ...(token && { '/token': refusalOf(token) }), ...(graph && { [`users/${alice}`]: graph }) }
    const page = await go(answer)
    entra.answers = {}
    await assertTold(t, node, page, { ...told, language, wallet })
  })
}
