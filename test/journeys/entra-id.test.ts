import { join } from 'node:path'
import test from 'ava'
import { makeFetch } from '../../src/lib/http-client.ts'
import { startEntra } from '../support/entra-double.ts'
import { acme, entraClient, people } from '../support/entra-people.ts'
import { overageOf } from '../support/entra-recorded.ts'
import { startTestNode } from '../support/node.ts'
import { readSdJwt, rootOf } from '../support/read-sd-jwt.ts'
import { remember } from '../support/secrets.ts'
import { testWallet } from '../support/wallet.ts'
import { helpOf } from '../support/way.ts'

const entra = await startEntra({ redirectUri: 'set below' })
const node = await startTestNode({
  tenantFile: join(import.meta.dirname, '../support/fixtures/entra.yaml'),
  fetch: entra.redirected(makeFetch({ allowAddresses: ['127.0.0.0/8', '::1/128'] })),
  environment: {
    ...{ ENTRA_DIRECTORY: acme, ENTRA_CLIENT_ID: entraClient.client_id },
    ENTRA_CLIENT_SECRET: remember(entraClient.client_secret),
  },
})
test.after.always(() => Promise.all([node.stop(), entra.stop()]))

const walletAt = (issuer: string) => {
  entra.redirectUri = `${node.url}/test/callback/${issuer === 'staff' ? 'entra' : 'tokens'}`
  return testWallet(node.identifierOf(issuer), { fetch: entra.redirected(fetch), clock: node.services.clock })
}

test.serial(
  'VCI-28, VCI-72: who signs in at Entra ID gets a badge with what the token and Microsoft Graph know',
  async (t) => {
    const wallet = walletAt('staff')
    const answer = await wallet.redeem(await wallet.signIn())
    t.is(answer.status, 200, answer.text)
    const issued = await wallet.credential(answer)
    t.is(issued.status, 200, issued.text)
    const issuer = node.identifierOf('staff')
    const trusted = { root: await rootOf(issuer), issuer, at: node.services.clock() }
    const { claims } = await readSdJwt(issued.body.credentials[0]?.credential ?? '', trusted)
    t.like(claims, { given_name: 'Alice', employee_id: 'E-1001', groups: ['Staff'] })
  },
)

test.serial(
  'Entra ID: who is in too many groups gets no credential with too few roles, and what needs none all the same',
  async (t) => {
    const alice = String(people.alice!.claims.oid)
    entra.idToken = (claims) => ({ ...claims, ...overageOf(alice), groups: ['the first few'] })
    const wallet = walletAt('plain')
    const asked = (id: string) => ({
      authorization_details: JSON.stringify([{ type: 'openid_credential', credential_configuration_id: id }]),
      scope: undefined,
    })
    const refused = await wallet.signIn({ members: asked('RoleCard') })
    t.is(helpOf(refused.page), 'too-many-groups')
    t.regex(refused.page.text, /could not be read completely/)
    t.notRegex(refused.page.text, /the first few/)
    t.is((await wallet.redeem(await wallet.signIn({ members: asked('LibraryCard') }))).status, 200)
  },
)
