import { verify, X509Certificate } from 'node:crypto'
import { gunzipSync, inflateSync } from 'node:zlib'
import { getListFromStatusListJWT } from '@sd-jwt/jwt-status-list'
import test from 'ava'
import { decode, type Tag } from 'cbor2'
import { compactVerify, createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { setStatus } from '../../src/issuance/set-status.ts'
import { hash } from '../../src/lib/secrets.ts'
import { makeKey } from '../../src/wallet/keys.ts'
import { heldStatus, referencesOf } from '../support/held-status.ts'
import { startTestNode } from '../support/node.ts'
import { addOtherTenant } from '../support/other-tenant.ts'
import { rootOf } from '../support/read-sd-jwt.ts'

const claims = { given_name: { from: 'offer.given_name', mandatory: true } }
const node = await startTestNode({
  settings: {
    campus: {
      credential_configurations: {
        StudentCard: { format: 'dc+sd-jwt', claims },
        Ticket: { format: 'dc+sd-jwt', status: false, claims },
        Degree: { format: 'jwt_vc_json', claims },
        Signed: { format: 'dc+sd-jwt', signing_algorithm: 'EdDSA', claims },
      },
    },
  },
})
test.after.always(() => node.stop())
const issuer = node.identifierOf('campus')

async function issue(configuration = 'StudentCard', count = 1) {
  const wallet = node.wallet('campus')
  const token = await wallet.redeem((await node.offer({ configuration })).code)
  const answer = await wallet.credential(token, { keys: Array.from({ length: count }, () => makeKey()) })
  if (answer.status !== 200) throw new Error(answer.text)
  const notification_hash = hash(answer.body.notification_id!)
  const { credential_id: id } = await node.services.database.db('copies').where({ notification_hash }).first()
  return { wallet, token, answer, id: String(id), reference: referencesOf(answer)[0]! }
}
const get = (uri: string, headers: Record<string, string> = {}) => fetch(uri, { headers, redirect: 'error' })
/** Past what the node keeps for a second. */
const forget = () => node.wait({ seconds: 2 })
const set = async (id: string, status: 'valid' | 'suspended' | 'invalid') => {
  await setStatus(node.services, await node.issuer('campus'), id, { status })
  forget()
}
const seen = (answer: Parameters<typeof heldStatus>[0]) => heldStatus(answer, { issuer, now: node.services.clock() })

test('TSL-3, TSL-8, HAIP-28, Token Status List §5.1: the list is a JWT about its own address, by the key and chain of the credentials', async (t) => {
  const { answer, reference } = await issue()
  const { uri, idx } = reference
  t.true(uri.startsWith(`${issuer}/status-lists/`))
  const jwt = await (await get(uri)).text()
  const header = decodeProtectedHeader(jwt)
  const ofCredential = decodeProtectedHeader(answer.body.credentials[0]!.credential.split('~')[0]!)
  t.like(header, { typ: 'statuslist+jwt', alg: 'ES256', kid: ofCredential.kid! })
  t.deepEqual(header.x5c, ofCredential.x5c)
  const leaf = new X509Certificate(Buffer.from(header.x5c![0]!, 'base64'))
  t.true(leaf.verify(new X509Certificate(await rootOf(issuer)).publicKey))
  await t.notThrowsAsync(compactVerify(jwt, leaf.publicKey))
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
  const { payload } = await jwtVerify<{ ttl: number; status_list: object }>(jwt, keys, {
    currentDate: node.services.clock(),
  })
  t.deepEqual(Object.keys(payload), ['sub', 'iat', 'exp', 'ttl', 'status_list'])
  t.is(payload.sub, uri)
  t.true(payload.ttl > 0 && Number.isInteger(payload.ttl))
  t.true(payload.exp! - payload.iat! > payload.ttl)
  t.like(payload.status_list, { bits: 2, aggregation_uri: `${issuer}/status-lists` })
  const list = getListFromStatusListJWT(jwt)
  t.is(list.statusList.length, 2 ** 20)
  t.is(list.getStatus(idx), 0)
})

test('TSL-4, Token Status List §8.1: JWT is the default, CWT is served to who asks for it, and nothing else', async (t) => {
  const { uri } = (await issue()).reference
  const types: [string, string][] = [
    ['*/*', 'application/statuslist+jwt'],
    ['application/*', 'application/statuslist+jwt'],
    ['application/statuslist+jwt', 'application/statuslist+jwt'],
    ['application/statuslist+cwt', 'application/statuslist+cwt'],
    ['application/statuslist+jwt;q=0.5, application/statuslist+cwt', 'application/statuslist+cwt'],
  ]
  for (const [accept, type] of types) {
    const answer = await get(uri, { accept })
    t.is(answer.status, 200, accept)
    t.is(answer.headers.get('content-type'), type, accept)
    t.regex(answer.headers.get('vary') ?? '', /Accept\b.*Accept-Encoding/)
  }
  const refused = await get(uri, { accept: 'text/html' })
  t.is(refused.status, 406)
  t.like(await refused.json(), { error: 'invalid_request' })
})

test('Token Status List §5.2: the CWT is a tagged COSE_Sign1 that another CBOR reader reads', async (t) => {
  const { reference, id } = await issue()
  const { uri, idx } = reference
  await set(id, 'suspended')
  const bytes = Buffer.from(await (await get(uri, { accept: 'application/statuslist+cwt' })).arrayBuffer())
  const signed = decode<Tag>(bytes)
  t.is(Number(signed.tag), 18)
  const [shielded, unshielded, payload, signature] = signed.contents as [
    Uint8Array,
    Map<number, Uint8Array>,
    Uint8Array,
    Uint8Array,
  ]
  const header = decode<Map<number, unknown>>(shielded)
  t.is(header.get(1), -7)
  t.is(header.get(16), 'application/statuslist+cwt')
  const leaf = new X509Certificate(unshielded.get(33)!)
  t.true(leaf.verify(new X509Certificate(await rootOf(issuer)).publicKey))
  const lengthOf = (part: Uint8Array) =>
    part.length < 24 ? [0x40 + part.length] : [0x59, part.length >> 8, part.length & 255]
  const part = (from: Uint8Array) =>
    from.length < 24 || from.length > 255 ? [...lengthOf(from), ...from] : [0x58, from.length, ...from]
  const toBeSigned = Buffer.from([0x84, 0x6a, ...Buffer.from('Signature1'), ...part(shielded), 0x40, ...part(payload)])
  t.true(verify('sha256', toBeSigned, { key: leaf.publicKey, dsaEncoding: 'ieee-p1363' }, signature))
  const claims = decode<Map<number, unknown>>(payload)
  t.is(claims.get(2), uri)
  t.true(Number(claims.get(4)) > Number(claims.get(6)))
  t.true(Number(claims.get(65534)) > 0)
  const list = claims.get(65533) as { bits: number; lst: Uint8Array } | Map<string, unknown>
  const members = list instanceof Map ? Object.fromEntries(list) : list
  t.is(members.bits, 2)
  const entries = inflateSync(members.lst as Uint8Array)
  t.is((entries[idx >> 2]! >> ((idx & 3) * 2)) & 3, 2)
})

test.serial(
  'Token Status List §8.1, RFC 9111: lists are compressed, cached no longer than ttl, and not sent twice',
  async (t) => {
    const { reference, id } = await issue()
    const { uri } = reference
    const plain = await get(uri, { 'accept-encoding': 'identity' })
    t.is(plain.headers.get('content-encoding'), null)
    const zipped = await get(uri, { 'accept-encoding': 'gzip' })
    t.is(zipped.headers.get('content-encoding'), 'gzip')
    const jwt = await plain.text()
    t.is(await zipped.text(), jwt, 'it is the very same')
    const [, age] = /^public, max-age=(\d+)$/.exec(plain.headers.get('cache-control') ?? '') ?? []
    t.true(Number(age) > 0 && Number(age) <= decodeJwt<{ ttl: number }>(jwt).ttl)
    t.is(plain.headers.get('access-control-allow-origin'), '*')
    const etag = plain.headers.get('etag')!
    const again = await get(uri, { 'if-none-match': etag, 'cache-control': 'max-age=0' })
    t.is(again.status, 304)
    t.is(again.headers.get('etag'), etag)
    await set(id, 'invalid')
    const changed = await get(uri, { 'if-none-match': etag, 'cache-control': 'max-age=0' })
    t.is(changed.status, 200)
    t.not(changed.headers.get('etag'), etag)
  },
)

test('Token Status List §8.4: there is no history', async (t) => {
  const { uri } = (await issue()).reference
  const answer = await get(`${uri}?time=1686925000`)
  t.is(answer.status, 501)
  t.is(answer.headers.get('cache-control'), 'no-store')
})

test('TSL-7, Token Status List §9: all lists of an issuer are named where metadata and lists say', async (t) => {
  const { uri } = (await issue()).reference
  const { uri: other } = (await issue('Signed')).reference
  await issue('Degree')
  t.not(uri, other, 'a list is signed with the key of its credentials')
  t.is(decodeProtectedHeader(await (await get(other)).text()).alg, 'EdDSA')
  const metadata = (await (await get(`${node.url}/.well-known/oauth-authorization-server/test/campus`)).json()) as {
    status_list_aggregation_endpoint: string
  }
  const answer = await get(metadata.status_list_aggregation_endpoint)
  t.is(answer.headers.get('content-type'), 'application/json')
  t.is(answer.headers.get('access-control-allow-origin'), '*')
  const { status_lists } = (await answer.json()) as { status_lists: string[] }
  t.deepEqual(status_lists.toSorted(), [uri, other].toSorted())
})

test('TSL-6, HAIP-29, Token Status List §13.2, VCI-128: every copy has an entry of its own, in a batch and when it is issued again', async (t) => {
  const { answer, wallet, token } = await issue('StudentCard', 5)
  const again = await wallet.credential(token, { configurationId: 'StudentCard' })
  const references = [...referencesOf(answer), ...referencesOf(again)]
  t.is(new Set(references.map(({ idx }) => idx)).size, 6)
  t.is(new Set(references.map(({ uri }) => uri)).size, 1, 'one list for all, so that its address tells nobody apart')
  const steps = references.slice(1).map(({ idx }, at) => idx - references[at]!.idx)
  t.true(new Set(steps).size > 4, 'the entries are in no order to see')
})

test('TSL-2, Token Status List §7.1: suspended, lifted, revoked: a verifier sees each in the list', async (t) => {
  const { answer, id } = await issue('StudentCard', 2)
  t.is(await seen(answer), 'valid')
  await set(id, 'suspended')
  t.is(await seen(answer), 'suspended')
  await set(id, 'valid')
  t.is(await seen(answer), 'valid')
  await set(id, 'invalid')
  t.is(await seen(answer), 'invalid')
  for (const { uri, idx } of referencesOf(answer))
    t.is(getListFromStatusListJWT(await (await get(uri)).text()).getStatus(idx), 1)
})

test.serial(
  'Bitstring Status List §2: suspended, lifted, revoked: a verifier sees each in the two lists',
  async (t) => {
    const { answer, id } = await issue('Degree')
    t.is(await seen(answer), 'valid')
    await set(id, 'suspended')
    t.is(await seen(answer), 'suspended')
    await set(id, 'valid')
    t.is(await seen(answer), 'valid')
    await set(id, 'suspended')
    await set(id, 'invalid')
    t.is(await seen(answer), 'invalid')
  },
)

test('BSL-2, BSL-3, Bitstring Status List §2.2: a list is a credential of the issuer, of 131072 entries at least', async (t) => {
  const { answer, id } = await issue('Degree')
  const { vc } = decodeJwt<{
    vc: { credentialStatus: { statusListCredential: string; statusPurpose: string; statusListIndex: string }[] }
  }>(answer.body.credentials[0]!.credential)
  await set(id, 'invalid')
  t.deepEqual(
    vc.credentialStatus.map(({ statusPurpose }) => statusPurpose),
    ['revocation', 'suspension'],
  )
  for (const { statusListCredential: uri, statusPurpose, statusListIndex } of vc.credentialStatus) {
    const response = await get(uri, { accept: 'application/json, text/plain, */*' })
    t.is(response.headers.get('content-type'), 'application/jwt')
    t.is(response.headers.get('access-control-allow-origin'), '*')
    const jwt = await response.text()
    const { payload, protectedHeader } = await jwtVerify<{
      vc: Record<string, unknown> & { credentialSubject: Record<string, string> }
    }>(jwt, createRemoteJWKSet(new URL(`${issuer}/jwks`)), { currentDate: node.services.clock(), issuer })
    t.is(protectedHeader.typ, 'JWT')
    t.is(payload.jti, uri)
    t.deepEqual(payload.vc.type, ['VerifiableCredential', 'BitstringStatusListCredential'])
    const subject = payload.vc.credentialSubject
    t.like(subject, { type: 'BitstringStatusList', statusPurpose, id: payload.sub! })
    t.is(subject.encodedList![0], 'u')
    const bits = gunzipSync(Buffer.from(subject.encodedList!.slice(1), 'base64url'))
    t.true(bits.length >= 16 * 1024)
    const index = Number(statusListIndex)
    t.is((bits[index >> 3]! >> (7 - (index & 7))) & 1, 1, 'who keeps an older one of the two finds it in the other')
  }
  t.is((await get(vc.credentialStatus[0]!.statusListCredential.replace('revocation', 'other'))).status, 404)
})

test('a configuration without status issues credentials that have none', async (t) => {
  const { answer } = await issue('Ticket')
  t.false('status' in decodeJwt(answer.body.credentials[0]!.credential.split('~')[0]!))
})

test.serial('TSL-9: a list is made when it has changed, and else as it was', async (t) => {
  const { reference, id } = await issue()
  const { uri } = reference
  const read = async () => (await get(uri)).text()
  const before = await read()
  forget()
  await issue()
  t.is(await read(), before, 'issuing changes nothing in it')
  await set(id, 'suspended')
  const suspended = await read()
  t.not(suspended, before)
  await set(id, 'suspended')
  t.is(await read(), suspended)
  node.wait({ minutes: 61 })
  const later = decodeJwt(await read())
  t.true(later.exp! > decodeJwt(suspended).exp!, 'and it is signed anew long before it expires')
})

test('a list is found at its issuer and in its tenant only, also when the issuer is retired', async (t) => {
  const own = await startTestNode({ identityProvider: node.identityProvider })
  t.teardown(() => own.stop())
  const other = await addOtherTenant(own)
  const wallet = other.wallet('campus')
  const answer = await wallet.credential(await wallet.redeem((await other.offer()).code))
  const { uri } = referencesOf(answer)[0]!
  const id = uri.split('/').at(-1)
  for (const at of [other.identifierOf('staff'), own.identifierOf('campus')])
    t.is((await get(`${at}/status-lists/${id}`)).status, 404, at)
  for (const path of ['unknown', '%00', `${id}/revocation`, `${id}/other`])
    t.is((await get(`${other.identifierOf('campus')}/status-lists/${path}`)).status, 404, path)
  await addOtherTenant(own, { retired: 'campus' })
  own.wait({ seconds: 2 })
  t.is((await get(uri)).status, 200)
  const { status_lists } = (await (await get(`${other.identifierOf('campus')}/status-lists`)).json()) as {
    status_lists: string[]
  }
  t.deepEqual(status_lists, [uri])
})
