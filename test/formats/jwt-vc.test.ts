import test from 'ava'
import { decodeProtectedHeader, importX509, jwtVerify } from 'jose'
import { formats } from '../../src/formats/index.ts'
import { configurationOf, holder, inDays, issuer, makeSigner, now, requestFor } from '../support/format-request.ts'

const jwtVc = formats.get('jwt_vc_json')!
const configuration = configurationOf({ format: 'jwt_vc_json', claims: {} })
const claims = { given_name: 'Alice', address: { country: 'SE' } }

async function read(changes: Parameters<typeof requestFor>[1] = {}, of = configuration) {
  const jwt = await jwtVc.issue(requestFor(of, { claims, ...changes }))
  const header = decodeProtectedHeader(jwt)
  const pem = `-----BEGIN CERTIFICATE-----\n${header.x5c?.[0]}\n-----END CERTIFICATE-----`
  const { payload } = await jwtVerify(jwt, await importX509(pem, String(header.alg)), { currentDate: inDays(1) })
  return { header, payload, vc: payload.vc as Record<string, unknown> }
}

for (const algorithm of ['ES256', 'ES384', 'EdDSA'] as const) {
  test(`VCI-113, VCI-19: a library of others verifies one by ${algorithm}`, async (t) => {
    const { header, vc } = await read({ signer: await makeSigner(algorithm) })
    t.like(header, { alg: algorithm, typ: 'JWT', kid: 'k1' })
    t.deepEqual(vc.credentialSubject, claims)
  })
}

test('VCDM-1: what the JWT says is not said again inside', async (t) => {
  const { payload, vc } = await read()
  t.is(payload.iss, issuer)
  t.true(Number(payload.nbf) <= now.getTime() / 1000)
  t.is(Number(payload.exp) - Number(payload.nbf), 90 * 86_400)
  t.regex(String(payload.jti), /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  t.deepEqual(Object.keys(vc), ['@context', 'type', 'credentialSubject'])
  t.deepEqual(vc['@context'], ['https://www.w3.org/2018/credentials/v1'])
})

test('VCDM-2: its types are those of the metadata, VerifiableCredential first', async (t) => {
  const named = configurationOf({ format: 'jwt_vc_json', types: ['VerifiableCredential', 'Badge'], claims: {} })
  for (const [of, types] of [
    [configuration, ['VerifiableCredential', 'EmployeeBadge']],
    [named, ['VerifiableCredential', 'Badge']],
    [configurationOf({ format: 'jwt_vc_json', types: ['Badge'], claims: {} }), ['VerifiableCredential', 'Badge']],
  ] as const) {
    t.deepEqual((await read({}, of)).vc.type, [...types])
    t.deepEqual(jwtVc.metadata(of), { credential_definition: { type: [...types] } })
  }
})

test('VCDM-2, VCI-20: bound by cnf to a key, or by sub to the DID that it was shown under', async (t) => {
  const { payload } = await read()
  t.deepEqual(payload.cnf, { jwk: holder.jwk })
  t.is(payload.sub, undefined)
  const did = 'did:jwk:eyJrdHkiOiJFQyJ9'
  const byDid = await read({ holderKey: { jwk: holder.jwk, thumbprint: holder.thumbprint, did } })
  t.is(byDid.payload.sub, did)
  t.is(byDid.payload.cnf, undefined)
  t.like(byDid.vc.credentialSubject, { id: did })
  const unbound = await read({ holderKey: undefined })
  t.is(unbound.payload.sub ?? unbound.payload.cnf, undefined)
})

test('VCDM-3, BSL-1: its status is at one place in two lists, one for revocation and one for suspension', async (t) => {
  const uri = `${issuer}/status-lists/7`
  const { vc } = await read({ status: { uri, index: 42 } })
  const entry = (statusPurpose: string) => ({
    id: `${uri}/${statusPurpose}#42`,
    type: 'BitstringStatusListEntry',
    statusPurpose,
    statusListIndex: '42',
    statusListCredential: `${uri}/${statusPurpose}`,
  })
  t.deepEqual(vc.credentialStatus, [entry('revocation'), entry('suspension')])
})

test('VCI-128: the copies of a batch cannot be told by a common time or id', async (t) => {
  const batch = await Promise.all(Array.from({ length: 20 }, () => read()))
  t.true(new Set(batch.map(({ payload }) => payload.nbf)).size >= 15)
  t.is(new Set(batch.map(({ payload }) => payload.jti)).size, 20)
})

test('VCI-113: the id of the subject is for the issuer to set', async (t) => {
  await t.throwsAsync(read({ claims: { id: 'did:example:somebody' } }), { code: 'credential_request_denied' })
})
