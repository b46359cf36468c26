import test from 'ava'
import { makeDpopProof, makeKey } from '../../src/wallet/keys.ts'
import { makeAttester } from '../support/attester.ts'
import { databases } from '../support/databases.ts'
import { startTestNode } from '../support/node.ts'

const [attester, key] = [await makeAttester(), makeKey()]
const redirectUri = 'https://client.example/callback'
const [databaseUrl, tenant] = [
  await databases[0]!.url(),
  {
    attesters: { wallets: { name: 'Wallet provider', certificates: attester.certificates } },
    walletProfiles: {
      client: { client_id: 'client', name: 'Client', redirect_uris: [redirectUri], jwks: { keys: [key.jwk] } },
    },
    settings: { staff: { wallets: ['test', 'client'], wallet_attestation: 'optional' } },
  },
]
const first = await startTestNode({ ...tenant, databaseUrl })
const second = await startTestNode({
  ...tenant,
  databaseUrl,
  identityProvider: first.identityProvider,
  config: { publicUrl: first.url },
})
test.after.always(async () => {
  await second.stop()
  await first.stop()
})

/** What a wallet asks of the service, the second node answers. */
const atSecond: typeof fetch = (input, init) => fetch(String(input).replace(first.url, second.url), init)

type Options = NonNullable<Parameters<typeof first.wallet>[1]>
const ways: Record<string, Options> = {
  'ABCA-4: a proof of possession of a wallet attestation': {
    clientId: 'attested',
    client: {
      method: 'attestation',
      jwt: attester.attestWallet({ key, clientId: 'attested' }),
      key,
      clientId: 'attested',
      audience: first.identifierOf('staff'),
    },
  },
  'RFC 7523 §3: a client assertion': {
    clientId: 'client',
    redirectUri,
    client: { method: 'private_key_jwt', key, clientId: 'client', audience: first.identifierOf('staff') },
  },
}
for (const [what, options] of Object.entries(ways)) {
  test(`${what} that two nodes get at once is taken by one of them, and by neither again`, async (t) => {
    const [here, there] = [first.wallet('staff', options), first.wallet('staff', { ...options, fetch: atSecond })]
    await here.push() // now it knows a challenge
    const same = { client: { claims: { jti: `the same, ${what}` } } }
    const answers = await Promise.all([here.push({}, same), there.push({}, same), here.push({}, same)])
    t.deepEqual(answers.map(({ status }) => status).toSorted(), [201, 400, 400])
    t.is((await there.push({}, same)).status, 400)
    t.is((await here.push({}, same)).status, 400)
    t.is((await there.push()).status, 201)
  })
}

test('RFC 9449 §11.1: a DPoP proof that one node took the other refuses', async (t) => {
  const [here, there] = [first.wallet('staff'), first.wallet('staff', { fetch: atSecond })]
  const nonce = (await here.nonce()).headers.get('dpop-nonce') ?? ''
  const contents = { method: 'POST', url: `${first.identifierOf('staff')}/par`, nonce, now: new Date() }
  const headers = { dpop: makeDpopProof(makeKey(), contents) }
  const answers = await Promise.all([here.push({}, { headers }), there.push({}, { headers })])
  t.deepEqual(answers.map(({ status }) => status).toSorted(), [201, 400])
  t.like(await here.push({}, { headers }), { status: 400, body: { error: 'invalid_dpop_proof' } })
})
