import { join } from 'node:path'
import test from 'ava'
import { makeFetch } from '../../src/lib/http-client.ts'
import { startEntra } from '../support/entra-double.ts'
import { acme, entraClient, people } from '../support/entra-people.ts'
import { overageOf, refusalOf } from '../support/entra-recorded.ts'
import { startTestNode } from '../support/node.ts'
import { readSdJwt, rootOf } from '../support/read-sd-jwt.ts'
import { isRefused } from '../support/refusals.ts'
import { remember } from '../support/secrets.ts'
import { testWallet } from '../support/wallet.ts'
import { helpOf } from '../support/way.ts'

const entra = await startEntra({ redirectUri: 'set below' })
const node = await startTestNode({
  tenantFile: join(import.meta.dirname, '../support/fixtures/entra.yaml'),
  fetch: entra.redirected(makeFetch({ allowAddresses: ['127.0.0.0/8', '::1/128'] })),
  settings: {
    plain: { refresh_tokens: {} },
    staff: { refresh_tokens: { claims: 'directory', on_account_ended: 'suspend' } },
  },
  environment: {
    ...{ ENTRA_DIRECTORY: acme, ENTRA_CLIENT_ID: entraClient.client_id },
    ENTRA_CLIENT_SECRET: remember(entraClient.client_secret),
  },
})
test.after.always(() => Promise.all([node.stop(), entra.stop()]))

const walletAt = (issuer: string, options: { dpop?: boolean } = {}) => {
  entra.redirectUri = `${node.url}/test/callback/${issuer === 'staff' ? 'entra' : 'tokens'}`
  return testWallet(node.identifierOf(issuer), {
    fetch: entra.redirected(fetch),
    clock: node.services.clock,
    ...options,
  })
}

test.serial(
  'VCI-28, VCI-72: who signs in at Entra ID gets a badge with what the token and Microsoft Graph know',
  async (t) => {
    const wallet = walletAt('staff')
    const answer = await wallet.redeem(await wallet.signIn())
    t.is(answer.status, 200, answer.text)
    const issued = await wallet.credential(answer)
    t.is(issued.status, 200, issued.text)
    const issuer = node.identifierOf('staff')
    const trusted = { root: await rootOf(issuer), issuer, at: node.services.clock() }
    const { claims } = await readSdJwt(issued.body.credentials[0]?.credential ?? '', trusted)
    t.like(claims, { given_name: 'Alice', employee_id: 'E-1001', groups: ['Staff'] })
  },
)

test.serial(
  'Entra ID: who is in too many groups gets no credential with too few roles, and what needs none all the same',
  async (t) => {
    const alice = String(people.alice!.claims.oid)
    entra.idToken = (claims) => ({ ...claims, ...overageOf(alice), groups: ['the first few'] })
    const wallet = walletAt('plain')
    const asked = (id: string) => ({
      authorization_details: JSON.stringify([{ type: 'openid_credential', credential_configuration_id: id }]),
      scope: undefined,
    })
    const refused = await wallet.signIn({ members: asked('RoleCard') })
    t.is(helpOf(refused.page), 'too-many-groups')
    t.regex(refused.page.text, /could not be read completely/)
    t.notRegex(refused.page.text, /the first few/)
    t.is((await wallet.redeem(await wallet.signIn({ members: asked('LibraryCard') }))).status, 200)
  },
)

/** Why the last renewal was refused. */
async function refusal(): Promise<unknown> {
  const refused = node.services.database.db('events').where({ type: 'session.wallet_refused' })
  return JSON.parse((await refused.orderBy('id', 'desc').first()).details)
}

test.serial(
  'refresh-session-ended: what Microsoft’s numbers mean at a renewal, which its refresh token serves more than once',
  async (t) => {
    const wallet = walletAt('plain', { dpop: true })
    entra.idToken = (claims) => claims
    const token = await wallet.redeem(await wallet.signIn())
    t.is((await wallet.refresh(token)).status, 200)
    const fails = async (number: Parameters<typeof refusalOf>[0], error: string, expected: object) => {
      entra.answers = { '/token': refusalOf(number) }
      const answer = await wallet.refresh(token)
      entra.answers = {}
      t.is(answer.body.error, error, number)
      t.like(await refusal(), expected)
    }
    const number = (value: string) => ({ facts: { number: value } })
    await fails('AADSTS700082', 'invalid_grant', { fault: 'refresh-session-ended', ...number('AADSTS700082') })
    await fails('AADSTS50173', 'invalid_grant', { fault: 'refresh-session-ended', ...number('AADSTS50173') })
    await fails('AADSTS53003', 'invalid_grant', { fault: 'refresh-session-ended' })
    await fails('AADSTS90033', 'temporarily_unavailable', { fault: 'refresh-unavailable' })
    await fails('AADSTS7000222', 'temporarily_unavailable', { fault: 'refresh-unavailable' })
    t.is((await wallet.refresh(token)).status, 200)
    await fails('AADSTS50057', 'invalid_grant', { fault: 'refresh-account-ended' })
    isRefused(t, await wallet.refresh(token), 'invalid_grant', 'for good')
  },
)

test.serial(
  'refresh-account-ended: Microsoft Graph tells of an account that is switched off, and what has changed',
  async (t) => {
    const wallet = walletAt('staff', { dpop: true })
    const token = await wallet.redeem(await wallet.signIn())
    t.is((await wallet.credential(token)).status, 200)
    const statusNow = async () => (await node.services.database.db('credentials').orderBy('id', 'desc').first()).status
    const { user } = entra.people.alice!
    Object.assign(user!, { accountEnabled: false })
    isRefused(t, await wallet.refresh(token), 'invalid_grant')
    t.like(await refusal(), {
      fault: 'refresh-account-ended',
      facts: { upstream: 'idp-user-disabled', endpoint: 'graph' },
    })
    t.is(await statusNow(), 'suspended')
    Object.assign(user!, { accountEnabled: true, employeeId: 'E-2002' })
    const issued = await wallet.credential(await wallet.refresh(token))
    t.is(await statusNow(), 'valid')
    const issuer = node.identifierOf('staff')
    const trusted = { root: await rootOf(issuer), issuer, at: node.services.clock() }
    const { claims } = await readSdJwt(issued.body.credentials[0]?.credential ?? '', trusted)
    t.like(claims, { employee_id: 'E-2002', given_name: 'Alice' })
  },
)
