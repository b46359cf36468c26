import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import test from 'ava'
import { has } from '../support/addresses.ts'
import type { TestAnswer } from '../support/answers.ts'
import { heldStatus } from '../support/held-status.ts'
import { makeRealm } from '../support/keycloak-realm.ts'
import { startTestNode, type TestNode } from '../support/node.ts'
import { readSdJwt, rootOf } from '../support/read-sd-jwt.ts'
import { isRefused } from '../support/refusals.ts'
import { needsSerially } from '../support/service.ts'

// What happens to accounts of a real Keycloak between issuance and renewal, in a realm made for this file.

type Realm = Awaited<ReturnType<typeof makeRealm>>
let realm: Realm
let node: TestNode
let id: string
test.before(async () => {
  if (!has('Keycloak')) return
  realm = await makeRealm()
  id = await realm.idOf('alice')
  // People of an imported realm have no default roles, and without this one Keycloak gives them no offline token.
  const role = (await realm.ask('GET', '/roles/offline_access')) as Record<string, unknown>
  await realm.ask('POST', `/users/${id}/role-mappings/realm`, [role])
  const { url, client_secret } = realm.settings
  node = await startTestNode({
    tenantFile: join(import.meta.dirname, '../support/fixtures/renewal-keycloak.yaml'),
    environment: { KEYCLOAK: url, REALM: realm.realm, REALM_SECRET: client_secret },
  })
})
test.after.always(async () => {
  await node?.stop()
  await realm?.remove()
})

const withKeycloak = needsSerially('Keycloak')

/** Changes the account as an administrator of the realm would. */
async function change(members: Record<string, unknown>): Promise<void> {
  const account = (await realm.ask('GET', `/users/${id}`)) as Record<string, unknown>
  await realm.ask('PUT', `/users/${id}`, { ...account, ...members })
}

/** A wallet of alice that holds a credential. */
async function issued(issuer: string) {
  const wallet = node.wallet(issuer, { dpop: true })
  const signedIn = await wallet.signIn({ username: 'alice', signIn: 'kc-login' })
  if (!signedIn.code) throw new Error(signedIn.page.text.replaceAll(/<[^>]*>/g, ' '))
  const token = await wallet.redeem(signedIn)
  const identifier = node.identifierOf(issuer)
  const fetchBy = async (by: TestAnswer) => {
    const answer = await wallet.credential(by)
    if (answer.status !== 200) throw new Error(answer.text)
    const trust = { root: await rootOf(identifier), issuer: identifier, at: node.services.clock() }
    return { answer, claims: (await readSdJwt(answer.body.credentials[0]!.credential, trust)).claims }
  }
  const { answer } = await fetchBy(token)
  const status = () => {
    node.wait({ minutes: 20 }) // past the list's time to live
    return heldStatus(answer, { issuer: identifier, now: node.services.clock() })
  }
  const renew = () => wallet.refresh(token)
  return { wallet, renew, fetchBy, status }
}
async function refusal(): Promise<Record<string, unknown>> {
  const event = await node.services.database
    .db('events')
    .where({ type: 'session.wallet_refused' })
    .orderBy('id', 'desc')
    .first()
  return JSON.parse(event.details) as Record<string, unknown>
}

withKeycloak(
  'VCI-126: what was changed at Keycloak arrives in the renewed credential, from its tokens and its directory',
  async (t) => {
    const { renew, fetchBy } = await issued('denying')
    await change({ lastName: 'Renamed', attributes: { badge: ['gold'] } })
    const renewed = await renew()
    t.is(renewed.status, 200, renewed.text)
    t.like((await fetchBy(renewed)).claims, { given_name: 'alice', surname: 'Renamed', badge: 'gold' })
  },
)

withKeycloak(
  'refresh-account-ended: the wallet of a disabled account gets nothing more, also when the account is back',
  async (t) => {
    const { renew, status } = await issued('denying')
    await change({ enabled: false })
    isRefused(t, await renew(), 'invalid_grant')
    t.like(await refusal(), {
      fault: 'refresh-account-ended',
      endpoint: 'token',
      facts: { upstream: 'idp-user-disabled' },
    })
    t.is(await status(), 'valid', 'what the wallet holds is another matter')
    await change({ enabled: true })
    isRefused(t, await renew(), 'invalid_grant')
    const anew = await issued('denying')
    t.is((await anew.renew()).status, 200)
  },
)

withKeycloak(
  'refresh-account-ended, VCI-126: a verifier sees the credential of a disabled account suspended until the account is back',
  async (t) => {
    for (const issuer of ['suspending', 'looking-up']) {
      const { renew, fetchBy, status } = await issued(issuer)
      t.is(await status(), 'valid')
      await change({ enabled: false })
      isRefused(t, await renew(), 'invalid_grant', issuer)
      t.like(await refusal(), { fault: 'refresh-account-ended' })
      t.is(await status(), 'suspended', issuer)
      await change({ enabled: true, lastName: `Back at ${issuer}` })
      const renewed = await renew()
      t.is(renewed.status, 200, renewed.text)
      t.is((await fetchBy(renewed)).claims.surname, `Back at ${issuer}`)
      t.is(await status(), 'valid', issuer)
    }
  },
)

withKeycloak(
  'VCI-126: where the issuer vouches on, the claims of last time are issued for an account that has ended',
  async (t) => {
    const { renew, fetchBy } = await issued('reissuing')
    await change({ lastName: 'Alumna' })
    t.like((await fetchBy(await renew())).claims, { surname: 'Alumna' })
    await change({ enabled: false })
    const renewed = await renew()
    t.is(renewed.status, 200, renewed.text)
    t.like((await fetchBy(renewed)).claims, { surname: 'Alumna' })
    await change({ enabled: true })
  },
)

withKeycloak(
  'refresh-session-ended: a sign-out does not hurt an offline token; an administrator who logs the person out ends it, and suspends nothing',
  async (t) => {
    const { renew, status } = await issued('suspending')
    const sessions = (await realm.ask('GET', `/users/${id}/sessions`)) as { id: string }[]
    t.true(sessions.length > 0)
    for (const session of sessions) await realm.ask('DELETE', `/sessions/${session.id}`)
    t.is((await renew()).status, 200)
    await pause(1100) // Keycloak counts in seconds, and ends what is older than that
    await realm.ask('POST', `/users/${id}/logout`)
    isRefused(t, await renew(), 'invalid_grant')
    t.like(await refusal(), { fault: 'refresh-session-ended', facts: { description: 'Stale token' } })
    t.is(await status(), 'valid')
  },
)

withKeycloak(
  'refresh-account-ended: Keycloak answers for a deleted account as for a sign-out, and its directory tells them apart',
  async (t) => {
    const { renew, status } = await issued('suspending')
    await realm.ask('DELETE', `/users/${id}`)
    isRefused(t, await renew(), 'invalid_grant')
    t.like(await refusal(), { fault: 'refresh-account-ended', facts: { upstream: 'admin-api-user-missing' } })
    t.is(await status(), 'suspended')
  },
)
