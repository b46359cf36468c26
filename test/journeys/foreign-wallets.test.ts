import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { decideDeferred } from '../../src/issuance/decide-deferred.ts'
import { listDeferred } from '../../src/issuance/show-deferred.ts'
import { decodeMdoc, isBoundTo } from '../../src/wallet/mdoc.ts'
import { makeAttester, type TestAttester } from '../support/attester.ts'
import { type Claimed, type ForeignOptions, foreignWallet } from '../support/foreign-wallet.ts'
import { startTestNode } from '../support/node.ts'
import { plainBrowser } from '../support/plain-browser.ts'
import { readSdJwt, rootOf } from '../support/read-sd-jwt.ts'
import { secondWallet } from '../support/second-wallet.ts'
import { walk } from '../support/sign-in.ts'
import { person } from '../support/tenant.ts'

const attester = await makeAttester()
const stranger = await makeAttester('Stranger')
const node = await startTestNode({
  tenantFile: join(import.meta.dirname, '../support/fixtures/wallets.yaml'),
  environment: { ATTESTER: attester.certificates },
})
test.after.always(() => node.stop())

const wallets = {
  '@openid4vc/openid4vci': async (options: ForeignOptions = {}) => foreignWallet({ dpop: true, ...options }),
  Credo: secondWallet,
}
/** What a library says of a refusal. */
const told = (error: unknown): string => `${error}`
const bySignIn = (issuer: string, configuration: string) =>
  node.offer({ issuer, configuration, grants: ['authorization_code'] })
const asAlice = async (url: URL) => (await walk(plainBrowser(), url, 'https://foreign.example/callback', {})).url

/** Each is another copy, signed below the issuer's root for the key of its place, and says who the person is. */
async function areCards(
  t: ExecutionContext,
  issuer: string,
  claimed: Claimed,
  copies: number,
  name = person.given_name,
) {
  const identifier = node.identifierOf(issuer)
  const root = await rootOf(identifier)
  t.is(new Set(claimed.credentials).size, copies)
  for (const [at, credential] of claimed.credentials.entries()) {
    const { claims, shown } = await readSdJwt(credential, { root, issuer: identifier })
    t.is(claims.given_name, name)
    t.false('given_name' in shown, 'the holder may withhold a name')
    const { x, y } = claimed.keys[at]!.jwk
    t.like(claims.cnf, { jwk: { x, y } })
  }
}

async function areMemberships(t: ExecutionContext, issuer: string, { credentials, keys }: Claimed, copies: number) {
  const root = new X509Certificate(await rootOf(node.identifierOf(issuer)))
  t.is(new Set(credentials).size, copies)
  for (const [at, credential] of credentials.entries()) {
    const mdoc = decodeMdoc(credential)
    t.is(mdoc.docType, 'com.example.membership.1')
    const [leaf] = mdoc.x5chain.map((der) => new X509Certificate(der))
    t.true(mdoc.digestsMatch && mdoc.isSignedBy(leaf!) && leaf!.verify(root.publicKey))
    t.true(isBoundTo(mdoc, keys[at]!.thumbprint))
  }
}

/** What an administrator does while a wallet waits. */
async function approve(issuer: string, offerId: string): Promise<void> {
  const live = await node.issuer(issuer)
  const page = { state: 'waiting', before: undefined, limit: 100 } as const
  const { deferred } = await listDeferred(node.services, live, page)
  const { id } = deferred.find((one) => one.offerId === offerId)!
  await decideDeferred(node.services, live, id, { decision: 'approved', reason: undefined })
}

for (const [name, makeWallet] of Object.entries(wallets)) {
  const by = (title: string) => `${title} [${name}]`

  test(by('VCI-34, VCI-47, VCI-69, VCI-72: with a PIN, bound by DPoP, a batch of SD-JWT VCs'), async (t) => {
    const offer = await node.offer({ issuer: 'plain', configuration: 'Card', txCode: '004217' })
    const claimed = await (await makeWallet()).claim(offer.link, { txCode: '004217', copies: 3 })
    t.is(claimed.token.token_type, 'DPoP')
    await areCards(t, 'plain', claimed, 3)
  })

  test(by('VCI-38, VCI-63, VCI-72: by a sign-in, over PAR and with PKCE, an SD-JWT VC'), async (t) => {
    const offer = await bySignIn('plain', 'Card')
    const claimed = await (await makeWallet()).claimBySignIn(offer.link, asAlice)
    await areCards(t, 'plain', claimed, 1, 'Alice')
  })

  test(by('VCI-69, VCI-72, VCI-77: a batch of mdocs'), async (t) => {
    const offer = await node.offer({ issuer: 'plain', configuration: 'Membership', txCode: true })
    const claimed = await (await makeWallet()).claim(offer.link, { txCode: offer.txCode!, copies: 3 })
    await areMemberships(t, 'plain', claimed, 3)
  })

  for (const encrypted of [false, true])
    test(
      by(
        encrypted
          ? 'VCI-61, VCI-66, VCI-76, VCI-84: a deferred credential, with every message encrypted'
          : 'VCI-73, VCI-84: a deferred credential, after an administrator approved it',
      ),
      async (t) => {
        const [issuer, configuration] = encrypted ? ['sealed', 'SlowCard'] : ['slow', 'Card']
        const offer = await node.offer({ issuer, configuration, txCode: true })
        const wallet = await makeWallet({ encrypted })
        const first = await wallet.claim(offer.link, { txCode: offer.txCode!, copies: 2 })
        t.is(first.credentials.length, 0)
        const again = await first.later!()
        t.is(again.credentials.length, 0, 'nobody approved it yet')
        await approve(issuer, offer.id)
        const claimed = await again.later!()
        t.is(claimed.later, undefined)
        await areCards(t, issuer, claimed, 2)
      },
    )

  test(by('VCI-61, VCI-66, VCI-76: encrypted both ways, SD-JWT VCs and mdocs'), async (t) => {
    for (const configuration of ['Card', 'Membership']) {
      const offer = await node.offer({ issuer: 'sealed', configuration, txCode: true })
      const claimed = await (await makeWallet({ encrypted: true })).claim(offer.link, {
        txCode: offer.txCode!,
        copies: 2,
      })
      await (configuration === 'Card' ? areCards(t, 'sealed', claimed, 2) : areMemberships(t, 'sealed', claimed, 2))
    }
  })

  test(by('HAIP-18, HAIP-21, VCI-98, VCI-99, VCI-117: attested, one proof for a batch of attested keys'), async (t) => {
    const offer = await bySignIn('high', 'Card')
    const wallet = await makeWallet({ attester, encrypted: true, clientId: 'attested-wallet' })
    const claimed = await wallet.claimBySignIn(offer.link, asAlice, { copies: 2, attestedBy: attester })
    await areCards(t, 'high', claimed, 2, 'Alice')
  })

  test(by('HAIP-21, HAIP-23, VCI-100, VCI-117: attested, mdocs for keys that only an attestation shows'), async (t) => {
    const offer = await bySignIn('high', 'Membership')
    const wallet = await makeWallet({ attester, encrypted: true, clientId: 'attested-wallet' })
    const claimed = await wallet.claimBySignIn(offer.link, asAlice, { copies: 2, attestedBy: attester })
    await areMemberships(t, 'high', claimed, 2)
  })

  test(by('HAIP-18, VCI-104, VCI-117: whom a stranger vouches for gets nothing'), async (t) => {
    const settings = { encrypted: true, clientId: 'attested-wallet' }
    const claim = async (wallet: Awaited<ReturnType<typeof makeWallet>>, attestedBy: TestAttester) => {
      const { link } = await bySignIn('high', 'Card')
      return wallet.claimBySignIn(link, asAlice, { attestedBy })
    }
    const [unknown, known] = [
      await makeWallet({ attester: stranger, ...settings }),
      await makeWallet({ attester, ...settings }),
    ]
    t.regex(told(await t.throwsAsync(claim(unknown, attester))), /invalid_client/)
    t.regex(told(await t.throwsAsync(claim(known, stranger))), /invalid_proof/)
    await areCards(t, 'high', await claim(known, attester), 1, 'Alice')
  })
}
