import test from 'ava'
import { startTestNode } from '../support/node.ts'

const node = await startTestNode()
test.after.always(() => node.stop())

const wants = (id: string, ...claims: object[]) => [
  { type: 'openid_credential', credential_configuration_id: id, claims },
]

test('VCI-107: a wallet that calls a claim mandatory gets the credential where the claim is there', async (t) => {
  const wallet = node.wallet('staff')
  const authorization_details = wants('LibraryCard', { path: ['email'], mandatory: true }, { path: ['shoe_size'] })
  const signedIn = await wallet.signIn({ members: { authorization_details } })
  t.is((await wallet.redeem(signedIn)).status, 200)
})

test('VCI-107: where the account does not hold it, the person reads that, and nothing is issued', async (t) => {
  const wallet = node.wallet('staff')
  const authorization_details = wants('LibraryCard', { path: ['shoe_size'], mandatory: true })
  const signedIn = await wallet.signIn({ members: { authorization_details } })
  t.is(signedIn.code, '')
  t.regex(signedIn.page.text, /data-help="missing-claim"/)
})

test('VCI-107: a token request that calls a claim mandatory is refused where it can not be included, and spends nothing', async (t) => {
  const { code } = await node.offer({ txCode: '004217' })
  const registry = node.wallet('registry')
  const asked = (path: unknown[]) => ({ authorization_details: wants('ResidencePermit', { path, mandatory: true }) })
  const { status, body } = await registry.redeem(code, '004217', asked(['shoe_size']))
  t.is(status, 400)
  t.is(body.error, 'invalid_authorization_details')
  t.is((await registry.redeem(code, '004217', asked(['birthdate']))).status, 200)
})

test('VCI-108, VCI-109: claims that contradict each other, or have no path, are refused', async (t) => {
  const wallet = node.wallet('staff')
  for (const claims of [
    [{ path: ['email'] }, { path: ['email'] }],
    [{ path: ['roles', null] }, { path: ['roles', 0] }],
    [{ path: ['roles', 'a'] }, { path: ['roles', 0] }],
    [{ path: [] }],
    [{ path: ['roles', -1] }],
    [{}],
  ]) {
    const { status, body } = await wallet.push({ authorization_details: wants('LibraryCard', ...claims) })
    t.is(status, 400, JSON.stringify(claims))
    t.is(body.error, 'invalid_authorization_details', JSON.stringify(claims))
  }
})
