import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import test from 'ava'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import type { ClientMetadata } from 'oidc-provider'
import { demoAccounts } from '../../src/demo/accounts.ts'
import type { TestAnswer } from '../support/answers.ts'
import { serverSecret } from '../support/authorization-server.ts'
import { startTestNode } from '../support/node.ts'
import { startStrictProvider } from '../support/strict-provider.ts'
import { answerIn, personAt } from '../support/way.ts'

// The wallet's access token is that of `oidc-provider`, a JWT by RFC 9068 or an opaque one to ask about, for the resource that the issuer is.

const redirectUri = 'https://wallet.example/callback'
const signing = { id_token_signed_response_alg: 'ES256' } as const
const publicClient = { token_endpoint_auth_method: 'none', redirect_uris: [redirectUri], ...signing } as const
/** A client that only asks about tokens. */
const asking: Pick<ClientMetadata, 'redirect_uris' | 'response_types' | 'grant_types'> = {
  ...{ redirect_uris: [], response_types: [], grant_types: [] },
}
const { claims: alice } = demoAccounts.find(({ username }) => username === 'alice')!
const server = await startStrictProvider({
  features: {
    dPoP: { enabled: true, nonceSecret: randomBytes(32) },
    introspection: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_, resource) => ({
        ...{ scope: 'badge library', audience: resource, accessTokenTTL: 300 },
        ...(resource.endsWith('/asked')
          ? { accessTokenFormat: 'opaque' }
          : { accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } }),
      }),
      useGrantedResource: () => true,
    },
  },
  settings: {
    clients: [
      { client_id: 'test-wallet', ...publicClient },
      { client_id: 'pocket', ...publicClient },
      { client_id: 'claimgate', client_secret: serverSecret, ...signing, ...asking },
    ],
    extraTokenClaims: () => ({ given_name: alice.given_name, employee_number: alice.employee_number }),
    async loadExistingGrant({ oidc: { provider, client, session, params } }) {
      const grant = new provider.Grant({ clientId: client!.clientId, accountId: session!.accountId! })
      grant.addOIDCScope('openid')
      grant.addResourceScope(String(params?.resource), 'badge library')
      await grant.save()
      return grant
    },
  },
})
const node = await startTestNode({
  tenantFile: join(import.meta.dirname, '../support/fixtures/external.yaml'),
  environment: { SERVER: server.issuer, SERVER_SECRET: serverSecret },
})
test.after.always(() => Promise.all([node.stop(), server.stop()]))

type Options = { clientId?: string; dpop?: boolean; scope?: string; resource?: string }

/** A wallet with a token of the server's, to which the metadata of the issuer led it. */
async function signedIn(issuer: string, { scope = 'openid badge', resource, ...options }: Options = {}) {
  const wallet = node.wallet(issuer, { clientId: 'test-wallet', ...options })
  const asked = { scope, resource: resource ?? wallet.issuer, authorization_details: undefined }
  const end = await personAt(redirectUri).signIn(await wallet.authorizeUrl(asked), 'alice', redirectUri)
  const token = await wallet.redeem({ code: answerIn(end).code ?? '' })
  if (token.status !== 200) throw new Error(token.text)
  return { wallet, token }
}
const claimsOf = ({ body }: TestAnswer) => decodeJwt(String(body.credentials?.[0]?.credential).split('~')[0] ?? '')

test('VCI-7, RFC 9068 §2: with a JWT that oidc-provider made for this issuer a wallet gets the badge', async (t) => {
  const { wallet, token } = await signedIn('staff')
  t.like(decodeProtectedHeader(String(token.body.access_token)), { typ: 'at+jwt', alg: 'ES256' })
  const answer = await wallet.credential(token, { configurationId: 'EmployeeBadge' })
  t.is(answer.status, 200, answer.text)
  t.like(claimsOf(answer), { employee_id: 'E-1001', seen_by: 'external' })
  const [refused, told] = [
    await wallet.credential(token, { configurationId: 'LibraryCard' }),
    await wallet.notify(token, { notification_id: answer.body.notification_id, event: 'credential_accepted' }),
  ]
  t.is(refused.body.error, 'insufficient_scope')
  t.is(told.status, 204, told.text)
})

test('RFC 8707 §2: a token for another resource of the same server, and its ID token, open nothing', async (t) => {
  const { token, wallet } = await signedIn('staff', { resource: node.identifierOf('both') })
  t.like(await wallet.credential(token), { status: 401, body: { error: 'invalid_token' } })
  const good = await signedIn('staff')
  const idToken = String(good.token.body.id_token)
  t.like(await wallet.credential(idToken), { status: 401, body: { error: 'invalid_token' } })
})

test('RFC 9449 §6: a token that oidc-provider bound to the wallet’s key is good with that key only', async (t) => {
  const { wallet, token } = await signedIn('bound', { dpop: true })
  t.is(token.body.token_type, 'DPoP')
  const answer = await wallet.credential(token)
  t.is(answer.status, 200, answer.text)
  const thief = node.wallet('bound', { clientId: 'test-wallet', dpop: true })
  t.like(await thief.credential(token), { status: 401, body: { error: 'invalid_token' } })
})

test('RFC 7662 §2: oidc-provider is asked about a token that says nothing, and one that was revoked there opens nothing more', async (t) => {
  const { wallet, token } = await signedIn('asked', { clientId: 'pocket' })
  t.notRegex(String(token.body.access_token), /\./)
  const answer = await wallet.credential(token)
  t.is(answer.status, 200, answer.text)
  t.like(claimsOf(answer), { employee_id: 'E-1001', seen_by: 'asked' })
  const { revocation_endpoint } = (await wallet.metadata()).authorizationServer as { revocation_endpoint?: string }
  const body = new URLSearchParams({ token: String(token.body.access_token), client_id: 'pocket' })
  t.is((await fetch(String(revocation_endpoint), { method: 'POST', body })).status, 200)
  t.like(await wallet.credential(token), { status: 401, body: { error: 'invalid_token' } })
})
