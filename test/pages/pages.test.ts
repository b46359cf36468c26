import test from 'ava'
import * as fc from 'fast-check'
import { consentPage, maskedEmail } from '../../src/http/pages/consent.ts'
import { contentSecurityPolicy, ownImage } from '../../src/http/pages/context.ts'
import { layout, plainPage } from '../../src/http/pages/layout.ts'
import { offerPage } from '../../src/http/pages/offer.ts'
import { problemPage } from '../../src/http/pages/problem.ts'
import { problems } from '../../src/http/pages/problems.ts'
import { qrCode } from '../../src/http/pages/qr.ts'
import type { ProblemKey } from '../../src/http/pages/texts/index.ts'
import { raw } from '../../src/lib/html.ts'
import { assets, contextOf, samples } from './samples.ts'

const languages = ['en', 'de'] as const
const idsIn = (page: string) => [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id!)
const sample = (name: string, language: 'en' | 'de' = 'en') =>
  samples(language).find((page) => page.name === name)!.html
/** The page without what stands in texts and attribute values, and without the places where a line may break. */
const skeleton = (page: string) =>
  page
    .replaceAll('<wbr>', '')
    .replace(/"[^"]*"/g, '""')
    .replace(/>[^<]*/g, '>')
const hrefOf = (page: string, id: string) =>
  new RegExp(`<a[^>]*id="${id}"[^>]*>`)
    .exec(page)?.[0]
    .match(/href="([^"]*)"/)?.[1]
    ?.replaceAll('&amp;', '&')

test('no display name, claim name, account or address breaks out of the markup of any page', async (t) => {
  const expected = samples('en', (text) => `x${text}`).map(({ html }) => skeleton(html))
  const hostile = fc.property(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('', '"><script>', "' onload='", '{time}', '<!--'),
    (text, start) => {
      const pages = samples('en', (harmless) => `x${start}${text}${harmless}`)
      return pages.every(({ html }, index) => skeleton(html) === expected[index])
    },
  )
  await fc.assert(hostile, { numRuns: 60 })
  t.pass()
})

test('WCAG 2.2 §4.1.2: an id stands once on a page, whatever page and language', (t) => {
  for (const language of languages)
    for (const { name, html } of samples(language)) {
      const ids = idsIn(html)
      t.is(new Set(ids).size, ids.length, `${name} ${language}`)
      t.true(ids.includes('main'), name)
    }
})

test('scripts find every part by its stable id', (t) => {
  const ids: Record<string, string[]> = {
    start: ['offer-staff', 'offer-registry', 'offer-campus'],
    offer: ['state', 'open-wallet', 'open-demo-wallet', 'qr', 'check-now', 'announce'],
    'offer-opened': ['state', 'check-now'],
    'offer-declined': ['state', 'open-wallet'],
    chooser: ['idp-demo', 'idp-keycloak', 'email', 'back-to-wallet'],
    consent: ['approve', 'deny', 'not-you'],
    'sign-in': ['username', 'password', 'sign-in', 'cancel'],
    'problem-missing-claim': ['problem', 'back-to-wallet'],
  }
  for (const [name, wanted] of Object.entries(ids))
    for (const id of wanted) t.true(idsIn(sample(name)).includes(id), `${name} ${id}`)
  t.false(idsIn(sample('offer-issued')).includes('announce'))
})

test('a page has no inline style, no inline script and nothing from another host', (t) => {
  for (const language of languages)
    for (const { html, name } of samples(language)) {
      t.notRegex(html, /\sstyle=|<style|\son\w+=|javascript:/, name)
      t.deepEqual(html.match(/<script[^>]*>[^<]+/), null, name)
      for (const [, address] of html.matchAll(/\s(?:src|srcset)="([^"]*)"/g)) t.regex(address!, /^\/static\//, name)
      for (const [tag] of html.matchAll(/<link[^>]*>/g)) t.regex(tag, /href="\/static\//, name)
    }
})

test('images of other hosts are left out, since the content security policy would not load them', (t) => {
  for (const uri of ['https://acme.example/logo.svg', '//acme.example/x', '/\\acme.example', 'javascript:x'])
    t.is(ownImage(uri), undefined)
  t.is(ownImage('data:image/svg+xml,<svg x>'), 'data:image/svg+xml,<svg%20x>')
  t.is(ownImage('/static/logo.svg'), '/static/logo.svg')
})

test('only the pages with a form may send one anywhere, and only the offer page may run a script', (t) => {
  const { page, form, live } = contentSecurityPolicy
  for (const policy of [page, form, live])
    t.regex(
      policy,
      /^default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'/,
    )
  t.regex(live, /script-src 'self'; connect-src 'self'/)
  t.notRegex(page + form, /script-src/)
  t.notRegex(form, /form-action/)
  for (const { html, policy, name } of samples('en')) {
    t.is(html.includes('<form'), policy === form, name)
    t.true(!html.includes('<script') || policy === live, name)
  }
})

test('the page names the issuer in the top, the title and the foot, with the reference, and links to the other language', (t) => {
  const page = sample('offer')
  t.regex(page, /<title>Employee badge – Acme Staff Office<\/title>/)
  t.regex(page, /<div class="brand">.*Acme Staff Office<\/div>/)
  t.regex(page, /Issued by <strong>Acme Staff Office<\/strong>, issuer\.acme\.example\/demo\/staff/)
  t.regex(page, /Reference <span class="number">7KQ4-M2XD/)
  t.regex(page, /<a href="\?from=portal&amp;lang=de" lang="de" hreflang="de">Deutsch/)
  t.regex(sample('offer', 'de'), /<html lang="de" dir="ltr">/)
  t.regex(
    layout({ ...contextOf('en'), path: '/x?lang=en&a=1&a=2' }, { title: 'x', main: raw('') }),
    /href="\?lang=de&amp;a=1&amp;a=2"/,
  )
})

test("a page without an issuer is Claimgate's own and has neither help nor imprint", (t) => {
  const { issuer: _, ...context } = contextOf('en')
  const page = plainPage({ context, title: 'Own page', body: raw('<p>body</p>') })
  t.regex(page, /<div class="brand">.*Claimgate<\/div>/)
  t.regex(page, /<title>Own page<\/title>/)
  t.notRegex(page, /Issued by|Legal notice|<ul>/)
  t.regex(problemPage(context, { help: 'offer-unknown' }), /We do not find this offer/)
})

test('the QR code holds the offer, is drawn as one path, and gives way where an offer is too long for one', (t) => {
  const code = String(qrCode('openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fa.example', 'Label "1"'))
  t.regex(
    code,
    /^<svg id="qr" viewBox="0 0 (\d+) \1" role="img" aria-label="Label &quot;1&quot;" shape-rendering="crispEdges"><path fill="#000" d="M4 4h7v1h-7z/,
  )
  t.is(qrCode('x'.repeat(5000), 'Label'), undefined)
  t.truthy(qrCode('x'.repeat(2900), 'Label'))
  const offer = { state: 'waiting', credentials: [{ id: 'A', name: 'A', claims: ['b'] }] } as const
  const long = offerPage(contextOf('en'), {
    ...offer,
    link: `openid-credential-offer://?credential_offer=${'x'.repeat(5000)}`,
  })
  t.deepEqual(
    ['open-wallet', 'qr'].map((id) => idsIn(long).includes(id)),
    [true, false],
  )
})

test('the offer page says how long the offer is open, for whom, and what the wallet will ask', (t) => {
  t.regex(sample('offer'), /Open until 24 December, 18:00\. Open to every Acme account\./)
  t.regex(
    sample('offer', 'de'),
    /Gültig bis 24\. Dezember, 18:00 Uhr\. Für alle, die sich mit „Acme-Konto“ anmelden können\./,
  )
  t.regex(sample('offer'), /aria-current="step">.*1<\/span><div class="what">Open the offer in your wallet/)
  t.regex(sample('offer-pin'), /6-digit PIN that you were sent by text message/)
  t.regex(sample('offer-pin'), /Type your PIN in the wallet/)
  t.notRegex(sample('offer-pin'), /Sign in with/)
  t.regex(sample('offer-several'), /<h1>Employee badge and Student card<\/h1>/)
  const given = (pin: { length: number; digits?: boolean }) =>
    offerPage(contextOf('en'), { state: 'waiting', credentials: [], link: 'x:', pin })
  t.regex(given({ length: 4 }), /4-digit PIN that you were given/)
  t.regex(given({ length: 8, digits: false }), /PIN of 8 characters/)
})

test('each state of an offer says where the person is; only what can still change is followed', (t) => {
  const behind = (name: string) => [...sample(name).matchAll(/<li class="done">/g)].length
  t.deepEqual(
    ['offer', 'offer-opened', 'offer-signing-in', 'offer-issued', 'offer-declined'].map(behind),
    [0, 1, 1, 4, 0],
  )
  t.regex(sample('offer-opened'), /<h1>Go on in your wallet<\/h1>[\s\S]*Was that not you\?/)
  t.regex(sample('offer-signing-in'), /<small>In progress<\/small>/)
  t.regex(sample('offer-issued'), /<h1>Employee badge is in your wallet<\/h1>/)
  t.regex(sample('offer-declined'), /open it again until 24 December, 18:00\./)
  t.regex(sample('offer-opened'), /data-live="q7Yx\/events"/)
  t.notRegex(sample('offer-issued'), /data-live|<script/)
})

test('consent shows names of claims only, masks the address, and lets the person say no just as easily', (t) => {
  const page = sample('consent')
  t.regex(page, /<h1>Add Employee badge to Example Wallet\?<\/h1>/)
  t.regex(page, /a•••<wbr>@acme\.example/)
  t.notRegex(page, /alice@/)
  for (const decision of ['approve', 'deny', 'not-you'])
    t.regex(page, new RegExp(`id="${decision}" name="decision" value="${decision}"`))
  t.regex(page, /<input type="hidden" name="csrf" value="t0k3n">/)
  t.regex(page, /Acme Staff Office has not checked this wallet/)
  const narrowed = sample('consent-narrowed')
  t.regex(narrowed, /Left out[\s\S]*Residence permit: your account lacks Document number\./)
  t.notRegex(narrowed, /has not checked/)
  t.is(String(maskedEmail('no-address')), '•••')
  const nobody = consentPage(contextOf('en'), { credentials: [], wallet: { checked: true }, account: {} })
  t.regex(nobody, /Add\s+to your wallet\?/)
})

test('every problem has a page in both languages, with its code, its key and no brace left, whatever was filled in', (t) => {
  const fills = { left: '3', wallets: 'A and B', time: '18:00', claim: 'Employee number', claims: 'A and B' }
  for (const language of languages)
    for (const [help, { code }] of Object.entries(problems)) {
      const page = problemPage(contextOf(language), { help, fill: fills })
      t.regex(
        page,
        new RegExp(`<article class="card" id="problem"${code ? ` data-error="${code}"` : ''} data-help="${help}">`),
        help,
      )
      t.notRegex(page, /[{}]/, help)
      t.notRegex(problemPage(contextOf(language), { help }), /[{}]/, help)
    }
})

test('an unknown problem, and one whose text lacks a value, is told as `server-error`', (t) => {
  for (const help of [undefined, 'no-such-key', '__proto__', 'missing-claim']) {
    const page = problemPage(contextOf('en'), { help, error: 'access_denied' })
    t.regex(page, /data-error="access_denied" data-help="server-error"/)
    t.regex(page, /Something went wrong on our side/)
  }
})

test('a problem page has the way on: to the help desk with a prepared letter, to the sign-in, back to the wallet', (t) => {
  const page = sample('problem-missing-claim')
  t.regex(page, /Ask the Acme help desk to add “Employee number” to your account\./)
  const letter = /href="(mailto:helpdesk@acme\.example\?[^"]*)"/.exec(page)![1]!.replaceAll('&amp;', '&')
  const mail = new URLSearchParams(letter.slice(letter.indexOf('?')))
  t.is(mail.get('subject'), 'My account lacks: Employee number')
  t.is(
    mail.get('body'),
    'Please add this to my account, so that I can get “Employee badge”: Employee number\n\nReference 7KQ4-M2XD',
  )
  t.is(hrefOf(page, 'back-to-wallet'), 'example-wallet://callback?error=access_denied&state=8f1c')
  t.regex(
    page,
    /Nothing was added to your wallet\. If you ask for help, give this reference: <span class="number">7KQ4-M2XD/,
  )
  t.is(page.split('7KQ4-M2XD').length, 3)
  t.regex(sample('problem-wrong-person'), /<a class="button" href="\/again">Use another account<\/a>/)
  t.regex(sample('problem-provider-unavailable', 'de'), /Ihr Angebot bleibt bis 24\. Dezember, 18:00 Uhr gültig\./)
  t.regex(sample('problem-offer-withdrawn'), /Write to Acme Staff Office/)
})

test('without a help address there is no letter, and without a link from the handler no button that leads nowhere', (t) => {
  const context = contextOf('en')
  const bare = { ...context, issuer: { ...context.issuer!, help: undefined } }
  for (const help of Object.keys(problems) as ProblemKey[])
    t.notRegex(problemPage(bare, { help, fill: { claim: 'x', claims: 'x' } }), /class="button/, help)
  const uri = { ...context, issuer: { ...context.issuer!, help: { uri: 'https://acme.example/help' } } }
  t.regex(
    problemPage(uri, { help: 'sign-in-refused' }),
    /<a class="button" href="https:\/\/acme\.example\/help">Write to Acme Staff Office/,
  )
})

test('how long to wait is rounded up to ten seconds', (t) => {
  t.regex(problemPage(contextOf('en'), { help: 'rate-limited', retryAfter: 21 }), /Wait 30 seconds/)
})

test('the start page gives the three offers, the accounts and the ways for a phone, and links only to what exists', (t) => {
  const page = sample('start')
  t.regex(page, /CLAIMGATE_PUBLIC_URL=https:\/\/… CLAIMGATE_DEMO_URL=https:\/\/… npm start/)
  t.regex(page, /You need no phone/)
  t.regex(page, /PIN of this demo offer: <code>493817<\/code>/)
  t.notRegex(page, /console|openapi|href="#(?!main)/)
  t.regex(page, /<a href="\/metadata">Acme Staff Office<\/a>/)
  t.regex(page, new RegExp(assets['acme.svg']))
})
