import { X509Certificate } from 'node:crypto'
import test from 'ava'
import { decodeJwt, decodeProtectedHeader, importX509, jwtVerify } from 'jose'
import { makeKey } from '../../src/wallet/keys.ts'
import { decodeSdJwt } from '../../src/wallet/sd-jwt.ts'
import { type Plan, startSuite } from '../support/suite.ts'

const { node, suiteWallet } = await startSuite()
test.after.always(() => node.stop())

const plans: Plan[] = [
  { name: 'private_key_jwt', settings: 'plain-Identity', grant: 'authorization_code', request: 'scope' },
  { name: 'HAIP', settings: 'haip-Identity', grant: 'authorization_code', request: 'scope' },
]
const [plain, haip] = plans as [Plan, Plan]

type Configuration = Record<string, unknown> & { format: string; scope?: string }
type Metadata = Record<string, unknown> & { credential_configurations_supported: Record<string, Configuration> }

const known = new Set([
  'credential_issuer',
  'credential_endpoint',
  'nonce_endpoint',
  'deferred_credential_endpoint',
  'notification_endpoint',
  'credential_request_encryption',
  'credential_response_encryption',
  'batch_credential_issuance',
  'display',
  'credential_configurations_supported',
])

async function fetchMetadata(plan: Plan, accept: string) {
  const identifier = suiteWallet(plan).issuer
  const url = identifier.replace(node.url, `${node.url}/.well-known/openid-credential-issuer`)
  return { identifier, answer: await fetch(url, { headers: { accept, 'accept-language': 'en-US, en;q=0.7' } }) }
}

for (const plan of plans) {
  test(`issuer-metadata-test [${plan.name}]`, async (t) => {
    const { identifier, answer } = await fetchMetadata(plan, 'application/json')
    t.is(answer.status, 200)
    t.is(answer.headers.get('content-type'), 'application/json')
    const metadata = (await answer.json()) as Metadata
    t.is(metadata.credential_issuer, identifier)
    t.deepEqual(
      Object.keys(metadata).filter((member) => !known.has(member)),
      [],
    )
    for (const configuration of Object.values(metadata.credential_configurations_supported)) {
      const bound = configuration.cryptographic_binding_methods_supported !== undefined
      t.is(bound, configuration.proof_types_supported !== undefined)
      const algorithms = configuration.credential_signing_alg_values_supported as unknown[]
      const wanted = configuration.format === 'mso_mdoc' ? 'number' : 'string'
      t.true(algorithms.length > 0 && algorithms.every((algorithm) => typeof algorithm === wanted))
      t.is(configuration.format === 'mso_mdoc' ? typeof configuration.doctype : typeof configuration.vct, 'string')
    }
    t.is('credential_request_encryption' in metadata, 'credential_response_encryption' in metadata)
  })

  test(`issuer-metadata-test-signed [${plan.name}]`, async (t) => {
    const { identifier, answer } = await fetchMetadata(plan, 'application/jwt')
    t.is(answer.headers.get('content-type')?.split(';')[0], 'application/jwt')
    const jwt = await answer.text()
    const { typ, x5c = [] } = decodeProtectedHeader(jwt)
    t.is(typ, 'openidvci-issuer-metadata+jwt')
    const pem = `-----BEGIN CERTIFICATE-----\n${x5c[0]}\n-----END CERTIFICATE-----`
    const { payload } = await jwtVerify(jwt, await importX509(pem, 'ES256'), { subject: identifier })
    t.is(payload.credential_issuer, identifier)
    t.is(typeof payload.iat, 'number')
  })

  test(`issuer-batch-issuance [${plan.name}]`, async (t) => {
    const suite = suiteWallet(plan)
    const { issuer } = await suite.metadata()
    const size = issuer.batch_credential_issuance?.batch_size ?? 0
    t.true(size >= 2)
    const keys = Array.from({ length: size }, () => makeKey())
    const answer = await suite.claim(await suite.authorizeAsSuite(), { keys })
    t.is(answer.status, 200, answer.text)
    const read = answer.body.credentials!.map(({ credential }) => decodeSdJwt(credential))
    t.true(read.length > 1 && read.length <= size)
    const claims = read.map(({ claims: all }) => all as Record<string, unknown>)
    t.is(new Set(claims.map(({ given_name, family_name }) => `${given_name} ${family_name}`)).size, 1, 'one dataset')
    t.deepEqual(
      new Set(claims.map(({ cnf }) => (cnf as { jwk: { x: string } }).jwk.x)),
      new Set(keys.map(({ jwk }) => jwk.x)),
    )
    const indices = claims.map(({ status }) => (status as { status_list: { idx: number } }).status_list.idx)
    t.is(new Set(indices).size, read.length, 'every copy has an entry of its own')
    const steps = new Set(indices.slice(1).map((index, at) => index - indices[at]!))
    t.true(steps.size > 1, 'in no arithmetic progression')
    for (const time of ['iat', 'exp']) t.true(new Set(claims.map((all) => all[time])).size > 1, `no shared ${time}`)
    const salts = answer.body.credentials!.flatMap(({ credential }) => credential.split('~').slice(1, -1))
    t.is(new Set(salts).size, salts.length)
  })

  test(`issuer-happy-flow-multiple-clients [${plan.name}]`, async (t) => {
    const [first, second] = [suiteWallet(plan), suiteWallet(plan, 'client2')]
    const [one, other] = [await first.authorizeAsSuite({ state: 's'.repeat(500) }), await second.authorizeAsSuite()]
    const credentials = await Promise.all([first.claim(one), second.claim(other)])
    t.deepEqual(
      credentials.map(({ status }) => status),
      [200, 200],
    )
    const nonce = (await first.nonce()).headers.get('dpop-nonce')
    const dpop = { key: first.dpopKey, header: { jwk: first.dpopKey.jwk }, claims: { nonce } }
    const mixed = await second.claim(other, { dpop })
    t.true(mixed.status >= 400 && mixed.status < 500, 'the key of one client with the token of the other')
    const times = credentials.map(({ body }) => decodeSdJwt(body.credentials![0]!.credential).claims.iat)
    t.not(times[0], times[1])
  })
}

test('HAIP-7, HAIP-8, HAIP-9, HAIP-10: the metadata of an issuer that meets the profile', async (t) => {
  const { issuer, authorizationServer } = await suiteWallet(haip).metadata()
  t.is(authorizationServer.issuer, issuer.credential_issuer)
  t.regex(String(issuer.nonce_endpoint), /\/nonce$/)
  t.true((issuer.batch_credential_issuance?.batch_size ?? 0) > 1)
  for (const { scope } of Object.values(issuer.credential_configurations_supported)) t.is(typeof scope, 'string')
})

test('HAIP-6, HAIP-13, HAIP-14: an offer for the code flow names a configuration, whose scope gets that credential', async (t) => {
  const suite = suiteWallet({ ...haip, offered: true })
  const { created } = await suite.offer()
  const offer = created.links.credentialOffer
  t.deepEqual(Object.keys(offer?.grants as object), ['authorization_code'])
  const token = await suite.authorizeAsSuite()
  t.is(token.body.scope, suite.configurationId)
  const { credential } = (await suite.claim(token)).body.credentials![0]!
  const { vct } = (await suite.metadata()).issuer.credential_configurations_supported[suite.configurationId]!
  t.is(decodeJwt(credential.split('~')[0]!).vct, vct)
})

test('HAIP-15: the scheme of a link is for whoever makes the offer to choose', async (t) => {
  const { link } = await node.offer({
    issuer: 'haip',
    configuration: 'Identity',
    grants: ['authorization_code'],
    delivery: { by: 'reference', scheme: 'haip-vci://' },
  })
  t.regex(link, /^haip-vci:\/\/\?credential_offer_uri=/)
})

test('HAIP-28, HAIP-30: credential and status list lead to the root, which neither carries', async (t) => {
  const suite = suiteWallet(plain)
  const { credential } = (await suite.claim(await suite.authorizeAsSuite())).body.credentials![0]!
  const root = new X509Certificate(await (await fetch(`${suite.issuer}/root.pem`)).text())
  const { status_list } = decodeJwt(credential.split('~')[0]!).status as { status_list: { uri: string } }
  const list = await (await fetch(status_list.uri, { headers: { accept: 'application/statuslist+jwt' } })).text()
  for (const jwt of [credential.split('~')[0]!, list]) {
    const { x5c = [] } = decodeProtectedHeader(jwt)
    const [leaf, ...more] = x5c.map((one) => new X509Certificate(Buffer.from(one, 'base64')))
    t.is(more.length, 0)
    t.true(leaf!.verify(root.publicKey))
    t.not(leaf!.issuer, leaf!.subject)
  }
})
