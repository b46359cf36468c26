import test from 'ava'
import { readTenantFile } from '../../src/administration/read-tenant-file.ts'

const now = new Date('2026-11-24T12:00:00Z')

function mistakes(settings: string, configuration = 'format: dc+sd-jwt'): string[] {
  const text = `tenant: acme
wallet_profiles:
  pocket: { client_id: pocket, name: Pocket, redirect_uris: [https://pocket.example/callback] }
issuers:
  staff:
    wallets: [pocket]
    grants: { pre_authorized_code: {} }
    ${settings}
    credential_configurations:
      Badge:
        ${configuration}
        claims: { name: { from: offer.name } }
`
  const answer = readTenantFile(text, 'tenant.yaml', { demo: false, environment: {}, folder: '.', now })
  return 'mistakes' in answer ? answer.mistakes.map(({ field, detail }) => `${field} ${detail}`) : []
}

test('refresh tokens and approval by hand want wallets that can be bound to a key', (t) => {
  const nobody = 'Only wallets that are bound to a key can come back: switch on dpop or wallet_attestation.'
  const manual = 'format: dc+sd-jwt\n        approval: manual'
  t.deepEqual(mistakes('refresh_tokens: {}'), [])
  t.deepEqual(mistakes('dpop: optional', manual), [])
  t.deepEqual(mistakes('dpop: off\n    refresh_tokens: {}'), [`/issuers/staff/refresh_tokens ${nobody}`])
  t.deepEqual(mistakes('dpop: off', manual), [`/issuers/staff/credential_configurations/Badge/approval ${nobody}`])
})

test('HAIP-17: a refresh token and a transaction live at most a year', (t) => {
  const late = (name: string) => [`/issuers/staff/${name}/expires_in This is at most a year (P365D).`]
  for (const name of ['refresh_tokens', 'deferred']) {
    t.deepEqual(mistakes(`${name}: { expires_in: P365D }`), [])
    t.deepEqual(mistakes(`${name}: { expires_in: P366D }`), late(name))
  }
})

test('VCI-65: a configuration gives no more copies than the issuer takes keys', (t) => {
  const batch = 'format: dc+sd-jwt\n        batch_size: 5'
  t.deepEqual(mistakes('batch_size: 5', batch), [])
  t.deepEqual(mistakes('batch_size: 4', batch), [
    '/issuers/staff/credential_configurations/Badge/batch_size The issuer takes 4 keys at most.',
  ])
})
