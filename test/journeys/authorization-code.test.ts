import test from 'ava'
import { startTestNode } from '../support/node.ts'

const node = await startTestNode()
test.after.always(() => node.stop())

test('VCI-44, VCI-46: alice signs in, agrees, and her wallet gets the credential', async (t) => {
  const wallet = node.wallet('staff')
  const signedIn = await wallet.signIn()
  t.is(signedIn.error, null, signedIn.page.text)
  t.truthy(signedIn.code)
  const token = await wallet.redeem(signedIn)
  t.is(token.status, 200, token.text)
  const credential = await wallet.credential(token)
  t.is(credential.status, 200, credential.text)
})
