import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'ava'
import { decodeJwt } from 'jose'
import { demoWallet } from '../../src/demo/wallet.ts'
import { makeKey } from '../../src/wallet/keys.ts'
import { elementOf, type Page, plainBrowser } from '../support/plain-browser.ts'
import { startStubIssuer, stubIssuer, stubOffer } from '../support/stub-issuer.ts'

const now = new Date('2026-11-24T12:00:00Z')
const redirectUri = (wallet: string) => `${wallet}/callback`

/** The demo wallet at a port of its own, and the stub it talks to. */
async function startWallet(t: { teardown(end: () => void): void }, behaviour = {}) {
  const issuer = await startStubIssuer(now, behaviour)
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  server.on('request', demoWallet({ fetch: issuer.fetch, clock: () => now, publicUrl }).callback())
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return { issuer, url: `${publicUrl}/wallet`, browser: plainBrowser() }
}

const checks = ({ text }: Page): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/data-check="(\w+)" data-passed="(\w+)"/g)].map(([, name, passed]) => [name, passed]),
  )
const allPassed = { signature: 'true', issuer: 'true', type: 'true', holder_key: 'true', time: 'true' }

test('VCI-47: the demo wallet takes a pre-authorized offer and shows the credential decoded and checked', async (t) => {
  const { issuer, url, browser } = await startWallet(t)
  const offered = await browser.go(`${url}?${stubOffer('pre_authorized_code')}`)
  t.regex(offered.text, /Acme Staff Office/)
  t.is(elementOf(offered, 'tx-code'), undefined)
  const page = await browser.press(offered, 'accept')
  t.is(page.status, 200)
  t.deepEqual(checks(page), allPassed)
  t.regex(page.text, /data-claim="given_name"><dt>Given name<\/dt><dd>Alice/)
  const token = issuer.requests.find(({ path }) => path.endsWith('/token'))
  t.false(new URLSearchParams(token?.body).has('client_id'), 'anonymous where the issuer allows it')
})

test('VCI-34, VCI-53: the demo wallet asks for the PIN, and asks again when it is wrong', async (t) => {
  const { url, browser } = await startWallet(t)
  const offered = await browser.go(`${url}?${stubOffer('with_pin')}`)
  t.like(elementOf(offered, 'tx-code'), { inputmode: 'numeric', maxlength: '4' })
  const wrong = await browser.press(offered, 'accept', { tx_code: '42' })
  t.truthy(elementOf(wrong, 'tx-code-error'))
  t.regex(wrong.text, /invalid_grant/)
  t.deepEqual(checks(await browser.press(wrong, 'accept', { tx_code: '0042' })), allPassed)
})

test('VCI-38, VCI-44: the demo wallet pushes its request, goes to the issuer and takes only its own answer', async (t) => {
  const { issuer, url, browser } = await startWallet(t)
  const offered = await browser.go(`${url}?${stubOffer('authorization_code')}`)
  const { url: address } = await browser.press(offered, 'accept-sign-in', {}, stubIssuer)
  t.deepEqual(Object.fromEntries(new URL(address).searchParams), {
    client_id: 'claimgate-demo-wallet',
    request_uri: 'urn:ietf:params:oauth:request_uri:1',
  })
  const pushed = new URLSearchParams(issuer.requests.find(({ path }) => path.endsWith('/par'))?.body)
  t.is(pushed.get('redirect_uri'), redirectUri(url))
  t.is(pushed.get('issuer_state'), 'i')

  const answer = (state: string, iss = stubIssuer) =>
    `${redirectUri(url)}?${new URLSearchParams({ code: 'c', state, iss })}`
  for (const wrong of [answer('another'), answer(pushed.get('state') ?? '', 'https://other.example')]) {
    t.is(elementOf(await browser.go(wrong), 'problem')?.['data-error'], 'invalid_response')
  }
  t.is((await plainBrowser().go(answer(pushed.get('state') ?? ''))).status, 400, 'another browser')
  t.deepEqual(checks(await browser.go(answer(pushed.get('state') ?? ''))), allPassed)
})

test('RFC 6749 §4.1.2.1: what the issuer refuses is shown with its code and its words', async (t) => {
  const { issuer, url, browser } = await startWallet(t)
  await browser.press(await browser.go(`${url}?${stubOffer('authorization_code')}`), 'accept-sign-in', {}, stubIssuer)
  const state = new URLSearchParams(issuer.requests.find(({ path }) => path.endsWith('/par'))?.body).get('state') ?? ''
  const answer = new URLSearchParams({ error: 'access_denied', error_description: 'Declined.', state, iss: stubIssuer })
  const page = await browser.go(`${redirectUri(url)}?${answer}`)
  t.is(page.status, 400)
  t.is(elementOf(page, 'problem')?.['data-error'], 'access_denied')
  t.regex(page.text, /Declined\./)
})

test('RFC 9449 §5: the demo wallet uses DPoP where it is offered', async (t) => {
  const { issuer, url, browser } = await startWallet(t, { dpop: true })
  const page = await browser.press(await browser.go(`${url}?${stubOffer('pre_authorized_code')}`), 'accept')
  t.deepEqual(checks(page), allPassed)
  const { headers } = issuer.requests.findLast(({ path }) => path.endsWith('/credential'))!
  t.is(headers.get('authorization'), 'DPoP token-of-the-stub')
  t.truthy(decodeJwt(headers.get('dpop') ?? '').ath)
})

test('a credential for another key, of another type, or over, is shown as failed', async (t) => {
  const { issuer, url, browser } = await startWallet(t)
  const take = async (behaviour: object) => {
    Object.assign(issuer.behaviour, behaviour)
    return checks(await browser.press(await browser.go(`${url}?${stubOffer('pre_authorized_code')}`), 'accept'))
  }
  t.deepEqual(await take({ cnf: { jwk: makeKey().jwk } }), { ...allPassed, holder_key: 'false' })
  const claims = { vct: 'https://issuer.example/other', exp: now.getTime() / 1000 }
  t.deepEqual(await take({ cnf: undefined, claims }), { ...allPassed, type: 'false', time: 'false' })
})

test('an offer can be pasted, and what is no offer ends on a page with its code', async (t) => {
  const { url, browser } = await startWallet(t)
  const welcome = await browser.go(url)
  const link = `openid-credential-offer://?${stubOffer('pre_authorized_code')}`
  t.truthy(elementOf(await browser.press(welcome, 'open-offer', { offer: link }), 'accept'))
  t.is(
    elementOf(await browser.press(welcome, 'open-offer', { offer: 'x' }), 'problem')?.['data-error'],
    'invalid_offer',
  )
  t.is((await browser.go(`${url}/elsewhere`)).status, 404)
})

test('the pages of the demo wallet escape what an issuer sends, come in German, and run no script', async (t) => {
  const { issuer, url, browser } = await startWallet(t)
  Object.assign(issuer.behaviour, { claims: { employee_id: '<script>alert(1)</script>' } })
  await browser.press(await browser.go(`${url}?${stubOffer('pre_authorized_code')}`), 'accept')
  const page = await browser.go(`${url}/credential?lang=de`)
  t.false(page.text.includes('<script'))
  t.regex(page.text, /<html lang="de"[\s\S]*Dienstausweis liegt in Ihrer Wallet/)
  t.regex(page.headers.get('content-security-policy') ?? '', /default-src 'none'/)
})

test('VCI-22: the demo wallet shows a credential in the colours of its issuer', async (t) => {
  const { url, browser } = await startWallet(t)
  const page = await browser.go(`${url}?${stubOffer('pre_authorized_code')}`)
  const address = /<link rel="stylesheet" href="([^"]+)"/.exec(page.text)?.[1] ?? ''
  const { status, text } = await browser.go(new URL(address, page.url))
  t.is(status, 200)
  t.regex(text, /\[data-credential="EmployeeBadge"\] \{ --credential: #16335b; --on-credential: #ffffff/)
})
