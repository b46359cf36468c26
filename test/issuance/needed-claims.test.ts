import test from 'ava'
import { neededClaims } from '../../src/issuance/needed-claims.ts'
import type { LiveIssuer } from '../../src/model/live.ts'
import { configurationOf } from '../claims/support.ts'

const issuerWith = (claims: Record<string, Record<string, unknown>>, rest: Record<string, unknown> = {}) =>
  ({ configurations: new Map([['Card', { id: 'Card', ...configurationOf(claims, rest) }]]) }) as unknown as LiveIssuer
const needed = (claims: Record<string, Record<string, unknown>>, provider = 'idp') =>
  neededClaims(issuerWith(claims), ['Card'], provider)

test('OIDC Core §5.4: a sign-in asks for the scopes whose claims the rules read', (t) => {
  t.is(needed({ a: { from: 'id_token.sub' } }).scope, 'openid')
  t.is(needed({ a: { from: 'id_token.given_name' } }).scope, 'openid profile')
  t.is(needed({ a: { from: 'userinfo.email' } }).scope, 'openid email')
  t.is(
    needed({ a: { cel: 'userinfo.address.country' }, b: { from: 'id_token.phone_number' } }).scope,
    'openid address phone',
  )
  t.is(
    needed({ a: { from: 'id_token["https://acme.example/role"]' } }).scope,
    'openid profile',
    'where products put it',
  )
  t.is(
    needed({ a: { cel: 'string(size(id_token))', type: 'string' } }).scope,
    'openid profile email',
    'all of it is read',
  )
  t.is(needed({ a: { from: 'offer.given_name' } }).scope, 'openid')
})

test('OIDC Core §5.5: the claims that are read are named, and UserInfo is asked only where a rule reads it', (t) => {
  t.deepEqual(
    needed({ a: { from: ['id_token.employee_number', 'user.attributes.number'] }, b: { from: 'id_token.acr' } }),
    {
      scope: 'openid profile',
      id_token: ['employee_number'],
      userinfo: [],
      readsUserinfo: false,
    },
  )
  t.like(needed({ a: { from: ['id_token.email', 'userinfo.email'] } }), { userinfo: ['email'], readsUserinfo: true })
})

test('OIDC Core §5.4: an offer for an e-mail address needs to know the address, whatever the rules read', (t) => {
  const issuer = issuerWith({ a: { from: 'id_token.sub' } })
  t.is(neededClaims(issuer, ['Card'], 'idp', 'account').scope, 'openid')
  t.like(neededClaims(issuer, ['Card'], 'idp', 'email'), { scope: 'openid email', readsUserinfo: true })
  t.like(neededClaims(issuer, ['Card'], 'idp', 'oid'), { scope: 'openid profile', readsUserinfo: false })
})

test('OIDC Core §5.5: a rule for one provider asks nothing of another, and a credential that is not to be had there nothing at all', (t) => {
  const claims = { a: { from: 'userinfo.email', by_provider: { other: { const: 'x' } } } }
  t.like(needed(claims, 'other'), { scope: 'openid', readsUserinfo: false })
  const elsewhere = issuerWith({ a: { from: 'userinfo.email' } }, { identity_providers: ['idp'] })
  t.like(neededClaims(elsewhere, ['Card'], 'other'), { scope: 'openid', readsUserinfo: false })
})
