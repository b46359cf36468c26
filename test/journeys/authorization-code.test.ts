import test from 'ava'
import { databases } from '../support/databases.ts'
import { foreignWallet } from '../support/foreign-wallet.ts'
import { startTestNode, type TestNode } from '../support/node.ts'
import { plainBrowser } from '../support/plain-browser.ts'
import { readSdJwt, rootOf } from '../support/read-sd-jwt.ts'
import { walk } from '../support/sign-in.ts'
import { person } from '../support/tenant.ts'
import { helpOf } from '../support/way.ts'

const alice = {
  given_name: 'Alice',
  family_name: 'Jönsson',
  employee_id: 'E-1001',
  department: 'Engineering',
  email: 'alice@acme.example',
}

/** What a verifier reads who trusts the issuer's root. */
async function read(node: TestNode, issuer: string, credential: string | undefined) {
  const identifier = node.identifierOf(issuer)
  const root = await rootOf(identifier)
  return readSdJwt(credential ?? '', { root, issuer: identifier, at: node.services.clock() })
}

/** The person's part of a foreign wallet's sign-in. */
const signingIn =
  (redirectUri: string, username = 'alice') =>
  async (url: URL) =>
    (await walk(plainBrowser(), url, redirectUri, { username })).url

// All of them before the first test is declared, for AVA takes none later.
const nodes = await Promise.all(
  databases.map(async ({ name, url }) => ({ name, node: await startTestNode({ databaseUrl: await url() }) })),
)
test.after.always(() => Promise.all(nodes.map(({ node }) => node.stop())))

for (const { name, node } of nodes) {
  const on = (title: string) => `${title} [${name}]`

  for (const dpop of [false, true])
    test(
      on(
        `VCI-28, VCI-38, VCI-44, VCI-72: a wallet that others wrote claims what the provider knows of alice${dpop ? ', with DPoP from PAR on' : ''}`,
      ),
      async (t) => {
        const offer = await node.offer({ issuer: 'staff' })
        const wallet = foreignWallet({ dpop })
        const claimed = await wallet.claimBySignIn(offer.link, signingIn(wallet.redirectUri))
        t.is(claimed.token.token_type, dpop ? 'DPoP' : 'Bearer')
        const { claims, shown } = await read(node, 'staff', claimed.credentials[0])
        t.like(claims, alice)
        const { x, y } = claimed.keys[0]!.jwk
        t.like(claims.cnf, { jwk: { x, y } })
        t.is(shown.employee_id, 'E-1001')
        t.false('email' in shown, 'the holder may withhold it')
      },
    )

  test(
    on('VCI-39, VCI-49, VCI-51: authorization_details are answered with identifiers that buy the credential'),
    async (t) => {
      const wallet = node.wallet('staff')
      const token = await wallet.redeem(await wallet.signIn())
      t.is(token.headers.get('cache-control'), 'no-store')
      t.true(token.body.expires_in <= 300)
      const [detail] = token.body.authorization_details
      t.is(detail?.credential_configuration_id, 'EmployeeBadge')
      t.regex(detail?.credential_identifiers[0] ?? '', /^crd_/)
      const answer = await wallet.credential(token)
      t.is(answer.status, 200, answer.text)
      t.like((await read(node, 'staff', answer.body.credentials[0]?.credential)).claims, alice)
    },
  )

  test(
    on('VCI-40, VCI-41: a wallet starts on its own, by scope, without PAR, at an app of its own scheme'),
    async (t) => {
      const wallet = node.wallet('staff', { redirectUri: 'test-wallet://callback' })
      const members = { authorization_details: undefined, scope: 'LibraryCard EmployeeBadge openid', state: undefined }
      const signedIn = await wallet.signIn({ push: false, members })
      t.true(signedIn.url.startsWith('test-wallet://callback?code='))
      t.is(signedIn.state, null)
      t.is(signedIn.iss, wallet.issuer)
      const token = await wallet.redeem(signedIn)
      t.deepEqual(String(token.body.scope).split(' ').sort(), ['EmployeeBadge', 'LibraryCard'])
      t.is(token.body.authorization_details, undefined as never)
      for (const configurationId of ['EmployeeBadge', 'LibraryCard'])
        t.is((await wallet.credential(token, { configurationId })).status, 200)
    },
  )

  test(
    on('VCI-30, VCI-36: an offer with both grants is spent by the first; the sign-in adds what the offer does not say'),
    async (t) => {
      const both = { issuer: 'campus', grants: ['authorization_code' as const, 'pre_authorized_code' as const] }
      const offer = await node.offer({ ...both, claims: person })
      const wallet = node.wallet('campus')
      const token = await wallet.redeem(
        await wallet.signIn({ username: 'bob', members: { issuer_state: offer.issuerState } }),
      )
      t.is(token.status, 200, token.text)
      const answer = await wallet.credential(token)
      const { claims } = await read(node, 'campus', answer.body.credentials[0]?.credential)
      t.like(claims, { given_name: person.given_name, student_number: person.document_number })
      t.like(await wallet.redeem(offer.code), { status: 400, body: { error: 'invalid_grant' } })
    },
  )

  test(on('VCI-32: each view of a shared offer follows the wallet that came from it, and no other'), async (t) => {
    const offer = await node.offer({ issuer: 'staff' })
    const [mine, others] = ['m'.repeat(22), 'o'.repeat(22)]
    const stateOf = async (view: string) => {
      const { text } = await plainBrowser().go(`${offer.page}?view=${view}`)
      return /is in your wallet/.test(text.replace(/<ol class="progress[\s\S]*?<\/ol>/, ''))
    }
    t.false(await stateOf(mine))
    const wallet = node.wallet('staff')
    const token = await wallet.redeem(
      await wallet.signIn({ members: { issuer_state: `${offer.issuerState}.${mine}` } }),
    )
    t.is((await wallet.credential(token)).status, 200)
    t.true(await stateOf(mine))
    t.false(await stateOf(others))
  })

  test(on('VCI-45: bob, who lacks a mandatory claim, ends on a page, and his wallet gets nothing'), async (t) => {
    const wallet = node.wallet('staff')
    const signedIn = await wallet.signIn({ username: 'bob' })
    t.is(signedIn.code, '')
    t.is(helpOf(signedIn.page), 'missing-claim')
    for (const table of ['grants', 'tokens']) {
      const sessions = await node.services.database.db('sessions').where({ state: 'failed' }).select('id')
      if (table === 'grants')
        t.deepEqual(
          await node.services.database.db(table).whereIn(
            'session_id',
            sessions.map(({ id }) => id),
          ),
          [],
        )
    }
  })

  test(on('RFC 6749 §4.1.2: of ten redemptions of a code at once exactly one succeeds'), async (t) => {
    const wallet = node.wallet('staff')
    const signedIn = await wallet.signIn()
    const answers = await Promise.all(Array.from({ length: 10 }, () => wallet.redeem(signedIn)))
    t.is(answers.filter(({ status }) => status === 200).length, 1)
  })
}

test('VCI-2, VCI-44: a code is worth nothing to another client, at another redirect URI, for another verifier or issuer', async (t) => {
  const node = await startTestNode()
  t.teardown(() => node.stop())
  const wallet = node.wallet('staff')
  const signedIn = await wallet.signIn()
  for (const members of [
    { client_id: 'foreign-wallet' },
    { redirect_uri: 'test-wallet://callback' },
    { code_verifier: 'v'.repeat(43) },
    { code_verifier: undefined },
  ]) {
    const answer = await wallet.redeem(signedIn, undefined, members)
    t.like(answer, { status: 400, body: { error: 'invalid_grant' } }, JSON.stringify(members))
  }
  const elsewhere = await node.wallet('campus').redeem(signedIn, undefined, { code_verifier: wallet.codeVerifier })
  t.like(elsewhere, { status: 400, body: { error: 'invalid_grant' } })
  t.is((await wallet.redeem(signedIn)).status, 200, 'and none of this has spent it')
})
