import test, { type ExecutionContext } from 'ava'
import { faultHelp } from '../../src/model/faults/index.ts'
import type { Spoil } from '../support/identity-provider.ts'
import { startTestNode } from '../support/node.ts'
import { elementOf } from '../support/plain-browser.ts'
import {
  anybody,
  assertSilent,
  assertTold,
  newestSession,
  retryOn,
  type Told,
  traceOf,
} from '../support/session-trace.ts'
import { answerIn } from '../support/way.ts'

// Faults that lie with the person: who signs in, with what offer, how late, and who says no.

const node = await startTestNode()
const provider = node.identityProvider
test.after.always(() => node.stop())
test.afterEach.always(() => {
  provider.spoil = {}
})
const callback = `${node.url}/test/callback/idp`
const denied = (help: string): Told => ({ help, error: 'access_denied' })

/** A sign-in up to the provider's answer: `offer` is one for this person only. */
async function upToAnswer({ username = 'alice', subject }: { username?: string; subject?: object } = {}) {
  const issuer = subject ? 'campus' : 'staff'
  const wallet = node.wallet(issuer)
  const offer =
    subject &&
    (await node.offer({
      issuer,
      grants: ['authorization_code'],
      subject: { identity_provider: 'idp', ...subject } as never,
    }))
  const person = anybody(wallet.redirectUri)
  const answer = await person.signIn(
    await wallet.authorizeUrl(offer && { issuer_state: offer.issuerState }),
    username,
    callback,
  )
  return { ...person, wallet, answer }
}

test.serial(
  'OIDC Core §3.1.2.7: callback-expired: who takes longer than a quarter of an hour begins again',
  async (t) => {
    const { go, press, answer, wallet, language } = await upToAnswer()
    node.wait({ minutes: 16 })
    const page = await go(answer)
    await assertTold(t, node, page, { ...denied('sign-in-expired'), fault: 'callback-expired', language, wallet })
    const again = await press(await go(retryOn(page)), 'sign-in', { username: 'alice', password: 'alice' })
    t.truthy(elementOf(again, 'approve'))
  },
)

const [hers, email] = [
  'alice@acme.example',
  (more: object): Spoil => ({
    idToken: ({ email: _, email_verified: __, ...claims }) => ({ ...claims, ...more }),
    json: { '/me': ({ email: _, email_verified: __, ...claims }) => claims },
  }),
]
const strangers: Record<string, Told & { username?: string; subject: object; spoil?: Spoil }> = {
  'person-mismatch': { ...denied('wrong-person'), username: 'bob', subject: { sub: 'alice' } },
  'email-unverified': {
    ...{ ...denied('email-not-verified'), subject: { email: hers } },
    spoil: email({ email: hers, email_verified: false }),
  },
}
for (const [fault, { username, subject, spoil = {}, ...told }] of Object.entries(strangers)) {
  test.serial(`VCI-42: ${fault}: the trace says how the offer names its person, and not whom`, async (t) => {
    const { go, answer, wallet, language } = await upToAnswer({ ...(username && { username }), subject })
    provider.spoil = spoil
    await assertTold(t, node, await go(answer), { ...told, fault, language, wallet })
  })
}

/** What a no leads to: the wallet hears of it at once, and the trace says whose no it was. */
async function declined(t: ExecutionContext, url: string, fault: keyof typeof faultHelp, at: string) {
  t.like(answerIn(url), { error: 'access_denied' })
  const trace = await traceOf(node, await newestSession(node))
  t.is(trace.state, 'declined')
  t.like(trace.events.at(-1), { type: 'session.declined', details: { at, fault }, ...faultHelp[fault] })
  assertSilent(t, trace.text)
}

test.serial('RFC 6749 §4.1.2.1: idp-declined: who cancels at the provider is back in the wallet at once', async (t) => {
  const { url } = await node.wallet('staff').signIn({ signIn: 'cancel' })
  await declined(t, url, 'idp-declined', 'sign-in')
})

test.serial('OpenID4VCI §15.1: consent-declined: who declines on our page is back in the wallet at once', async (t) => {
  const { url } = await node.wallet('staff').signIn({ decision: 'deny' })
  await declined(t, url, 'consent-declined', 'consent')
})

test.serial('OIDC Core §3.1.2.6: idp-login-required: in a new try the provider shows its page', async (t) => {
  const wallet = node.wallet('staff')
  const { go, press, language } = anybody(wallet.redirectUri)
  const fields = { username: 'alice', password: 'alice' }
  provider.spoil = {
    callback: (query) => {
      query.delete('code')
      query.set('error', 'login_required')
    },
  }
  const page = await press(await go(await wallet.authorizeUrl()), 'sign-in', fields)
  provider.spoil = {}
  await assertTold(t, node, page, { ...denied('sign-in-cancelled'), fault: 'idp-login-required', language, wallet })
  const again = await go(retryOn(page))
  t.truthy(elementOf(again, 'sign-in'), 'the provider asks')
  t.truthy(elementOf(await press(again, 'sign-in', fields), 'approve'))
})
