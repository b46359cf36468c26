import { randomUUID } from 'node:crypto'
import test from 'ava'
import { makeKey } from '../../src/wallet/keys.ts'
import { isRefused } from '../support/refusals.ts'
import { type Plan, startSuite } from '../support/suite.ts'

const { node, suiteWallet } = await startSuite()
test.after.always(() => node.stop())

const plans: Plan[] = [
  { name: 'pre-authorized, private_key_jwt', settings: 'plain-Identity', grant: 'pre_authorized_code' },
  {
    name: 'wallet-initiated, private_key_jwt, scope',
    settings: 'plain-Identity',
    grant: 'authorization_code',
    request: 'scope',
  },
  {
    name: 'issuer-initiated, private_key_jwt, RAR',
    settings: 'plain-Identity',
    grant: 'authorization_code',
    offered: true,
    request: 'details',
  },
  {
    name: 'wallet-initiated, attestation, RAR',
    settings: 'attested-Identity',
    grant: 'authorization_code',
    request: 'details',
  },
  {
    name: 'encrypted, private_key_jwt, scope',
    settings: 'plain-Identity',
    grant: 'authorization_code',
    request: 'scope',
    encrypted: true,
  },
  {
    name: 'mdoc, private_key_jwt, scope',
    settings: 'plain-IdentityMdoc',
    grant: 'authorization_code',
    request: 'scope',
  },
  { name: 'key attestation, pre-authorized', settings: 'plain-IdentityAttested', grant: 'pre_authorized_code' },
  { name: 'HAIP, SD-JWT VC', settings: 'haip-Identity', grant: 'authorization_code', request: 'scope' },
  {
    name: 'HAIP, SD-JWT VC, issuer-initiated',
    settings: 'haip-Identity',
    grant: 'authorization_code',
    offered: true,
    request: 'scope',
  },
  { name: 'HAIP, mdoc', settings: 'haip-IdentityMdoc', grant: 'authorization_code', request: 'scope' },
  {
    name: 'HAIP, encrypted',
    settings: 'haip-Identity',
    grant: 'authorization_code',
    request: 'scope',
    encrypted: true,
  },
]

const isMdoc = ({ settings }: Plan) => settings.endsWith('Mdoc')
const attests = ({ settings }: Plan) => !settings.startsWith('plain')

for (const plan of plans) {
  const title = (module: string) => `${module} [${plan.name}]`
  const wallet = () => suiteWallet(plan)

  test(title('issuer-happy-flow'), async (t) => {
    const suite = wallet()
    const token = await suite.authorizeAsSuite()
    t.is(token.status, 200, token.text)
    t.is(token.body.token_type, 'DPoP')
    t.regex(token.headers.get('cache-control') ?? '', /no-store/)
    t.is(token.body.id_token, undefined)
    t.true(token.body.access_token.length >= 16)
    if (plan.request === 'details') {
      const [detail] = token.body.authorization_details ?? []
      t.is(detail?.credential_configuration_id, suite.configurationId)
      t.is(detail?.credential_identifiers?.length, 1)
    }
    const answer = await suite.claim(token)
    t.is(answer.status, 200, answer.text)
    t.is(answer.headers.get('content-type'), plan.encrypted ? 'application/jwt' : 'application/json')
    t.regex(answer.headers.get('date') ?? '', /GMT$/)
    const { credentials = [], notification_id } = answer.body
    t.is(credentials.length, 1)
    t.is(typeof credentials[0]?.credential, 'string')
    if (isMdoc(plan)) t.regex(credentials[0]!.credential, /^[A-Za-z0-9_-]+$/)
    t.is(typeof notification_id, 'string')
    const notified = await suite.notify(token, { notification_id, event: 'credential_accepted', unknown: 'ignored' })
    t.is(notified.status, 204)
    if (plan.encrypted) t.is((await suite.claim(token, { encrypted: { zip: 'DEF' } })).status, 200)
  })

  test(title('issuer-happy-flow-skip-notification'), async (t) => {
    const suite = wallet()
    t.is((await suite.claim(await suite.authorizeAsSuite())).status, 200)
  })

  test(title('issuer-happy-flow-additional-requests'), async (t) => {
    const suite = wallet()
    const token = await suite.authorizeAsSuite()
    for (const headers of [
      { 'x-fapi-customer-ip-address': '2001:db8::1893:25c8:1946' },
      { accept: 'application/json; charset=UTF-8' },
      { accept: 'application/json, */*' },
    ])
      t.is((await suite.claim(token, { headers })).status, 200, JSON.stringify(headers))
  })

  test(title('issuer-fail-invalid-nonce'), async (t) => {
    const suite = wallet()
    isRefused(t, await suite.claim(await suite.authorizeAsSuite(), { nonce: randomUUID() }), 'invalid_nonce')
  })

  test(title('issuer-fail-invalid-jwt-proof-signature'), async (t) => {
    const suite = wallet()
    const [token, key] = [await suite.authorizeAsSuite(), makeKey()]
    const nonce = String((await suite.nonce()).body.c_nonce)
    const key_attestation = await suite.keyAttestation([key], nonce)
    const proof = { key: makeKey(), ...(key_attestation && { header: { key_attestation } }) }
    isRefused(t, await suite.claim(token, { keys: [key], nonce, proof }), 'invalid_proof')
  })

  test(title('issuer-fail-missing-proof'), async (t) => {
    const suite = wallet()
    isRefused(t, await suite.claim(await suite.authorizeAsSuite(), { body: { proofs: undefined } }), 'invalid_proof')
  })

  test(title('issuer-fail-unknown-credential-configuration'), async (t) => {
    const suite = wallet()
    const body = { credential_identifier: undefined, credential_configuration_id: randomUUID() }
    isRefused(t, await suite.claim(await suite.authorizeAsSuite(), { body }), 'unknown_credential_configuration')
  })

  test(title('issuer-fail-unknown-credential-identifier'), async (t) => {
    const suite = wallet()
    const body = { credential_configuration_id: undefined, credential_identifier: randomUUID() }
    isRefused(t, await suite.claim(await suite.authorizeAsSuite(), { body }), 'unknown_credential_identifier')
  })

  test(title('FAPI-3, issuer-fail-on-access-token-in-query'), async (t) => {
    const suite = wallet()
    const token = await suite.authorizeAsSuite()
    const { issuer } = await suite.metadata()
    const url = `${issuer.credential_endpoint}?access_token=${token.body.access_token}`
    const answer = await suite.claim(token, { url, headers: { authorization: undefined } })
    t.true([400, 401, 414].includes(answer.status), String(answer.status))
  })

  if (plan.encrypted) {
    test(title('issuer-fail-unsupported-encryption-algorithm'), async (t) => {
      const suite = wallet()
      const jwk = { ...makeKey().jwk, alg: 'UNSUPPORTED_ALG', use: 'enc' }
      const body = { credential_response_encryption: { jwk, enc: 'A128GCM' } }
      isRefused(t, await suite.claim(await suite.authorizeAsSuite(), { body }), 'invalid_encryption_parameters')
    })
  }

  if (plan.settings.endsWith('Attested')) {
    test(title('issuer-fail-invalid-key-attestation-signature'), async (t) => {
      const suite = wallet()
      const [token, key] = [await suite.authorizeAsSuite(), makeKey()]
      const nonce = String((await suite.nonce()).body.c_nonce)
      const key_attestation = await suite.keyAttestation([key], nonce, { key: makeKey() })
      isRefused(
        t,
        await suite.claim(token, { keys: [key], nonce, proof: { header: { key_attestation } } }),
        'invalid_proof',
      )
    })
  }

  if (attests(plan)) {
    const now = () => Math.floor(Date.now() / 1000)
    const attestations = {
      'issuer-fail-invalid-client-attestation-signature': { key: makeKey() },
      'issuer-fail-client-attestation-exp-in-past': { claims: { exp: now() - 600 } },
      'issuer-fail-client-attestation-no-sub': { claims: { sub: undefined } },
    }
    for (const [module, overrides] of Object.entries(attestations)) {
      test(title(module), async (t) => {
        const answer = await suiteWallet(plan, 'client', overrides).push()
        t.true([400, 401].includes(answer.status))
        t.true(['invalid_client_attestation', 'use_fresh_attestation'].includes(String(answer.body.error)))
      })
    }
    const proofs = {
      'issuer-fail-invalid-client-attestation-pop-signature': { header: { alg: 'ES256' }, key: makeKey() },
      'issuer-fail-client-attestation-pop-wrong-aud': { claims: { aud: 'https://other.example' } },
      'issuer-fail-mismatched-client-attestation-pop-key': { key: makeKey() },
    }
    for (const [module, client] of Object.entries(proofs)) {
      test(title(module), async (t) => {
        const suite = wallet()
        await suite.push()
        isRefused(t, await suite.push({}, { client }), 'invalid_client_attestation')
      })
    }
  }
}
