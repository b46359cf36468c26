import { randomBytes } from 'node:crypto'
import test from 'ava'
import { decodeJwt } from 'jose'
import { makeDocumentSigner, makeRoot } from '../../src/keys/certificates.ts'
import { encodeBase64url } from '../../src/lib/base64url.ts'
import { didOfKey, keyUrlOfDid } from '../../src/protocol/did-key.ts'
import { makeKey, makeProof, type WalletKey } from '../../src/wallet/keys.ts'
import { makeAttester } from '../support/attester.ts'
import { startTestNode } from '../support/node.ts'
import { addOtherTenant } from '../support/other-tenant.ts'
import { isRefused } from '../support/refusals.ts'
import type { CredentialOptions } from '../support/wallet-issuer.ts'

const claims = { given_name: { from: ['offer.given_name', 'id_token.given_name'], mandatory: true } }
const clientKey = makeKey()
const node = await startTestNode({
  walletProfiles: {
    client: {
      client_id: 'client',
      name: 'Registered client',
      redirect_uris: ['https://client.example/callback'],
      jwks: {
        keys: [
          { ...makeKey().jwk, kid: 'two' },
          { ...clientKey.jwk, kid: 'one' },
        ],
      },
    },
  },
  settings: {
    campus: {
      batch_size: 3,
      credential_configurations: {
        StudentCard: { format: 'dc+sd-jwt', claims },
        Ticket: { format: 'dc+sd-jwt', key_binding: false, claims },
        Diploma: { format: 'jwt_vc_json', claims },
        Licence: {
          format: 'mso_mdoc',
          doctype: 'org.example.licence.1',
          claims: { 'org.example.licence.1/given_name': claims.given_name },
        },
      },
    },
  },
})

const campus = node.wallet('campus')
const configuration = ['StudentCard', 'Ticket', 'Diploma', 'Licence']
const token = await campus.redeem((await node.offer({ configuration })).code)
test.after.always(() => node.stop())
const tokenFor = (id: string) => ({
  body: {
    ...token.body,
    authorization_details: token.body.authorization_details.filter(
      (detail) => detail.credential_configuration_id === id,
    ),
  },
})
const ask = (asked: CredentialOptions = {}, id = 'StudentCard') => campus.credential(tokenFor(id), asked)
const bodyOf = ({ body }: Awaited<ReturnType<typeof ask>>) => decodeJwt(body.credentials[0]!.credential.split('~')[0]!)
const byDid = (method: 'did:key' | 'did:jwk') => ({
  nameOf: ({ jwk }: WalletKey) => ({ kid: keyUrlOfDid(didOfKey(jwk, method)) }),
})

test('VCI-20, VCI-21: the metadata says how keys are bound and shown, or neither', async (t) => {
  const { issuer } = await campus.metadata()
  const { StudentCard, Ticket, Licence } = issuer.credential_configurations_supported as Record<string, object>
  t.like(StudentCard, {
    cryptographic_binding_methods_supported: ['jwk', 'did:key', 'did:jwk'],
    proof_types_supported: { jwt: { proof_signing_alg_values_supported: ['ES256', 'ES384', 'EdDSA'] } },
  })
  t.deepEqual((Licence as Record<string, unknown>).cryptographic_binding_methods_supported, ['cose_key'])
  t.false('cryptographic_binding_methods_supported' in Ticket!)
  t.false('proof_types_supported' in Ticket!)
})

test('VCI-95: a key named by a DID is what the credential is bound to', async (t) => {
  for (const method of ['did:key', 'did:jwk'] as const) {
    for (const algorithm of ['ES256', 'ES384', 'EdDSA'] as const) {
      const key = makeKey(algorithm)
      const answer = await ask({ keys: [key], ...byDid(method) })
      t.is(answer.status, 200, answer.text)
      t.deepEqual(bodyOf(answer).cnf, { jwk: key.jwk }, `${method} ${algorithm}`)
      const diploma = await ask({ keys: [key], ...byDid(method) }, 'Diploma')
      t.is(diploma.status, 200, diploma.text)
      t.is(bodyOf(diploma).sub, didOfKey(key.jwk, method), 'a W3C credential names the DID')
    }
  }
})

test('VCI-20, VCI-95: an mdoc is not bound by a DID, but by a key', async (t) => {
  isRefused(t, await ask(byDid('did:key'), 'Licence'), 'invalid_proof')
  t.is((await ask({}, 'Licence')).status, 200)
})

test('VCI-95: a key named by a certificate is what the credential is bound to', async (t) => {
  const key = makeKey()
  const { x5c, key: certified } = await certifiedKey()
  const answer = await ask({ keys: [certified], nameOf: () => ({ x5c }) })
  t.is(answer.status, 200, answer.text)
  t.deepEqual(bodyOf(answer).cnf, { jwk: certified.jwk })
  isRefused(t, await ask({ keys: [key], nameOf: () => ({ x5c }) }), 'invalid_proof', 'of another key')
  const broken = [...x5c, (await makeAttester()).root.toString('base64')]
  isRefused(t, await ask({ keys: [certified], nameOf: () => ({ x5c: broken }) }), 'invalid_proof', 'broken')
  isRefused(t, await ask({ keys: [certified], nameOf: () => ({ x5c: ['AAAA'] }) }), 'invalid_proof', 'none')
})

/** A key with a certificate that nobody here trusts. */
async function certifiedKey() {
  const [key, now, root] = [makeKey(), new Date(), await makeRoot({ name: 'Somebody', now: new Date() })]
  const naming = { subjectName: 'Wallet', hosts: [], identifiers: [], publicJwk: key.jwk, now }
  const leaf = await makeDocumentSigner({ root: root.certificate, rootKey: root.privateKeyPkcs8, ...naming })
  return { key, x5c: [leaf.toString('base64')] }
}

test('VCI-95: a DID that cannot be resolved is invalid_proof', async (t) => {
  const kids = [
    'did:web:wallet.example#0',
    'did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme',
    'did:key:z',
    `did:jwk:${encodeBase64url('{')}#0`,
    `did:jwk:${encodeBase64url(JSON.stringify({ ...makeKey().jwk, d: 'AAAA' }))}#0`,
    `${didOfKey(makeKey().jwk, 'did:jwk')}#1`,
    'key-1',
    'one',
  ]
  for (const kid of kids) isRefused(t, await ask({ nameOf: () => ({ kid }) }), 'invalid_proof', kid)
})

test('VCI-95, VCI-97: a key of a weak or unknown curve, or of another kind, is invalid_proof', async (t) => {
  const key = makeKey()
  const jwks = [
    { kty: 'EC', crv: 'P-192', x: encodeBase64url(randomBytes(24)), y: encodeBase64url(randomBytes(24)) },
    { ...key.jwk, crv: 'secp256k1' },
    { ...key.jwk, crv: undefined },
    { ...key.jwk, x: encodeBase64url(randomBytes(31)) },
    { ...key.jwk, y: key.jwk.x },
    { kty: 'RSA', n: encodeBase64url(randomBytes(128)), e: 'AQAB' },
    { kty: 'oct', k: 'AAAA' },
    { kty: 'OKP', crv: 'X25519', x: encodeBase64url(randomBytes(32)) },
    {},
  ]
  for (const jwk of jwks)
    isRefused(t, await ask({ keys: [key], proof: { header: { jwk } } }), 'invalid_proof', JSON.stringify(jwk))
})

test('VCI-95: a registered client signs its proofs with a key of its registration, by kid', async (t) => {
  const client = {
    method: 'private_key_jwt' as const,
    key: clientKey,
    kid: 'one',
    clientId: 'client',
    audience: node.identifierOf('campus'),
  }
  const wallet = node.wallet('campus', { client, clientId: 'client' })
  const bought = await wallet.redeem((await node.offer()).code)
  const answer = await wallet.credential(bought, {
    keys: [clientKey],
    clientId: 'client',
    nameOf: () => ({ kid: 'one' }),
  })
  t.is(answer.status, 200, answer.text)
  t.deepEqual(bodyOf(answer).cnf, { jwk: clientKey.jwk })
  for (const kid of ['two', 'three'])
    isRefused(t, await wallet.credential(bought, { keys: [clientKey], nameOf: () => ({ kid }) }), 'invalid_proof', kid)
})

test('VCI-64: without key binding no proofs are wanted, and one copy comes that is bound to nobody', async (t) => {
  for (const asked of [{ keys: [] }, { keys: [makeKey(), makeKey()] }, { body: { proofs: { jwt: ['x'] } } }]) {
    const answer = await ask(asked, 'Ticket')
    t.is(answer.status, 200, answer.text)
    t.is(answer.body.credentials.length, 1)
    t.false('cnf' in bodyOf(answer))
  }
})

test('VCI-98: a key attestation that nobody asked for is not looked at', async (t) => {
  const answer = await ask({ proof: { header: { key_attestation: 'x' } } })
  t.is(answer.status, 200, answer.text)
  t.is(answer.body.credentials.length, 1)
})

test('VCI-64: a proof type that the metadata does not name is invalid_proof', async (t) => {
  const attestation = [(await makeAttester()).attestKeys({ keys: [makeKey()] })]
  isRefused(t, await ask({ body: { proofs: { attestation } } }), 'invalid_proof')
  isRefused(t, await ask({ body: { proofs: { di_vp: [{}] } } }), 'invalid_proof')
})

test('VCI-65, VCI-72: a batch has at most batch_size keys, each once', async (t) => {
  const keys = [makeKey(), makeKey(), makeKey()]
  t.is((await ask({ keys })).body.credentials.length, 3)
  isRefused(t, await ask({ keys: [...keys, makeKey()] }), 'invalid_proof')
  isRefused(t, await ask({ keys: [keys[0]!, keys[1]!, keys[0]!] }), 'invalid_proof')
  const twice = { keys: [keys[0]!, keys[0]!], nameOf: named() }
  isRefused(t, await ask(twice), 'invalid_proof', 'one key under two names')
})

/** The first proof by did:key, the others by did:jwk. */
function named() {
  let count = 0
  return ({ jwk }: WalletKey) => ({ kid: keyUrlOfDid(didOfKey(jwk, count++ === 0 ? 'did:key' : 'did:jwk')) })
}

test('VCI-79, VCI-80: nonces are looked at when every proof of the batch holds', async (t) => {
  const contents = { audience: node.identifierOf('campus'), now: new Date() }
  const fresh = (await campus.nonce()).body.c_nonce
  const proofs = (nonces: (string | undefined)[], last = {}) => ({
    body: {
      proofs: {
        jwt: nonces.map((nonce, at) =>
          makeProof(makeKey(), { ...contents, nonce }, at === nonces.length - 1 ? last : {}),
        ),
      },
    },
  })
  t.is((await ask(proofs([fresh, fresh]))).status, 200, 'one nonce for a batch')
  isRefused(t, await ask(proofs([fresh, 'stale'])), 'invalid_nonce')
  isRefused(t, await ask(proofs(['stale', fresh])), 'invalid_nonce')
  isRefused(t, await ask(proofs(['stale', fresh], { claims: { aud: 'x' } })), 'invalid_proof')
  isRefused(t, await ask(proofs(['stale', undefined])), 'invalid_proof')
})

test('VCI-79: a proof for another tenant is invalid_proof, and with a nonce of another tenant invalid_nonce', async (t) => {
  const other = await addOtherTenant(node)
  const theirs = (await other.wallet('campus').nonce()).body.c_nonce
  isRefused(t, await ask({ nonce: theirs }), 'invalid_nonce')
  isRefused(t, await ask({ proof: { claims: { aud: other.identifierOf('campus') } } }), 'invalid_proof')
})
