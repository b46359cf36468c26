import { chooserPage } from '../../src/http/pages/chooser.ts'
import { consentPage } from '../../src/http/pages/consent.ts'
import { contentSecurityPolicy, type PageContext } from '../../src/http/pages/context.ts'
import { offerPage } from '../../src/http/pages/offer.ts'
import { offerSignInPage } from '../../src/http/pages/offer-sign-in.ts'
import type { OfferPage } from '../../src/http/pages/offer-state.ts'
import { problemPage } from '../../src/http/pages/problem.ts'
import { signInPage } from '../../src/http/pages/sign-in.ts'
import { startPage } from '../../src/http/pages/start.ts'
import { assetsBelow } from '../../src/http/pages/static.ts'
import { testSignInPage } from '../../src/http/pages/test-sign-in.ts'
import type { Language } from '../../src/http/pages/texts/index.ts'

export const assets = assetsBelow('/static/')

/** A context in which every text that comes from outside passes through `say`, so that it can be made hostile. */
export const contextOf = (language: Language, say: (text: string) => string = (text) => text): PageContext => ({
  language,
  path: '/demo/staff/offer/q7Yx?from=portal',
  reference: '7KQ4-M2XD',
  stylesheet: '/static/pages.css',
  assets,
  issuer: {
    name: say(language === 'de' ? 'Acme Personalbüro' : 'Acme Staff Office'),
    host: say('issuer.acme.example'),
    identifier: say('https://issuer.acme.example/demo/staff'),
    logo: assets['acme.svg'],
    logoDark: assets['acme-dark.svg'],
    help: { name: say(language === 'de' ? 'die Acme-IT-Hilfe' : 'the Acme help desk'), email: 'helpdesk@acme.example' },
    privacyUri: 'https://acme.example/privacy',
    imprintUri: 'https://acme.example/imprint',
    timeZone: 'Europe/Berlin',
  },
})

const offerLink = `openid-credential-offer://?credential_offer_uri=${encodeURIComponent(`https://issuer.acme.example/demo/staff/offers/${'q7Yx2mVt0Zk5aJd8Rf1LwCbN3uHsE6pGoXi9TzKvAyM'}`)}`
const callback = 'example-wallet://callback?error=access_denied&state=8f1c'

type Sample = { name: string; html: string; policy: string; status?: number }

/** Every page in every state. */
export function samples(language: Language, say: (text: string) => string = (text) => text): Sample[] {
  const word = (english: string, german: string) => say(language === 'de' ? german : english)
  const context = contextOf(language, say)
  const english = ['Given name', 'Family name', 'Employee number', 'Department', 'Roles']
  const claims = (language === 'de' ? ['Vorname', 'Nachname', 'Personalnummer', 'Abteilung', 'Rollen'] : english).map(
    say,
  )
  const badge = { id: 'EmployeeBadge', name: word('Employee badge', 'Dienstausweis'), claims }
  const permit = {
    id: 'ResidencePermit',
    name: word('Residence permit', 'Aufenthaltstitel'),
    claims: claims.slice(0, 2),
  }
  const card = { id: 'StudentCard', name: word('Student card', 'Studierendenausweis'), claims: claims.slice(0, 3) }
  const account = word('Acme account', 'Acme-Konto')
  const waiting: OfferPage = {
    state: 'waiting',
    credentials: [badge],
    link: offerLink,
    demoWallet: 'http://localhost:8081/wallet?credential_offer_uri=x',
    signIn: { providers: [account] },
    shared: true,
    expiresAt: new Date('2026-12-24T17:00:00Z'),
    live: 'q7Yx/events',
  }
  const pin: OfferPage = { ...waiting, credentials: [permit], signIn: undefined, shared: false, demoWallet: undefined }
  const { issuer: _, reference: __, ...demo } = { ...context, demo: true }
  const offer = (name: string, page: OfferPage): Sample => ({
    name,
    html: offerPage(context, page),
    policy: contentSecurityPolicy.live,
  })
  const page = (name: string, html: string): Sample => ({ name, html, policy: contentSecurityPolicy.page })
  const form = (name: string, html: string): Sample => ({ name, html, policy: contentSecurityPolicy.form })
  const problem = (help: string, more: Parameters<typeof problemPage>[1] = {}) =>
    page(
      `problem-${help}`,
      problemPage(context, { help, fill: { credential: badge.name, claim: claims[2]!, provider: account }, ...more }),
    )
  const demoOffer = {
    issuerName: word('Acme Staff Office', 'Acme Personalbüro'),
    logo: assets['acme.svg'],
    href: '/offer',
    metadata: '/metadata',
  }
  const providers = [
    { id: 'demo', name: account, host: say('login.acme.example'), logo: assets['acme.svg'], lastUsed: true },
    { id: 'keycloak', name: say('Acme Works Berlin'), host: say('sso.berlin.acme.example') },
  ]
  return [
    page(
      'start',
      startPage(demo, {
        ports: { node: 8080, demo: 8081 },
        offers: [
          { ...demoOffer, issuer: 'staff', delivery: 'qr', credential: badge },
          { ...demoOffer, issuer: 'registry', delivery: 'link', credential: permit, pin: say('493817') },
          { ...demoOffer, issuer: 'campus', delivery: 'both', credential: card },
        ],
      }),
    ),
    offer('offer', waiting),
    offer('offer-several', {
      ...waiting,
      credentials: [badge, card],
      signIn: { providers: [account, say('Nordwind')] },
    }),
    offer('offer-pin', { ...pin, pin: { length: 6, channel: 'text-message' } }),
    offer('offer-own-pin', { ...pin, pin: { length: 6, value: say('493817') } }),
    offer('offer-opened-pin', { ...pin, state: 'opened', pin: { length: 6, value: say('493817') } }),
    offer('offer-opened', { ...waiting, state: 'opened' }),
    offer('offer-signing-in', { ...waiting, state: 'signing-in' }),
    offer('offer-issued', { ...waiting, state: 'issued' }),
    offer('offer-declined', { ...waiting, state: 'declined' }),
    form(
      'offer-sign-in',
      offerSignInPage(context, {
        credentials: [badge],
        provider: account,
        expiresAt: new Date('2026-12-24T17:00:00Z'),
      }),
    ),
    form('test-sign-in', testSignInPage(context, { isDone: false, provider: account })),
    form('test-sign-in-done', testSignInPage(context, { isDone: true, provider: account })),
    form(
      'chooser',
      chooserPage(context, {
        credential: badge.name,
        providers,
        byEmail: true,
        backToWallet: callback,
        hidden: { csrf: say('x') },
      }),
    ),
    form(
      'chooser-unknown',
      chooserPage(context, { credential: badge.name, providers, byEmail: true, unknownDomain: true }),
    ),
    form(
      'consent',
      consentPage(context, {
        credentials: [badge],
        wallet: { name: word('Example Wallet', 'Beispiel-Wallet'), address: say('example-wallet://'), checked: false },
        account: { name: say('Alice Adams'), email: say('alice@acme.example') },
        hidden: { csrf: say('t0k3n') },
      }),
    ),
    form(
      'consent-narrowed',
      consentPage(context, {
        credentials: [badge, card],
        leftOut: [{ name: permit.name, missing: [say('Document number')] }],
        wallet: { checked: true },
        account: { email: say('alice@acme.example') },
      }),
    ),
    form('sign-in', signInPage(demo, { tenant: say('Acme'), provider: { name: account, logo: assets['acme.svg'] } })),
    form(
      'sign-in-wrong',
      signInPage(demo, { tenant: say('Acme'), provider: { name: account }, wrong: true, username: say('alice') }),
    ),
    problem('missing-claim', { nothingAdded: true, backToWallet: callback }),
    problem('wrong-person', { action: { href: '/again' }, nothingAdded: true, backToWallet: callback }),
    problem('another-browser', { action: { href: '/again' } }),
    problem('provider-unavailable', {
      action: { href: '/again' },
      backToWallet: callback,
      openUntil: waiting.expiresAt,
    }),
    problem('offer-expired'),
    problem('offer-used'),
    problem('offer-withdrawn'),
  ]
}
