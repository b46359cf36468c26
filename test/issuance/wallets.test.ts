import test from 'ava'
import { addressOf, hasClaimedRedirectUri, proveRedirectUri } from '../../src/issuance/wallets.ts'
import { WalletProfile } from '../../src/model/clients.ts'
import type { LiveIssuer } from '../../src/model/live.ts'
import { ProtocolError } from '../../src/protocol/errors.ts'

const profile = (client_id: string, ...redirect_uris: string[]) =>
  WalletProfile.parse({ client_id, name: client_id, redirect_uris })

const issuerWith = (wallets: 'any' | string[]): LiveIssuer =>
  ({
    tenant: {
      walletProfiles: new Map([
        ['desktop', profile('desktop', 'http://127.0.0.1/cb', 'http://[::1]:1234/cb', 'http://localhost/cb?a=b')],
        ['phone', profile('phone', 'phone-wallet://cb', 'https://phone.example/cb')],
        ['phone-2', profile('phone', 'https://new.phone.example/cb')],
        ['elsewhere', profile('elsewhere', 'https://elsewhere.example/cb')],
      ]),
    },
    settings: { wallets },
  }) as unknown as LiveIssuer

const known = issuerWith(['desktop', 'phone', 'phone-2'])
const any = issuerWith('any')

const outcome = (issuer: LiveIssuer, client: string, uri: string): string => {
  try {
    return proveRedirectUri(issuer, client, uri).profileId ?? 'unchecked'
  } catch (error) {
    return error instanceof ProtocolError ? error.code : String(error)
  }
}

test('RFC 9700 §2.1: a redirect URI is compared letter by letter, for the client that registered it', (t) => {
  t.is(outcome(known, 'phone', 'https://phone.example/cb'), 'phone')
  t.is(outcome(known, 'phone', 'https://new.phone.example/cb'), 'phone-2')
  t.is(outcome(known, 'phone', 'phone-wallet://cb'), 'phone')
  for (const uri of [
    'https://phone.example/cb/',
    'https://phone.example/cb?x=1',
    'https://phone.example:443/cb',
    'https://PHONE.example/cb',
    'https://phone.example/a/../cb',
    'https://phone.example.evil.example/cb',
    'https://phone.example@evil.example/cb',
    'https://elsewhere.example/cb',
    'http://127.0.0.1/cb',
    'phone-wallet://cb#x',
  ])
    t.is(outcome(known, 'phone', uri), 'invalid_request', uri)
  t.is(outcome(known, 'elsewhere', 'https://elsewhere.example/cb'), 'invalid_client', 'not a wallet of this issuer')
  t.is(outcome(known, 'stranger', 'https://phone.example/cb'), 'invalid_client')
})

test('FAPI-1: a client with keys is nobody without them, at any redirect URI and under any profile', (t) => {
  const keys = { jwks: { keys: [{ kty: 'EC' as const }] } }
  const profiles = { ...profile('sealed', 'https://sealed.example/cb'), ...keys }
  for (const wallets of ['any', ['sealed', 'twin']] as const) {
    const issuer = issuerWith(wallets === 'any' ? wallets : [...wallets])
    const walletProfiles = new Map([
      ['sealed', profiles],
      ['twin', profile('sealed', 'https://twin.example/cb')],
    ])
    const sealed = { ...issuer, tenant: { ...issuer.tenant, walletProfiles } }
    for (const uri of ['https://sealed.example/cb', 'https://twin.example/cb', 'https://other.example/cb'])
      t.is(outcome(sealed, 'sealed', uri), 'invalid_client', uri)
    const sender = {
      clientId: 'sealed',
      authentication: 'private_key_jwt' as const,
      keyThumbprint: undefined,
      attestationKey: undefined,
    }
    t.is(proveRedirectUri(sealed, 'sealed', 'https://sealed.example/cb', sender).profileId, 'sealed')
    t.throws(() => proveRedirectUri(sealed, 'sealed', 'https://other.example/cb', sender), { code: 'invalid_request' })
  }
})

test('RFC 8252 §7.3: http to this very machine is served at any port, and nothing else of it may differ', (t) => {
  for (const uri of [
    'http://127.0.0.1:51004/cb',
    'http://127.0.0.1/cb',
    'http://[::1]:9/cb',
    'http://localhost:80/cb?a=b',
  ])
    t.is(outcome(known, 'desktop', uri), 'desktop', uri)
  for (const uri of [
    'http://127.0.0.1:51004/other',
    'http://127.0.0.1:51004',
    'http://127.0.0.1:80@evil.example/cb',
    'http://127.0.0.1:123456/cb',
    'http://127.0.0.2:80/cb',
    'https://127.0.0.1:51004/cb',
    'http://localhost:80/cb',
    'http://localhost.evil.example/cb?a=b',
  ])
    t.is(outcome(known, 'desktop', uri), 'invalid_request', uri)
})

test('RFC 8252 §8.12: an issuer for every wallet still sends nobody to a scheme that a browser runs or reads', (t) => {
  for (const uri of ['https://any.example/cb', 'com.example.wallet:/cb', 'any-wallet://', 'http://127.0.0.1:7/cb'])
    t.is(outcome(any, 'whoever', uri), 'unchecked', uri)
  t.is(outcome(any, 'phone', 'https://phone.example/cb'), 'phone')
  t.is(outcome(any, 'phone', 'https://another.example/cb'), 'unchecked', 'the name of a known wallet is not lent')
  for (const uri of [
    'javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:https://x.example/1',
    'about:blank',
    'intent://x#Intent;end',
    'http://any.example/cb',
    'http://10.0.0.1/cb',
    '/relative',
    'https://any.example/cb#fragment',
    'https://any.example/c b',
  ])
    t.is(outcome(any, 'whoever', uri), 'invalid_request', uri)
})

test('RFC 8252 §7.2: only a registered https address counts as claimed, for any app can claim a scheme', (t) => {
  const claimed = (issuer: LiveIssuer, client: string, uri: string) =>
    hasClaimedRedirectUri(proveRedirectUri(issuer, client, uri), uri)
  t.true(claimed(known, 'phone', 'https://phone.example/cb'))
  t.false(claimed(known, 'phone', 'phone-wallet://cb'))
  t.false(claimed(known, 'desktop', 'http://127.0.0.1:7/cb'))
  t.false(claimed(any, 'whoever', 'https://any.example/cb'))
})

test('VCI-45: the consent page names the host or the scheme that the answer goes to', (t) => {
  t.is(addressOf('https://phone.example:8443/cb?x=1'), 'phone.example:8443')
  t.is(addressOf('phone-wallet://cb'), 'phone-wallet://')
  t.is(addressOf('com.example:/cb'), 'com.example://')
})
