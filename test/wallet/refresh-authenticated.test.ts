import { join } from 'node:path'
import test from 'ava'
import type { ClientAuthentication } from '../../src/wallet/client-authentication.ts'
import { makeKey } from '../../src/wallet/keys.ts'
import { makeAttester } from '../support/attester.ts'
import { startTestNode } from '../support/node.ts'
import { isRefused } from '../support/refusals.ts'

const attester = await makeAttester()
const [instance, otherInstance, clientKey] = [makeKey(), makeKey(), makeKey()]
const node = await startTestNode({
  tenantFile: join(import.meta.dirname, '../support/fixtures/grant-life.yaml'),
  attesters: { wallets: { name: 'Wallet provider', attests: ['wallet'], certificates: attester.certificates } },
  walletProfiles: {
    registered: {
      client_id: 'registered',
      name: 'Registered client',
      redirect_uris: ['https://client.example/callback'],
      jwks: { keys: [{ ...clientKey.jwk, kid: 'one' }] },
    },
  },
  settings: { renewing: { wallet_attestation: 'optional' } },
})
test.after.always(() => node.stop())

const audience = node.identifierOf('renewing')
const attested = (key = instance): ClientAuthentication => ({
  method: 'attestation',
  jwt: attester.attestWallet({ key, now: node.services.clock() }),
  key,
  clientId: 'attested-wallet',
  audience,
})
const claim = async (wallet: ReturnType<typeof node.wallet>) => {
  await wallet.nonce() // brings the DPoP nonce, so that the token request asks for the challenge only
  return wallet.redeem((await node.offer({ issuer: 'renewing', configuration: 'StudentCard' })).code)
}

test('ABCA-8, HAIP-17: the refresh token of an attested wallet belongs to the instance, whose key it is', async (t) => {
  for (const dpop of [true, false]) {
    const clientId = 'attested-wallet'
    const wallet = node.wallet('renewing', { client: attested(), clientId, dpop })
    const token = await claim(wallet)
    t.is(token.status, 200, token.text)
    t.is(token.body.token_type, dpop ? 'DPoP' : 'Bearer')
    t.is(typeof token.body.refresh_token, 'string', 'also without DPoP')
    t.is((await wallet.refresh(token)).status, 200)
    isRefused(t, await wallet.refresh(token, {}, { client: false }), 'invalid_grant', 'without the attestation')
    const other = node.wallet('renewing', { client: attested(otherInstance), clientId })
    isRefused(t, await other.refresh(token), 'invalid_grant', 'by another instance')
    isRefused(t, await other.revoke(token.body.refresh_token), 'invalid_grant', 'nor may that revoke it')
    t.is((await wallet.refresh(token)).status, 200)
  }
})

test('fapi2-refresh-token, RFC 6749 §6: a client that authenticated does so for its refresh token, and to revoke it', async (t) => {
  const client: ClientAuthentication = {
    method: 'private_key_jwt',
    key: clientKey,
    kid: 'one',
    clientId: 'registered',
    audience,
  }
  const wallet = node.wallet('renewing', { client, clientId: 'registered', dpop: true })
  const token = await claim(wallet)
  t.is(token.status, 200, token.text)
  t.is((await wallet.refresh(token)).status, 200)
  const named = { client_id: 'registered' }
  isRefused(t, await wallet.refresh(token, named, { client: false }), 'invalid_client')
  isRefused(t, await wallet.refresh(token, {}, { client: false }), 'invalid_grant', 'nor without a name')
  isRefused(
    t,
    await wallet.revoke(token.body.refresh_token, { client_id: undefined }, { client: false }),
    'invalid_grant',
  )
  t.is((await wallet.refresh(token)).status, 200)
})
