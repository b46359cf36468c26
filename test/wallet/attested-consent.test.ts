import test from 'ava'
import { makeKey } from '../../src/wallet/keys.ts'
import { makeAttester } from '../support/attester.ts'
import { startTestNode } from '../support/node.ts'
import { elementOf } from '../support/plain-browser.ts'
import { answerIn, personAt } from '../support/way.ts'

const [attester, key, redirectUri] = [await makeAttester(), makeKey(), 'pocket://callback']
const registered = makeKey()
const node = await startTestNode({
  attesters: { wallets: { name: 'Wallet provider', certificates: attester.certificates } },
  walletProfiles: {
    client: { client_id: 'client', name: 'Client', redirect_uris: [redirectUri], jwks: { keys: [registered.jwk] } },
  },
  settings: {
    staff: { wallet_attestation: 'optional' },
    campus: { wallet_attestation: 'optional', consent: 'unless_trusted', wallets: ['client', 'test'] },
  },
})
test.after.always(() => node.stop())

function attestedWallet(issuer: string, claims: Record<string, unknown> = {}) {
  const [clientId, audience] = ['pocket-wallet', node.identifierOf(issuer)]
  const jwt = attester.attestWallet({ key, clientId }, { claims })
  return node.wallet(issuer, { clientId, redirectUri, client: { method: 'attestation', jwt, key, clientId, audience } })
}

/** Where the browser is after the sign-in of alice. */
async function afterSignIn(wallet: ReturnType<typeof attestedWallet>) {
  const { request_uri } = (await wallet.push()).body
  const { go, press } = personAt('pocket:')
  const page = await go(await wallet.authorizeUrl({ request_uri }))
  return press(page, 'sign-in', { username: 'alice', password: 'alice' })
}

test('VCI-118, VCI-45: the consent page names an attested wallet as its attester does, else by its client id', async (t) => {
  for (const [claims, name] of [
    [{ wallet_name: 'Pocket <b>' }, 'Pocket &lt;b&gt;'],
    [{}, 'pocket-wallet'],
  ] as const) {
    const page = await afterSignIn(attestedWallet('staff', claims))
    t.truthy(elementOf(page, 'approve'))
    t.true(page.text.includes(name), name)
    t.true(page.text.includes('pocket://'))
    t.false(page.text.includes('has not checked this wallet'))
  }
})

test('VCI-45, HAIP-18: where only unknown wallets need consent, one that has authenticated needs none, whatever its redirect URI', async (t) => {
  const byKey = {
    clientId: 'client',
    redirectUri,
    client: { method: 'private_key_jwt', key: registered, clientId: 'client', audience: node.identifierOf('campus') },
  } as const
  for (const wallet of [attestedWallet('campus'), node.wallet('campus', byKey)]) {
    const { code = '' } = answerIn((await afterSignIn(wallet)).url)
    t.is((await wallet.redeem({ code })).status, 200)
  }
})
