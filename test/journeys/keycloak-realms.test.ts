import { join } from 'node:path'
import test from 'ava'
import type { Browser, Page } from 'playwright-core'
import { addressOf, has } from '../support/addresses.ts'
import { launchChromium, newPage } from '../support/browser.ts'
import { foreignWallet } from '../support/foreign-wallet.ts'
import { makeRealm } from '../support/keycloak-realm.ts'
import { startTestNode, type TestNode } from '../support/node.ts'
import { calledBack, problemOn } from '../support/person.ts'
import { readSdJwt, rootOf } from '../support/read-sd-jwt.ts'
import { remember } from '../support/secrets.ts'
import { needsSerially } from '../support/service.ts'

// One issuer with two realms of a real Keycloak, both made for this file: a person in Chromium, and a wallet that others wrote.

const apiKey = remember('platform-key-of-the-two-realms-0123456789', 'API key')

type Realm = Awaited<ReturnType<typeof makeRealm>>
let [office, plant]: (Realm | undefined)[] = []
let node: TestNode
let browser: Browser
test.before(async () => {
  if (!has('Chromium') || !has('Keycloak')) return
  ;[office, plant] = [await makeRealm(), await makeRealm()]
  const { url, client_secret } = office.settings
  node = await startTestNode({
    tenantFile: join(import.meta.dirname, '../support/fixtures/two-realms.yaml'),
    environment: { KEYCLOAK: url, OFFICE: office.realm, PLANT: plant.realm, REALM_SECRET: client_secret },
    config: { apiKey },
  })
  browser = await launchChromium()
})
test.after.always(async () => {
  await browser?.close()
  await node?.stop()
  await office?.remove()
  await plant?.remove()
})

const withKeycloak = needsSerially('Keycloak', 'Chromium')
const wallet = foreignWallet()

async function choose(page: Page, url: URL, provider: 'office' | 'plant', username = 'alice'): Promise<URL> {
  await page.goto(url.href)
  await page.click(`#idp-${provider}`)
  await page.waitForSelector('#kc-login')
  const address = new URL(page.url())
  await page.fill('#username', username)
  await page.fill('#password', username)
  await page.click('#kc-login')
  return address
}

/** The claims of a credential after a sign-in at a realm, and where the person signed in. */
async function claim(provider: 'office' | 'plant', configurationId = 'EmployeeBadge') {
  const { page, complaints } = await newPage(browser)
  const offer = await node.offer({ issuer: 'staff', configuration: configurationId })
  let address = new URL('about:blank')
  const { credentials } = await wallet.claimBySignIn(offer.link, async (url) => {
    address = await choose(page, url, provider)
    return calledBack(page, wallet.redirectUri, () => page.click('#approve'))
  })
  await page.context().close()
  const issuer = node.identifierOf('staff')
  const { claims } = await readSdJwt(credentials[0] ?? '', { root: await rootOf(issuer), issuer })
  return { claims, address, complaints }
}

/** The page that ends a sign-in at the head office, and what is recorded of it. */
async function refused(configurationId = 'EmployeeBadge') {
  const { page } = await newPage(browser)
  const offer = await node.offer({ issuer: 'staff', configuration: configurationId })
  let problem: Awaited<ReturnType<typeof problemOn>> | undefined
  const attempt = wallet.claimBySignIn(offer.link, async (url) => {
    await choose(page, url, 'office')
    await page.waitForSelector('#problem')
    problem = await problemOn(page)
    return calledBack(page, wallet.redirectUri, () => page.click('#back-to-wallet'))
  })
  const told = await attempt.then(
    () => '',
    (error: Error) => error.message,
  )
  await page.context().close()
  const { db } = node.services.database
  const [event] = await db('events').where({ type: 'session.refused' }).orderBy('id', 'desc')
  return { problem, told, recorded: JSON.parse(event?.details ?? '{}') as Record<string, unknown> }
}

withKeycloak(
  'admin-api-denied: without view-users the person reads that the sign-in needs repair, and what reads no directory is issued',
  async (t) => {
    const account = await office!.idOf('service-account-claimgate')
    const [management] = (await office!.ask('GET', '/clients?clientId=realm-management')) as { id: string }[]
    const path = `/users/${account}/role-mappings/clients/${management?.id}`
    const roles = (await office!.ask('GET', path)) as { name: string }[]
    const taken = roles.filter(({ name }) => name === 'view-users')
    await office!.ask('DELETE', path, taken)
    const { problem, told, recorded } = await refused()
    t.like(problem, { error: 'server_error', help: 'provider-set-up' })
    t.regex(told, /server_error/)
    t.like(recorded, { fault: 'admin-api-denied', error: 'server_error', identity_provider: 'office' })
    t.like((await claim('office', 'LibraryCard')).claims, { username: 'alice' })

    await office!.ask('POST', path, taken)
    t.like((await claim('office')).claims, { employee_id: 'E-77' })
  },
)

withKeycloak(
  'VCI-31: attributes, nested groups and roles of every kind come from the Admin API into a credential',
  async (t) => {
    const { claims, address, complaints } = await claim('office')
    t.true(address.pathname.startsWith(`/realms/${office?.realm}/`))
    t.like(claims, {
      employee_id: 'E-77',
      badge_of: 'office',
      groups: ['/staff', '/staff/engineering/ops'],
      roles: ['employee', 'lead', 'manager'],
      hr_roles: ['approver', 'viewer'],
    })
    t.deepEqual(complaints, [])
  },
)

withKeycloak('a person of the other realm is read by that provider’s own rules, from its tokens', async (t) => {
  const { claims, address } = await claim('plant')
  t.is(address.origin, addressOf('Keycloak'))
  t.true(address.pathname.startsWith(`/realms/${plant?.realm}/`))
  t.like(claims, { employee_id: 'alice@realm.example', badge_of: 'plant' })
  t.deepEqual((claims.groups as string[] | undefined) ?? [], [])
})

withKeycloak('each provider is asked with its own scopes', async (t) => {
  const scopes: Record<string, string | null> = {}
  for (const provider of ['office', 'plant'] as const) {
    const { page } = await newPage(browser)
    page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url())
      if (pathname.endsWith('/protocol/openid-connect/auth')) scopes[provider] = searchParams.get('scope')
    })
    const offer = await node.offer({ issuer: 'staff', configuration: 'EmployeeBadge' })
    await wallet
      .claimBySignIn(offer.link, async (url) => {
        await choose(page, url, provider, 'nora')
        await page.waitForSelector('#problem, #approve')
        throw new Error('far enough')
      })
      .catch((error: Error) => t.is(error.message, 'far enough'))
    await page.context().close()
  }
  t.deepEqual(scopes, { office: 'openid profile', plant: 'openid email' })
})

async function previewOf(configurationId: string, body: object) {
  const path = `issuers/staff/credential-configurations/${configurationId}/claim-mapping/preview`
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
  const request = { method: 'POST', headers, body: JSON.stringify(body) }
  const answer = await fetch(`${node.url}/api/v1/tenants/test/${path}`, request)
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

/** What rules made, without what every credential has of its issuer. */
const mapped = (claims: Record<string, unknown>) => {
  const { iss, vct, iat, exp, nbf, cnf, status, ...others } = claims
  return others
}

withKeycloak(
  'a preview of a person by Keycloak’s own evaluation has the very claims that a sign-in puts into the credential',
  async (t) => {
    for (const configurationId of ['ContactCard', 'EmployeeBadge']) {
      const { status, body } = await previewOf(configurationId, { identity_provider: 'office', user: 'alice' })
      t.is(status, 200)
      t.like(body, { from: 'identity_provider', verified: true, issuable: true, identity_provider: 'office' })
      const { claims } = await claim('office', configurationId)
      t.deepEqual(body.claims, mapped(claims), configurationId)
    }
    const { body } = await previewOf('ContactCard', { identity_provider: 'office', user: 'alice@realm.example' })
    const origins = (body.rules as { claim: string; origin: string }[]).map(({ claim, origin }) => [claim, origin])
    t.deepEqual(Object.fromEntries(origins), {
      ...{ username: 'id_token.preferred_username', name: 'userinfo.name', initials: 'cel', email: 'userinfo.email' },
      ...{ employee_id: 'user.attributes.employeeNumber[0]', groups: 'user.groups', site: 'default' },
    })
  },
)

withKeycloak('a preview says what a person lacks, and why a provider cannot tell of one', async (t) => {
  const nora = await previewOf('ContactCard', { identity_provider: 'office', user: 'nora' })
  t.like(nora.body, { issuable: false })
  const [number] = (nora.body.rules as { claim: string; problem?: unknown }[]).filter(({ problem }) => problem)
  t.like(number, { claim: 'employee_id', problem: { kind: 'missing' } })
  t.like(await previewOf('ContactCard', { identity_provider: 'office', user: 'nobody' }), {
    status: 422,
    body: { errors: [{ pointer: '/user' }] },
  })
  t.like(await previewOf('EmployeeBadge', { identity_provider: 'plant', user: 'alice' }), {
    status: 422,
    body: { errors: [{ pointer: '/identity_provider' }] },
  })
})
