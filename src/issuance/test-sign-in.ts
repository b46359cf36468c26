import { inward, newId, newSecret, outward } from '../lib/ids.ts'
import { equal, hash } from '../lib/secrets.ts'
import { after } from '../lib/time.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { Missed } from '../store/database.ts'
import type { StoredSignIn } from '../store/sign-ins.ts'
import { withWayBack } from './answer-wallet.ts'
import { type Provider, providersFor } from './choose-provider.ts'
import { drawTrial } from './draw-trial.ts'
import { neededClaims } from './needed-claims.ts'
import { type Browser, elsewhere, pageOver } from './open-sign-in.ts'
import { problemFill } from './problem-fill.ts'
import { signInWishes, usualWishes } from './sign-in-parameters.ts'

type Needs = Pick<
  Services,
  'clock' | 'random' | 'fetch' | 'providerKeys' | 'config' | 'tables' | 'vault' | 'inTransaction'
>

/** How long its link may be opened, and then how long its administrator may see what came of it. */
export const testSeconds = 3600

/** A test sign-in in the browser that may go on with it. */
export type OpenTest = StoredSignIn & { testedBy: string; identityProvider: string }

export const testUrl = ({ identifier }: LiveIssuer, id: string): string =>
  `${identifier}/test-sign-in/${outward('tsi', id)}`

/**
 * A sign-in at one provider of an issuer, for an administrator to see what the provider says of a person. Its link is good for one
 * browser. What came of it is for `testedBy` alone.
 * @throws ProtocolError `not_found` for a provider that signs nobody in here
 */
export async function createTestSignIn(
  services: Needs,
  issuer: LiveIssuer,
  identityProvider: string,
  testedBy: string,
): Promise<{ id: string; url: string; expiresAt: Date }> {
  const link = issuer.identityProviders.find(({ id }) => id === identityProvider)
  if (!link) throw new ProtocolError('not_found', 'No such identity provider signs people in here.')
  const [id, secret, createdAt] = [newId(services), newSecret(services), services.clock()]
  const expiresAt = after(createdAt, testSeconds)
  // Until a browser opens it, the secret of the link stands in the cookie's place.
  const signIn = { id, cookieHash: hash(secret), testedBy, identityProvider, createdAt, expiresAt }
  await services.tables.signIns.insert(issuer, signIn)
  return { id, url: `${testUrl(issuer, id)}.${secret}`, expiresAt }
}

/**
 * The test sign-in of an address, if this browser opened it or may still do so: then `secret` is that of the link.
 * @throws ProtocolError for the page
 */
export async function findTestSignIn(
  { tables, clock }: Pick<Services, 'tables' | 'clock'>,
  issuer: LiveIssuer,
  handle: string,
  browser: Browser,
): Promise<{ test: OpenTest; secret: string | undefined }> {
  const [outside = '', secret] = handle.split('.')
  const id = inward('tsi', outside)
  const found = id === undefined ? undefined : await tables.signIns.find(issuer, id)
  const { testedBy, identityProvider } = found ?? {}
  if (!found || testedBy === undefined || identityProvider === undefined || found.expiresAt <= clock()) throw pageOver()
  const cookie = browser.cookie(found.id)
  const isOpened = cookie !== undefined && equal(hash(cookie), found.cookieHash)
  const isUnopened = secret !== undefined && equal(hash(secret), found.cookieHash)
  if (!isOpened && !isUnopened) throw elsewhere()
  return { test: { ...found, testedBy, identityProvider }, secret: isOpened ? undefined : secret }
}

/** All that rules of this issuer read, and what providers usually say besides: rules that are yet to be written may read it. */
function wishedFor(issuer: LiveIssuer, { link }: Provider) {
  const needed = neededClaims(issuer, [...issuer.configurations.keys()], link.id)
  const scope = [...new Set(['openid', 'profile', 'email', ...needed.scope.split(' ')])].join(' ')
  return { ...needed, scope, readsUserinfo: true }
}

/**
 * Sends the browser to the provider, on the terms that a sign-in for a credential has. Answers where it goes, and the cookie to set.
 * @throws ProtocolError for the page
 */
export async function beginTestSignIn(
  services: Needs,
  issuer: LiveIssuer,
  handle: string,
  browser: Browser,
): Promise<{ redirect: string; id: string; cookie: string }> {
  const { test, secret } = await findTestSignIn(services, issuer, handle, browser)
  const { id, identityProvider } = test
  const cookie = secret === undefined ? (browser.cookie(id) ?? '') : newSecret(services)
  try {
    const [provider] = providersFor(issuer, { configurationIds: [], identityProvider })
    if (!provider) throw pageOver()
    const usual = usualWishes(browser, test)
    const asked = signInWishes(provider.link, { request: {}, offer: {} }, usual)
    const wishes = { needed: wishedFor(issuer, provider), ...asked }
    const { url, trial } = await drawTrial(services, issuer, id, provider, wishes)
    // A try does not shorten what was said of the link.
    const expiresAt = test.expiresAt > trial.expiresAt ? test.expiresAt : trial.expiresAt
    await services.inTransaction(async (within) => {
      const isMine = secret === undefined || (await within.signIns.open(issuer, id, hash(secret), hash(cookie)))
      if (!isMine) throw new Missed(elsewhere())
      await within.signIns.begin(issuer, id, { ...trial, expiresAt })
    })
    return { redirect: url, id, cookie }
  } catch (error) {
    throw atTestPage(error, issuer, test, browser)
  }
}

/** An error on the way, as its page tells it: with the way back to the test's own page. */
export const atTestPage = (
  error: unknown,
  issuer: LiveIssuer,
  { id, identityProvider }: Pick<OpenTest, 'id' | 'identityProvider'>,
  { language }: Browser,
): ProtocolError =>
  withWayBack(error, issuer, {
    retryHref: testUrl(issuer, id),
    fill: problemFill(issuer, { configurationIds: [], identityProvider }, language),
  })
