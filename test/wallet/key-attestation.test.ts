import test from 'ava'
import { decodeJwt } from 'jose'
import { type JwtOverrides, makeKey, makeProof, type WalletKey } from '../../src/wallet/keys.ts'
import { makeAttester } from '../support/attester.ts'
import { attesterLists } from '../support/attester-lists.ts'
import { makeStatusList, statusAt, wrongChains } from '../support/key-attester.ts'
import { startTestNode } from '../support/node.ts'
import { isRefused } from '../support/refusals.ts'
import type { CredentialOptions } from '../support/wallet-issuer.ts'

const claims = { given_name: { from: ['offer.given_name', 'id_token.given_name'], mandatory: true } }
const enough = { key_storage: ['iso_18045_high', 'iso_18045_moderate'], user_authentication: ['iso_18045_moderate'] }
const [attester, ofWallets, elsewhere] = await Promise.all([makeAttester(), makeAttester(), makeAttester()])
const chains = await wrongChains(attester)

const { lists, asked, fetch, uriOf: statusUri, serve } = attesterLists()

const node = await startTestNode({
  fetch,
  attesters: {
    keys: { name: 'Key attester', attests: ['key'], certificates: attester.certificates },
    wallets: { name: 'Wallet provider', attests: ['wallet'], certificates: ofWallets.certificates },
    elsewhere: { name: 'Of another issuer', attests: ['key'], certificates: elsewhere.certificates },
  },
  settings: {
    campus: {
      attesters: ['keys', 'wallets'],
      batch_size: 5,
      copies: 1000,
      credential_configurations: {
        Attested: {
          format: 'dc+sd-jwt',
          proof_types: {
            jwt: { key_attestations_required: enough },
            attestation: { key_attestations_required: enough },
          },
          claims,
        },
        AnyLevel: { format: 'dc+sd-jwt', proof_types: { attestation: {} }, claims },
      },
    },
  },
})

const campus = node.wallet('campus')
const token = await campus.redeem((await node.offer({ configuration: ['Attested', 'AnyLevel'] })).code)
test.after.always(() => node.stop())
const keysOf = (count: number) => Array.from({ length: count }, () => makeKey())

type Asked = CredentialOptions & {
  by?: typeof attester
  attestation?: JwtOverrides
  attested?: WalletKey[]
  id?: string
}
/** A credential request with an attestation of its keys, or of these; `attestation` makes it wrong. */
function ask(wish: Asked = {}) {
  const { by = attester, attestation, id = 'Attested', keys = [makeKey()], attested = keys, ...rest } = wish
  const details = token.body.authorization_details.filter((one) => one.credential_configuration_id === id)
  const body = { ...token.body, authorization_details: details }
  const attest = (nonce: string | undefined) => by.attestKeys({ keys: attested, nonce }, attestation)
  return campus.credential({ body }, { attest, keys, ...rest })
}
const forms = ['jwt', 'attestation'] as const
const boundTo = ({ body }: Awaited<ReturnType<typeof ask>>) =>
  body.credentials.map(({ credential }) => (decodeJwt(credential.split('~')[0]!).cnf as { jwk: unknown }).jwk)

test('VCI-21, VCI-104: the metadata says which key attestations are wanted', async (t) => {
  const { credential_configurations_supported: known } = (await campus.metadata()).issuer
  const algorithms = ['ES256', 'ES384', 'EdDSA']
  const wanted = { proof_signing_alg_values_supported: algorithms, key_attestations_required: enough }
  t.deepEqual((known.Attested as { proof_types_supported: unknown }).proof_types_supported, {
    jwt: wanted,
    attestation: wanted,
  })
  t.deepEqual((known.AnyLevel as { proof_types_supported: unknown }).proof_types_supported, {
    attestation: { proof_signing_alg_values_supported: algorithms, key_attestations_required: {} },
  })
  const { cryptographic_binding_methods_supported: methods } = known.AnyLevel as Record<string, unknown>
  t.deepEqual(methods, ['jwk'], 'what is attested is a JWK')
})

test('VCI-99, VCI-100, HAIP-21, HAIP-23: one attestation of many keys buys a copy for each', async (t) => {
  for (const proofType of forms) {
    const keys = [...keysOf(3), makeKey('ES384'), makeKey('EdDSA')]
    const answer = await ask({ keys, proofType })
    t.is(answer.status, 200, answer.text)
    t.deepEqual(
      boundTo(answer),
      keys.map(({ jwk }) => jwk),
      proofType,
    )
  }
})

test('VCI-99, HAIP-23: the attestation may come with a proof of every key, too', async (t) => {
  const [keys, { c_nonce: nonce }] = [keysOf(3), (await campus.nonce()).body]
  const keyAttestation = attester.attestKeys({ keys, nonce })
  const contents = { audience: campus.issuer, nonce, keyAttestation, now: new Date() }
  const jwt = keys.map((key) => makeProof(key, contents))
  const answer = await ask({ body: { proofs: { jwt } } })
  t.is(answer.status, 200, answer.text)
  t.deepEqual(
    boundTo(answer),
    keys.map(({ jwk }) => jwk),
  )
  const own = keys.map((key) =>
    makeProof(key, { ...contents, keyAttestation: attester.attestKeys({ keys: [key], nonce }) }),
  )
  t.is((await ask({ body: { proofs: { jwt: own } } })).body.credentials.length, 3, 'an attestation for each')
  const lacking = [...own.slice(1), makeProof(makeKey(), { ...contents, keyAttestation: undefined })]
  isRefused(t, await ask({ body: { proofs: { jwt: lacking } } }), 'invalid_proof', 'one without')
})

test('VCI-98, HAIP-32: the attestation in a proof, and the proof, may be of any listed algorithm', async (t) => {
  for (const algorithm of ['ES256', 'ES384', 'EdDSA'] as const) {
    const answer = await ask({ keys: [makeKey(algorithm)] })
    t.is(answer.status, 200, answer.text)
  }
})

test('VCI-102: what draft 15 called the type of a key attestation is read', async (t) => {
  for (const proofType of forms)
    t.is((await ask({ proofType, attestation: { header: { typ: 'keyattestation+jwt' } } })).status, 200)
})

test('VCI-102: an attestation that is the proof itself may have no exp, one in a proof may not', async (t) => {
  const attestation = { claims: { exp: undefined } }
  t.is((await ask({ attestation, proofType: 'attestation' })).status, 200)
  isRefused(t, await ask({ attestation }), 'invalid_proof')
})

test('VCI-104: a proof without the attestation that the configuration wants is invalid_proof', async (t) => {
  const without = { attest: undefined as never }
  isRefused(t, await ask(without), 'invalid_proof')
  for (const key_attestation of [null, 7, '', 'x', {}])
    isRefused(t, await ask({ ...without, proof: { header: { key_attestation } } }), 'invalid_proof')
})

test('VCI-64: where only attestations are taken, a jwt proof is invalid_proof', async (t) => {
  isRefused(t, await ask({ id: 'AnyLevel' }), 'invalid_proof')
  t.is((await ask({ id: 'AnyLevel', proofType: 'attestation' })).status, 200)
})

test('VCI-64, VCI-65, VCI-100: exactly one attestation is a proof', async (t) => {
  const { c_nonce: nonce } = (await campus.nonce()).body
  const [one, other] = keysOf(2).map((key) => attester.attestKeys({ keys: [key], nonce }))
  const wrong = [[], [one, other], one, [{}], ['x'], [one, 7]]
  for (const attestation of wrong)
    isRefused(t, await ask({ body: { proofs: { attestation } } }), 'invalid_proof', JSON.stringify(attestation))
  const jwt = [makeProof(makeKey(), { audience: campus.issuer, nonce, now: new Date() })]
  isRefused(t, await ask({ body: { proofs: { jwt, attestation: [one] } } }), 'invalid_proof', 'two types')
})

test('VCI-98: a proof by a key that its attestation does not have is invalid_proof', async (t) => {
  isRefused(t, await ask({ attested: keysOf(2) }), 'invalid_proof')
})

test('VCI-65, VCI-72: more attested keys than batch_size, or one twice, is invalid_proof', async (t) => {
  const key = makeKey()
  for (const proofType of forms) {
    isRefused(t, await ask({ keys: keysOf(6), proofType }), 'invalid_proof', `${proofType}, too many`)
    isRefused(t, await ask({ keys: [key, key], proofType }), 'invalid_proof', `${proofType}, twice`)
  }
  // Within the batch each, but not together.
  const [keys, { c_nonce: nonce }] = [keysOf(6), (await campus.nonce()).body]
  const jwt = [keys.slice(0, 3), keys.slice(3)].map((some) =>
    makeProof(some[0]!, {
      audience: campus.issuer,
      nonce,
      keyAttestation: attester.attestKeys({ keys: some, nonce }),
      now: new Date(),
    }),
  )
  isRefused(t, await ask({ body: { proofs: { jwt } } }), 'invalid_proof', 'together')
})

test('VCI-103: a level that is too low is invalid_proof', async (t) => {
  const low: Record<string, unknown>[] = [
    { key_storage: ['iso_18045_basic'] },
    { user_authentication: ['iso_18045_enhanced-basic'] },
    { user_authentication: ['iso_18045_high'] },
    { key_storage: undefined },
    { key_storage: 'iso_18045_high' },
  ]
  for (const proofType of forms) {
    for (const levels of low)
      isRefused(t, await ask({ proofType, attestation: { claims: levels } }), 'invalid_proof', JSON.stringify(levels))
    t.is((await ask({ proofType, attestation: { claims: { key_storage: ['x', 'iso_18045_high'] } } })).status, 200)
  }
  const claims = { key_storage: undefined, user_authentication: undefined }
  t.is((await ask({ id: 'AnyLevel', proofType: 'attestation', attestation: { claims } })).status, 200)
})

test('VCI-102, VCI-104, HAIP-22: an attestation that does not hold is invalid_proof', async (t) => {
  const now = Math.floor(Date.now() / 1000)
  const wrong: Record<string, JwtOverrides> = {
    ...chains,
    'that has expired': { claims: { exp: now - 120 } },
    'of the future': { claims: { iat: now + 600 } },
    'without a nonce': { claims: { nonce: undefined } },
    'without keys': { claims: { attested_keys: [] } },
    'with a private key': { claims: { attested_keys: [{ ...makeKey().jwk, d: 'AAAA' }] } },
    'of another typ': { header: { typ: 'JWT' } },
    'with alg none': { header: { alg: 'none' } },
  }
  for (const proofType of forms) {
    for (const [name, attestation] of Object.entries(wrong))
      isRefused(t, await ask({ proofType, attestation }), 'invalid_proof', `${proofType}, ${name}`)
    for (const by of [ofWallets, elsewhere, await makeAttester()])
      isRefused(t, await ask({ proofType, by }), 'invalid_proof', 'by somebody who is not trusted for keys here')
  }
})

test('VCI-79, VCI-98, VCI-100: an attestation in which only the nonce is old or unknown is invalid_nonce', async (t) => {
  for (const nonce of ['stale', (await node.wallet('registry').nonce()).body.c_nonce]) {
    for (const proofType of forms)
      isRefused(t, await ask({ proofType, attestation: { claims: { nonce } } }), 'invalid_nonce', proofType)
  }
  const old = { exp: Math.floor(Date.now() / 1000) - 120, nonce: 'stale' }
  isRefused(t, await ask({ attestation: { claims: old } }), 'invalid_proof', 'VCI-80')
})

test('VCI-79: an attestation for a nonce that another grant used is invalid_nonce', async (t) => {
  const { c_nonce: nonce } = (await campus.nonce()).body
  const wish = { nonce, proofType: 'attestation' as const }
  t.is((await ask(wish)).status, 200)
  t.is((await ask(wish)).status, 200, 'its own grant may repeat it')
  const other = await campus.redeem((await node.offer({ configuration: ['Attested'] })).code)
  const key = makeKey()
  const again = { ...wish, keys: [key], attest: () => attester.attestKeys({ keys: [key], nonce }) }
  isRefused(t, await campus.credential(other, again), 'invalid_nonce')
})

const withStatus = (name: string, index: number) => ({ attestation: { claims: statusAt(statusUri(name), index) } })

test('VCI-104: an attestation that its attester has revoked or suspended is invalid_proof', async (t) => {
  serve('one', makeStatusList(attester, { uri: statusUri('one'), entries: { 1: 1, 2: 2, 3: 3 } }))
  for (const proofType of forms) {
    const answer = await ask({ proofType, ...withStatus('one', 0) })
    t.is(answer.status, 200, answer.text)
    for (const index of [1, 2, 3, 64])
      isRefused(t, await ask({ proofType, ...withStatus('one', index) }), 'invalid_proof', String(index))
  }
  t.is(asked.filter((url) => url === statusUri('one')).length, 1, 'the list is kept')
})

test('VCI-104: a status that cannot be checked is invalid_proof', async (t) => {
  isRefused(t, await ask(withStatus('missing', 0)), 'invalid_proof', 'there is no list')
  lists.set(statusUri('down'), () => {
    throw new Error('down')
  })
  isRefused(t, await ask(withStatus('down', 0)), 'invalid_proof', 'nobody answers')
  const uri = statusUri('forged')
  serve('forged', makeStatusList(elsewhere, { uri, entries: {} }))
  isRefused(t, await ask(withStatus('forged', 0)), 'invalid_proof', 'another attester signed it')
  serve('other', makeStatusList(attester, { uri, entries: {} }))
  isRefused(t, await ask(withStatus('other', 0)), 'invalid_proof', 'the list of another address')
  isRefused(t, await ask({ attestation: { claims: { status: { kind: 'x' } } } }), 'invalid_proof', 'another kind')
})

test('VCI-104: a list is read again when its time is over, and a failure soon', async (t) => {
  const other = await startTestNode({
    identityProvider: node.identityProvider,
    fetch,
    attesters: { keys: { name: 'Key attester', attests: ['key'], certificates: attester.certificates } },
    settings: {
      campus: {
        copies: 1000,
        credential_configurations: { AnyLevel: { format: 'dc+sd-jwt', proof_types: { attestation: {} }, claims } },
      },
    },
  })
  t.teardown(() => other.stop())
  const wallet = other.wallet('campus')
  const bought = await wallet.redeem((await other.offer()).code)
  const uri = statusUri('changing')
  const claim = () => {
    const keys = [makeKey()]
    const now = other.services.clock()
    const attest = (nonce: string | undefined) =>
      attester.attestKeys({ keys, nonce, now }, { claims: statusAt(uri, 5) })
    return wallet.credential(bought, { keys, proofType: 'attestation', attest })
  }
  const publish = (entries: Record<number, number>) =>
    serve('changing', makeStatusList(attester, { uri, entries }, { claims: { ttl: 60, exp: undefined } }))
  isRefused(t, await claim(), 'invalid_proof')
  publish({})
  other.wait({ seconds: 6 })
  t.is((await claim()).status, 200, 'a failure is not kept for long')
  publish({ 5: 1 })
  t.is((await claim()).status, 200, 'within its ttl')
  other.wait({ seconds: 61 })
  isRefused(t, await claim(), 'invalid_proof')
})
