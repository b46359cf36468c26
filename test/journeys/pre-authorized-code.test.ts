import test, { type ExecutionContext } from 'ava'
import { makeKey } from '../../src/wallet/keys.ts'
import { databases } from '../support/databases.ts'
import { type Claimed, foreignWallet } from '../support/foreign-wallet.ts'
import { startTestNode, type TestNode } from '../support/node.ts'
import { readSdJwt, rootOf } from '../support/read-sd-jwt.ts'
import { person } from '../support/tenant.ts'

const permit = { ...person, issuing_country: 'SE' }
const card = {
  given_name: person.given_name,
  family_name: person.family_name,
  birthdate: person.birthdate,
  student_number: person.document_number,
}

/** Every credential verifies from the issuer's root, is bound to its key, and says of the person what the offer said. */
async function isIssued(
  t: ExecutionContext,
  node: TestNode,
  issuer: string,
  { credentials, keys }: Pick<Claimed, 'credentials' | 'keys'>,
  { vct, says }: { vct: string; says: Record<string, unknown> },
): Promise<void> {
  const identifier = node.identifierOf(issuer)
  const root = await rootOf(identifier)
  t.true(credentials.length > 0)
  t.is(credentials.length, keys.length)
  for (const [at, credential] of credentials.entries()) {
    const { claims, shown } = await readSdJwt(credential, { root, issuer: identifier })
    t.like(claims, { ...says, vct: `${identifier}/types/${vct}` })
    const { x, y } = keys[at]!.jwk
    t.like(claims.cnf, { jwk: { kty: 'EC', crv: 'P-256', x, y } })
    t.false('given_name' in shown, 'the holder may withhold a name')
  }
}

// All of them before the first test is declared: AVA does not wait in between.
const nodes = await Promise.all(
  databases.map(async ({ name, url }) => ({ name, node: await startTestNode({ databaseUrl: await url() }) })),
)
test.after.always(() => Promise.all(nodes.map(({ node }) => node.stop())))

for (const { name, node } of nodes) {
  const on = (title: string) => `${title} [${name}]`

  test(
    on('VCI-28, VCI-35, VCI-47, VCI-72: a wallet that others wrote claims with a pre-authorized code, anonymously'),
    async (t) => {
      const offer = await node.offer()
      const claimed = await foreignWallet().claim(offer.link)
      t.is(claimed.token.token_type, 'Bearer')
      await isIssued(t, node, 'campus', claimed, { vct: 'StudentCard', says: card })
    },
  )

  test(on('VCI-34, VCI-47, VCI-54: a wallet that others wrote claims with a PIN, leading zeros and all'), async (t) => {
    const offer = await node.offer({ txCode: '004217' })
    const claimed = await foreignWallet().claim(offer.link, { txCode: '004217' })
    await isIssued(t, node, 'registry', claimed, { vct: 'ResidencePermit', says: permit })
    t.like((await readSdJwt(claimed.credentials[0]!, await trustIn(node, 'registry'))).shown, { issuing_country: 'SE' })
  })

  test(on('RFC 9449 §5, §7: a wallet that others wrote binds its token to a key by DPoP'), async (t) => {
    const offer = await node.offer()
    const claimed = await foreignWallet({ dpop: true }).claim(offer.link)
    t.is(claimed.token.token_type, 'DPoP')
    await isIssued(t, node, 'campus', claimed, { vct: 'StudentCard', says: card })
  })

  test(
    on('VCI-64, VCI-69, VCI-72: a wallet that others wrote gets a batch, a copy for each of its keys'),
    async (t) => {
      const offer = await node.offer({ txCode: true })
      const claimed = await foreignWallet({ dpop: true }).claim(offer.link, { txCode: offer.txCode!, copies: 4 })
      t.is(new Set(claimed.credentials).size, 4)
      await isIssued(t, node, 'registry', claimed, { vct: 'ResidencePermit', says: permit })
    },
  )

  test(on('VCI-29: an offer by value carries all that one by reference does'), async (t) => {
    const byValue = await node.offer({ delivery: { by: 'value' } })
    t.true(byValue.link.startsWith('openid-credential-offer://?credential_offer=%7B'))
    const claimed = await foreignWallet().claim(byValue.link)
    await isIssued(t, node, 'campus', claimed, { vct: 'StudentCard', says: card })
  })

  test(on('VCI-30, VCI-49, VCI-51: one offer yields each of its credentials'), async (t) => {
    const offer = await node.offer({ configuration: ['StudentCard', 'TransitPass'] })
    const wallet = node.wallet('campus')
    const token = await wallet.redeem(offer.code)
    const granted = token.body.authorization_details.map((detail) => detail.credential_configuration_id)
    t.deepEqual(granted, ['StudentCard', 'TransitPass'])
    for (const configurationId of granted) {
      const answer = await wallet.credential(token, { configurationId })
      t.is(answer.status, 200, answer.text)
      const { claims } = await readSdJwt(answer.body.credentials[0]!.credential, await trustIn(node, 'campus'))
      t.like(claims, {
        vct: `${node.identifierOf('campus')}/types/${configurationId}`,
        student_number: person.document_number,
      })
    }
  })

  test(
    on('VCI-46, VCI-56, VCI-75: our wallet claims with PIN, DPoP and a batch, each answer for nobody to keep'),
    async (t) => {
      const offer = await node.offer({ txCode: '000042' })
      const wallet = node.wallet('registry', { dpop: true })
      const token = await wallet.redeem(offer.code, '000042')
      t.is(token.status, 200, token.text)
      t.is(token.headers.get('cache-control'), 'no-store')
      t.is(token.body.token_type, 'DPoP')
      t.true(token.body.expires_in <= 900)
      const keys = [makeKey('ES256'), makeKey('ES256')]
      const answer = await wallet.credential(token, { keys })
      t.is(answer.status, 200, answer.text)
      t.is(answer.headers.get('cache-control'), 'no-store')
      const credentials = answer.body.credentials.map(({ credential }) => credential)
      await isIssued(t, node, 'registry', { credentials, keys }, { vct: 'ResidencePermit', says: permit })
    },
  )
}

const trustIn = async (node: TestNode, issuer: string) => {
  const identifier = node.identifierOf(issuer)
  return { root: await rootOf(identifier), issuer: identifier }
}

test('VCI-32, VCI-56: a bearer token is over after five minutes, and a code without a PIN after an hour', async (t) => {
  const node = await startTestNode()
  t.teardown(() => node.stop())
  const [spent, kept] = [await node.offer(), await node.offer()]
  const wallet = node.wallet('campus')
  const token = await wallet.redeem(spent.code)
  t.is((await wallet.credential(token)).status, 200)
  node.wait({ minutes: 6 })
  const late = await wallet.credential(token)
  t.is(late.status, 401)
  t.regex(late.headers.get('www-authenticate') ?? '', /error="invalid_token"/)
  node.wait({ minutes: 55 })
  t.like(await wallet.redeem(kept.code), { status: 400, body: { error: 'invalid_grant' } })
})
