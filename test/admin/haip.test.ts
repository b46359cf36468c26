import test from 'ava'
import { readTenantFile } from '../../src/administration/read-tenant-file.ts'
import { makeRoot, pemOf } from '../../src/keys/certificates.ts'
import { effective } from '../../src/model/issuer.ts'

const now = new Date('2026-11-24T12:00:00Z')
const { certificate } = await makeRoot({ name: 'Wallet provider', now })
const attesters = `attesters:
  provider: { name: Wallet provider, certificates: ${JSON.stringify(pemOf(certificate))} }
`

function fileWith(settings: string, { format = 'dc+sd-jwt', head = attesters } = {}) {
  return `tenant: acme
identity_providers:
  login: { kind: oidc, issuer: https://login.acme.example, client_id: claimgate, client_secret: hunter2hunter2 }
${head}issuers:
  staff:
    haip: true
    ${settings}
    credential_configurations:
      Badge:
        format: ${format}
        claims:
          name: { from: id_token.name }
`
}

const signIn = 'grants: { authorization_code: { identity_providers: [login] } }'
const read = (text: string) => readTenantFile(text, 'tenant.yaml', { demo: false, environment: {}, folder: '.', now })
const mistakes = (text: string) => {
  const answer = read(text)
  return 'mistakes' in answer ? answer.mistakes.map(({ field, detail }) => `${field} ${detail}`) : []
}

test('HAIP-3, HAIP-4, HAIP-18: the switch alone sets all that the profile wants', (t) => {
  const answer = read(fileWith(signIn))
  if ('mistakes' in answer) return t.fail(JSON.stringify(answer.mistakes))
  t.like(effective(answer.file.issuers.staff!), {
    pushed_authorization_requests: 'required',
    wallet_attestation: 'required',
    dpop: 'required',
    anonymous_wallets: false,
    encryption: 'optional',
  })
})

test('without the switch nothing is set', (t) => {
  const answer = read(fileWith(signIn).replace('haip: true', 'haip: false'))
  if ('mistakes' in answer) return t.fail(JSON.stringify(answer.mistakes))
  t.like(effective(answer.file.issuers.staff!), { pushed_authorization_requests: 'optional', dpop: 'optional' })
})

for (const [line, pointer] of [
  ['pushed_authorization_requests: optional', 'pushed_authorization_requests'],
  ['wallet_attestation: optional', 'wallet_attestation'],
  ['wallet_attestation: off', 'wallet_attestation'],
  ['dpop: optional', 'dpop'],
  ['dpop: off', 'dpop'],
  ['anonymous_wallets: true', 'anonymous_wallets'],
  ['encryption: off', 'encryption'],
] as const) {
  test(`HAIP-18: “${line}” contradicts the switch, and the mistake says what to do`, (t) => {
    const [first = '', ...more] = mistakes(fileWith(`${line}\n    ${signIn}`))
    t.deepEqual(more, [])
    t.true(first.startsWith(`/issuers/staff/${pointer} haip wants `), first)
    t.regex(first, /leave the line out, or switch haip off/)
  })
}

test('HAIP-1: an issuer that nobody can sign in at does not meet the profile', (t) => {
  const [first = ''] = mistakes(fileWith('grants: { pre_authorized_code: {} }').replace('id_token.name', 'offer.name'))
  t.regex(first, /^\/issuers\/staff\/grants haip wants the authorization_code grant/)
})

test('HAIP-2: an issuer of W3C JWTs alone does not meet the profile', (t) => {
  t.true(
    mistakes(fileWith(signIn, { format: 'jwt_vc_json' })).some((line) =>
      line.startsWith('/issuers/staff/credential_configurations haip wants a credential configuration of format'),
    ),
  )
})

test('HAIP-18, HAIP-19: without somebody who attests wallets nobody could come', (t) => {
  const key = attesters.replace('name:', 'attests: [key], name:')
  for (const head of ['', key])
    t.true(
      mistakes(fileWith(signIn, { head })).some((line) =>
        line.startsWith('/issuers/staff/haip haip lets only attested'),
      ),
    )
})

test('VCI-116: a format has one name, whatever older drafts and media types called it', (t) => {
  for (const format of ['vc+sd-jwt', 'ldp_vc', 'jwt_vc_json-ld', 'jwt_vc', 'application/dc+sd-jwt'])
    t.true(
      mistakes(fileWith(signIn, { format })).some((line) =>
        line.startsWith('/issuers/staff/credential_configurations/Badge/format'),
      ),
      format,
    )
})
