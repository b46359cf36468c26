import { newSecret } from '../lib/ids.ts'
import { equal, hash } from '../lib/secrets.ts'
import { after } from '../lib/time.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { Missed } from '../store/database.ts'
import type { StoredSignIn } from '../store/sign-ins.ts'
import type { AcceptedRequest } from './accept-request.ts'
import { signInUrl, withWayBack } from './answer-wallet.ts'
import { problemFill } from './problem-fill.ts'
import { patienceSeconds, requestPlace } from './push-authorization-request.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'tables' | 'vault' | 'inTransaction'>

/** The person's browser: the cookie that it holds for a sign-in, the language of its pages, and all its languages (BCP 47, separated by blanks). */
export type Browser = {
  cookie: (id: string) => string | undefined
  language: string
  locales: string | undefined
  /** What the person reads on a page that tells of a refusal. */
  reference?: string | undefined
}

/** A sign-in in the browser that began it: the type is the proof that the cookie was right. `id` is the session's. */
export type OpenSignIn = {
  id: string
  cookie: string
  request: AcceptedRequest
  signIn: Pick<StoredSignIn, 'identityProvider' | 'memorySealed' | 'callbackBy' | 'resultSealed' | 'expiresAt'>
  /** No new try begins after this. */
  patientUntil: Date
}

export const signInSeconds = 900

export const elsewhere = () =>
  new ProtocolError('invalid_request', 'The sign-in is open in another browser.', {
    help: 'another-browser',
    cause: { fault: 'callback-other-browser' },
  })
export const pageOver = () =>
  new ProtocolError('invalid_request', 'This step was done before.', {
    help: 'page-over',
    cause: { fault: 'callback-replayed' },
  })

type Stored = { request: AcceptedRequest; patientUntil: Date }

/** The request of a session, opened. */
export async function openRequest(
  { vault }: Pick<Services, 'vault'>,
  issuer: LiveIssuer,
  stored: { id: string; requestSealed: Buffer; createdAt: Date },
): Promise<Stored> {
  const sealer = await vault.of(issuer.tenantId)
  const request = JSON.parse(sealer.open(requestPlace(stored.id), stored.requestSealed).toString()) as AcceptedRequest
  return { request, patientUntil: after(stored.createdAt, patienceSeconds) }
}

/** The first visit of a request begins its sign-in, in this browser: the cookie's value is new and has to be set. */
export async function firstVisit(services: Needs, issuer: LiveIssuer, id: string, stored: Stored): Promise<OpenSignIn> {
  const { clock, inTransaction } = services
  const cookie = newSecret(services)
  const createdAt = clock()
  const signIn = { id, cookieHash: hash(cookie), createdAt, expiresAt: after(createdAt, signInSeconds) }
  await inTransaction(async (within) => {
    if (!(await within.authorizationRequests.visit(issuer, id, clock()))) {
      // Visited already: by this very call, whose COMMIT went unheard, or by another browser.
      const visited = await within.signIns.find(issuer, id)
      if (visited?.cookieHash !== signIn.cookieHash) throw new Missed(elsewhere())
    }
    await within.signIns.insert(issuer, signIn)
    await within.sessions.update(issuer, id, { state: 'signing_in' })
  })
  const begun = { identityProvider: undefined, memorySealed: undefined, callbackBy: undefined, resultSealed: undefined }
  return { id, cookie, ...stored, signIn: { ...begun, expiresAt: signIn.expiresAt } }
}

/**
 * A sign-in that goes on, if this browser began it and the person has not decided yet.
 * @throws ProtocolError for the page
 */
export async function openSignIn(
  services: Needs,
  issuer: LiveIssuer,
  id: string,
  browser: Browser,
): Promise<OpenSignIn> {
  const { tables } = services
  const signIn = await tables.signIns.find(issuer, id)
  const stored = signIn && (await tables.authorizationRequests.find(issuer, id))
  if (!stored) throw pageOver()
  const opened = await openRequest(services, issuer, stored)
  const cookie = browser.cookie(id)
  const isSame = cookie !== undefined && equal(hash(cookie), signIn.cookieHash)
  // Whoever holds a stranger's link learns no more than this; the way to the wallet is for the browser that began.
  if (!isSame) throw signIn.decision ? pageOver() : elsewhere()
  if (signIn.decision) throw withWayBack(pageOver(), issuer, { request: opened.request })
  return { id, cookie, ...opened, signIn }
}

/** An error on the way of a sign-in, as its page tells it. */
export function wayBack(issuer: LiveIssuer, open: OpenSignIn, { language }: Browser, error: unknown): ProtocolError {
  const { request, signIn } = open
  const about = { configurationIds: request.configurationIds, identityProvider: signIn.identityProvider }
  return withWayBack(error, issuer, {
    request,
    fill: problemFill(issuer, about, language),
    retryHref: signInUrl(issuer, open.id),
  })
}
