import test from 'ava'
import type { Browser, Page } from 'playwright-core'
import { addressOf, has } from '../support/addresses.ts'
import { launchChromium, newPage } from '../support/browser.ts'
import { rotateKeys } from '../support/keycloak-keys.ts'
import { makeRealm } from '../support/keycloak-realm.ts'
import { startTestNode, type TestNode } from '../support/node.ts'
import { calledBack } from '../support/person.ts'
import { readSdJwt, rootOf } from '../support/read-sd-jwt.ts'
import { needsSerially } from '../support/service.ts'
import { newestSession, traceOf } from '../support/session-trace.ts'
import { applyTestTenant } from '../support/tenant.ts'

// A realm in which our client has no secret and has to do all that Keycloak can ask of it: the keys are those that the node made for this
// provider, and Keycloak fetches them from the node. A person in Chromium on Keycloak's own page.

let realm: Awaited<ReturnType<typeof makeRealm>>
let node: TestNode
let browser: Browser
test.before(async () => {
  if (!has('Chromium') || !has('Keycloak')) return
  ;[realm, node, browser] = [await makeRealm(), await startTestNode(), await launchChromium()]
  await realm.ask('POST', '/clients', {
    ...{ clientId: 'strict', protocol: 'openid-connect', publicClient: false, standardFlowEnabled: true },
    ...{ clientAuthenticatorType: 'client-jwt', redirectUris: [`${node.url}/test/callback/keycloak`] },
    attributes: {
      // The address that the guide names; by number, for the node listens on IPv4 alone.
      ...{
        'use.jwks.url': 'true',
        'jwks.url': `${node.url.replace('localhost', '127.0.0.1')}/test/callback/keycloak/jwks`,
      },
      ...{ 'token.endpoint.auth.signing.alg': 'ES256', 'require.pushed.authorization.requests': 'true' },
      ...{ 'request.object.signature.alg': 'ES256', 'request.object.required': 'request or request_uri' },
      ...{ 'dpop.bound.access.tokens': 'true', 'user.info.response.signature.alg': 'RS256' },
      ...{ 'id.token.encrypted.response.alg': 'RSA-OAEP-256', 'id.token.encrypted.response.enc': 'A128CBC-HS256' },
    },
  })
  const { url, realm: name } = realm.settings
  const keycloak = {
    ...{ kind: 'keycloak', url, realm: name, client_id: 'strict', display: [{ name: 'Keycloak', locale: 'en' }] },
    ...{ par: 'required', request_object: 'signed', dpop: 'required' },
  }
  const claims = { given_name: { from: 'id_token.given_name', mandatory: true }, email: { from: 'userinfo.email' } }
  await applyTestTenant(node.services, node.identityProvider, {
    providers: { keycloak },
    settings: {
      staff: {
        grants: { authorization_code: { identity_providers: ['keycloak'] } },
        credential_configurations: { EmployeeBadge: { format: 'dc+sd-jwt', claims } },
      },
    },
  })
})
test.after.always(async () => {
  await browser?.close()
  await node?.stop()
  await realm?.remove()
})
const withKeycloak = needsSerially('Keycloak', 'Chromium')

/** From the wallet's request to the credential; `meanwhile` is what happens while the person is on Keycloak's page. */
async function claim(meanwhile?: (page: Page) => Promise<unknown>) {
  const wallet = node.wallet('staff')
  const { page, complaints } = await newPage(browser)
  await page.goto(String(await wallet.authorizeUrl()))
  await page.waitForSelector('#kc-login')
  const asked = new URL(page.url())
  await meanwhile?.(page)
  await page.fill('#username', 'alice')
  await page.fill('#password', 'alice')
  await page.click('#kc-login')
  await page.waitForSelector('#approve')
  const back = await calledBack(page, wallet.redirectUri, () => page.click('#approve'))
  await page.context().close()
  const code = new URL(back).searchParams.get('code') ?? ''
  const { body } = await wallet.credential(await wallet.redeem({ code }))
  const { claims } = await readSdJwt(body.credentials?.[0]?.credential ?? '', {
    ...{ root: await rootOf(wallet.issuer), issuer: wallet.issuer },
  })
  return { claims, asked, complaints, trace: await traceOf(node, await newestSession(node)) }
}

withKeycloak(
  'VCI-72, RFC 9126, RFC 7523 §2.2, OIDC Core §6.1, RFC 9449, OIDC Core §10.2: with keys that the node made and publishes, a person gets a credential through a Keycloak that asks for everything',
  async (t) => {
    const { claims, asked, complaints, trace } = await claim()
    t.is(asked.origin, addressOf('Keycloak'))
    // Keycloak's page has a query of its own; nothing of the request passed through the browser.
    for (const name of ['redirect_uri', 'scope', 'nonce', 'state']) t.false(asked.searchParams.has(name), name)
    t.like(claims, { given_name: 'alice', email: 'alice@realm.example' })
    t.deepEqual(complaints, [])
    t.is(trace.credentials.length, 1)
  },
)

withKeycloak(
  'OIDC Core §10.1.1: while a person is on Keycloak’s page its signing key is replaced and switched off, and the credential comes',
  async (t) => {
    const keyIds = async () => {
      const { keys } = (await (
        await fetch(`${realm.settings.url}/realms/${realm.realm}/protocol/openid-connect/certs`)
      ).json()) as { keys: { kid: string; use: string }[] }
      return keys.filter(({ use }) => use === 'sig').map(({ kid }) => kid)
    }
    let [before, after]: string[][] = [await keyIds()]
    const { claims, trace } = await claim(async () => {
      await rotateKeys(realm.ask)
      after = await keyIds()
    })
    t.deepEqual(
      after?.filter((kid) => before?.includes(kid)),
      [],
      'no key is published that the node knew',
    )
    t.like(claims, { given_name: 'alice' })
    t.deepEqual(
      trace.events.filter(({ type }) => type === 'session.refused'),
      [],
    )
  },
)
