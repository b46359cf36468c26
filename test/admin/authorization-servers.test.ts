import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { parse } from 'yaml'
import { checkTenant } from '../../src/administration/check-tenant.ts'

const text = readFileSync(join(import.meta.dirname, '../support/fixtures/external-keycloak.yaml'), 'utf8')
const environment: Record<string, string> = {
  SERVER: 'https://login.acme.example/realms/acme',
  SERVER_SECRET: 'secret',
}
type Json = Record<string, unknown>
const written = () =>
  parse(text.replace(/\$\{env:(\w+)\}/g, (_, name: string) => environment[name] ?? '')) as {
    authorization_servers: Record<string, Json>
    issuers: Record<'staff' | 'asked' | 'bound', Json & { credential_configurations: Record<string, Json> }>
  }

/** What is wrong with the tenant after a change: the pointers. */
function pointers(change: (file: ReturnType<typeof written>) => unknown): string[] {
  const file = structuredClone(written())
  change(file)
  const checked = checkTenant(file, { demo: false, now: new Date() })
  return 'mistakes' in checked ? checked.mistakes.map(({ pointer }) => pointer) : []
}

test('an issuer may have authorization servers of others in the place of grants, and needs one or the other', (t) => {
  t.deepEqual(
    pointers(() => {}),
    [],
  )
  t.deepEqual(
    pointers(({ issuers }) => delete issuers.staff.authorization_servers),
    ['/issuers/staff/grants'],
  )
})

test('a server is named by its name, once, and only one can be asked for tokens', (t) => {
  const named = (...names: string[]) =>
    pointers(({ issuers }) => {
      issuers.staff.authorization_servers = names
    })
  t.deepEqual(named('nope'), ['/issuers/staff/authorization_servers/0'])
  t.deepEqual(named('keycloak', 'keycloak'), ['/issuers/staff/authorization_servers/1'])
  t.deepEqual(named('keycloak', 'asked'), ['/issuers/staff/authorization_servers/1'])
  const two = pointers(({ authorization_servers: servers, issuers }) => {
    servers.other = { ...servers.asked, issuer: 'https://other.example' }
    issuers.staff.authorization_servers = ['asked', 'other']
  })
  t.deepEqual(two, ['/issuers/staff/authorization_servers/1'])
})

test('RFC 7662 §2.1: whoever asks a server has a name and a secret there, and whoever only reads keys has none', (t) => {
  const change = (more: Json) =>
    pointers(({ authorization_servers: servers }) => Object.assign(servers.keycloak ?? {}, more))
  t.deepEqual(change({ token: 'introspection' }), [
    '/authorization_servers/keycloak/client_id',
    '/authorization_servers/keycloak/client_secret',
  ])
  t.deepEqual(change({ client_id: 'x' }), ['/authorization_servers/keycloak/client_id'])
  t.deepEqual(change({ issuer: 'http://login.acme.example' }), ['/authorization_servers/keycloak/issuer'])
})

test('what only our own authorization server does is refused where there is none, with the place of each', (t) => {
  const staff = (more: Json) =>
    pointers(({ issuers }) => Object.assign(issuers.staff, more)).map((at) => at.replace('/issuers/staff', ''))
  t.deepEqual(staff({ refresh_tokens: {}, dpop: 'optional' }), ['/refresh_tokens'])
  t.deepEqual(staff({ consent: 'always', pushed_authorization_requests: 'optional' }), [
    '/consent',
    '/pushed_authorization_requests',
  ])
  t.true(staff({ haip: true }).includes('/authorization_servers'))
  t.true(staff({ wallet_attestation: 'required' }).includes('/wallet_attestation'))
  t.deepEqual(staff({ wallets: [] }), ['/authorization_servers/0'])
  const badge = (more: Json) =>
    pointers(({ issuers }) => Object.assign(issuers.staff.credential_configurations.EmployeeBadge ?? {}, more)).filter(
      (at) => at.startsWith('/issuers/staff'),
    )
  const at = '/issuers/staff/credential_configurations/EmployeeBadge'
  t.deepEqual(badge({ approval: 'manual' }), [`${at}/approval`])
  t.deepEqual(badge({ claims: { a: { from: ['offer.a', 'userinfo.a'], mandatory: true }, b: { from: 'offer.b' } } }), [
    `${at}/claims/a`,
  ])
  t.deepEqual(badge({ claims: { a: { from: ['offer.a', 'id_token.a'], mandatory: true } } }), [])
})

test('UserInfo fills userinfo rules, but cannot be asked with tokens that are bound to the wallet’s key', (t) => {
  const informed = (more: Json = {}) =>
    pointers(({ authorization_servers: servers, issuers }) => {
      Object.assign(servers.keycloak ?? {}, { userinfo: true })
      Object.assign(issuers.bound, more)
      issuers.staff.credential_configurations = {
        Card: { format: 'dc+sd-jwt', claims: { a: { from: 'userinfo.a', mandatory: true } } },
      }
    })
  t.deepEqual(informed(), ['/issuers/bound/authorization_servers/0'])
  t.deepEqual(informed({ dpop: 'optional' }), [])
})
