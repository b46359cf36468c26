import test from 'ava'
import { type Demo, startDemo } from '../support/demo.ts'
import { type Page, plainBrowser } from '../support/plain-browser.ts'

// The demo as `npm start` runs it: every format that it issues, in the demo wallet, with no script at all.

let demo: Demo
const key = 'key-of-the-demo-formats-test-0123456789'
test.before(async () => {
  demo = await startDemo({ CLAIMGATE_API_KEY: key })
})
test.after.always(() => demo.stop())

type Offered = { credential_offer_url: string; tx_code?: string }

async function offer(issuer: string, configuration: string, more: object): Promise<Offered> {
  const response = await fetch(`${demo.url}/api/v1/tenants/demo/issuers/${issuer}/offers`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ credential_configuration_ids: [configuration], ...more }),
  })
  if (response.status !== 201) throw new Error(await response.text())
  return (await response.json()) as Offered
}

const checks = ({ text }: Page): string[] =>
  [...text.matchAll(/data-check="(\w+)" data-passed="(\w+)"/g)].map(([, name, passed]) => `${name} ${passed}`)
const claims = ({ text }: Page): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/data-claim="([^"]+)"><dt>([^<]*)<\/dt><dd>([^<]*)/g)].map(([, name, label, value]) => [
      name,
      `${label}: ${value}`,
    ]),
  )
const openIn = (browser: ReturnType<typeof plainBrowser>, { credential_offer_url }: Offered) =>
  browser.go(`${demo.demoUrl}/wallet${new URL(credential_offer_url).search}`)

for (const [configuration, prefix] of [
  ['EmployeeBadge', ''],
  ['EmployeeBadgeMdoc', 'com.example.acme.badge.1.'],
  ['EmployeeBadgeJwt', 'credentialSubject.'],
] as const) {
  test(`VCI-111, VCI-112, VCI-113: alice has her ${configuration} in the demo wallet, named and checked`, async (t) => {
    const browser = plainBrowser()
    const signIn = await openIn(browser, await offer('staff', configuration, { grants: ['authorization_code'] }))
    const provider = await browser.press(signIn, 'accept-sign-in')
    const consent = await browser.press(provider, 'sign-in', { username: 'alice', password: 'alice' })
    const held = await browser.press(consent, 'approve')
    t.true(checks(held).length >= 4 && checks(held).every((check) => check.endsWith(' true')), checks(held).join())
    t.like(claims(held), {
      [`${prefix}given_name`]: 'Given name: Alice',
      [`${prefix}employee_id`]: 'Employee number: E-1001',
    })
  })
}

test('MDOC-7: a driving licence of the registry is in the demo wallet, with all that one has to have', async (t) => {
  const browser = plainBrowser()
  const person = { given_name: 'Ada', family_name: 'Byron', birthdate: '1985-12-10', document_number: 'P-7' }
  const made = await offer('registry', 'DrivingLicence', {
    grants: ['pre_authorized_code'],
    tx_code: true,
    claims: person,
  })
  const held = await browser.press(await openIn(browser, made), 'accept', { tx_code: made.tx_code ?? '' })
  t.true(checks(held).length >= 4 && checks(held).every((check) => check.endsWith(' true')), checks(held).join())
  const shown = claims(held)
  t.is(Object.keys(shown).length, 11)
  t.like(shown, {
    'org.iso.18013.5.1.birth_date': 'Date of birth: 1985-12-10',
    'org.iso.18013.5.1.document_number': 'Licence number: P-7',
  })
})
