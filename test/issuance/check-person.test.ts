import { randomBytes } from 'node:crypto'
import test from 'ava'
import { checkPerson } from '../../src/issuance/check-person.ts'
import { subjectText } from '../../src/issuance/check-subject.ts'
import { IdentityProvider } from '../../src/model/identity-provider.ts'
import type { LiveIssuer } from '../../src/model/live.ts'
import type { SubjectKind } from '../../src/model/subject.ts'
import { makeSealer } from '../../src/store/sealer.ts'

const key = new Map([['1', randomBytes(32)]])
const sealer = makeSealer('tenant', { seal: key, index: key, mac: key }, randomBytes)
const vault = { of: async () => sealer, rewrap: async () => 0 }

type Told = Record<string, unknown>

/** The fault of a sign-in at `login` with an offer for this person, or undefined if it is theirs. */
async function faultOf(kind: SubjectKind, text: string, provider: Told, idToken: Told, at = 'login') {
  const login = { ...IdentityProvider.parse(provider), id: 'login' }
  const providers = new Map([
    ['login', login],
    ['other', { ...login, id: 'other' }],
  ])
  const issuer = { tenantId: 'tenant', tenant: { identityProviders: providers } } as unknown as LiveIssuer
  const terms = { configurationIds: [], grants: [], scheme: '', by: 'value', configurationVersion: 0 } as const
  const offer = {
    terms: { ...terms, configurationIds: [], grants: [], subject: kind },
    subjectIndex: sealer.index(text),
  }
  const account = { issuer: 'https://login.example', subject: String(idToken.sub) }
  const signedIn = { account, id_token: idToken, userinfo: {} }
  try {
    await checkPerson({ vault }, issuer, offer, signedIn, at)
    return undefined
  } catch (error) {
    return (error as { cause: { fault: string } }).cause.fault
  }
}

const [entra, oidc] = [{ kind: 'entra-id' }, { kind: 'oidc' }]
const oid = '9a1c0e0e-3b0e-4d0f-9d0a-0b9c5a8d1e11'
const email = 'ada@acme.example'

test('a person of Entra ID is told by oid at the provider of the offer, and never by sub', async (t) => {
  const ofAda = subjectText.oid('login', oid)
  t.is(await faultOf('oid', ofAda, entra, { sub: 'x', oid: oid.toUpperCase() }), undefined)
  t.is(await faultOf('oid', ofAda, entra, { sub: 'x', oid }, 'other'), 'person-mismatch')
  t.is(await faultOf('oid', ofAda, entra, { sub: oid }), 'person-mismatch')
  t.is(await faultOf('oid', ofAda, entra, { sub: 'x', oid: [oid] }), 'person-mismatch')
})

test('at Entra ID xms_edov is the word on an e-mail address, in each way in which it is written', async (t) => {
  const ofAda = subjectText.email('login', email)
  for (const xms_edov of [true, 1, '1', 'true'])
    t.is(await faultOf('email', ofAda, entra, { email, xms_edov }), undefined, String(xms_edov))
  for (const xms_edov of [false, 0, '0', 'false', undefined, [true]])
    t.is(await faultOf('email', ofAda, entra, { email, xms_edov, email_verified: true }), 'email-unverified')
})

test('the setting email_verified says whose word counts', async (t) => {
  const ofAda = subjectText.email('login', email)
  const at = (email_verified: string) => ({ ...oidc, email_verified })
  t.is(await faultOf('email', ofAda, at('always'), { email }), undefined)
  t.is(await faultOf('email', ofAda, at('always'), { email: 'bob@acme.example' }), 'person-mismatch')
  t.is(await faultOf('email', ofAda, at('never'), { email, email_verified: true }), 'email-unverified')
  t.is(await faultOf('email', ofAda, at('claim'), { email, email_verified: true }, 'other'), 'person-mismatch')
})

test('an account is issuer and subject together', async (t) => {
  t.is(await faultOf('account', subjectText.account('https://login.example', 'ada'), oidc, { sub: 'ada' }), undefined)
  for (const [issuer, subject] of [
    ['https://other.example', 'ada'],
    ['https://login.example', 'Ada'],
    ['https://login.example', 'bob'],
  ] as const)
    t.is(await faultOf('account', subjectText.account(issuer, subject), oidc, { sub: 'ada' }), 'person-mismatch')
})
