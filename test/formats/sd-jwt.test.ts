import { createHash, verify, X509Certificate } from 'node:crypto'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import test from 'ava'
import { decodeProtectedHeader } from 'jose'
import type { IssueRequest } from '../../src/formats/format.ts'
import { formats } from '../../src/formats/index.ts'
import {
  configurationOf,
  holder,
  inDays,
  issuer,
  makeSigner,
  now,
  requestFor,
  root,
  signer,
} from '../support/format-request.ts'

type Read = { claims: Record<string, unknown>; shown: Record<string, unknown>; certificate: X509Certificate }

const digests: Record<string, string | null> = { ES256: 'sha256', ES384: 'sha384', EdDSA: null }

/** Reads a credential with a library nobody here wrote, with the key of the certificate it carries. */
async function readWith(credential: string, at: Date): Promise<Read> {
  const { alg = '', x5c = [], typ } = decodeProtectedHeader(credential.split('~')[0] ?? '')
  if (typ !== 'dc+sd-jwt') throw new Error('typ')
  const certificate = new X509Certificate(Buffer.from(x5c[0] ?? '', 'base64'))
  const library = new SDJwtVcInstance({
    hasher: (text, name) =>
      createHash(name.replace('-', ''))
        .update(Buffer.from(text as string))
        .digest(),
    hashAlg: 'sha-256',
    verifier: (text, signature) => {
      const key = { key: certificate.publicKey, dsaEncoding: 'ieee-p1363' as const }
      return verify(digests[alg] ?? null, Buffer.from(text), key, Buffer.from(signature, 'base64url'))
    },
    statusListFetcher: () => Promise.reject(new Error('no list is fetched here')),
  })
  const currentDate = Math.floor(at.getTime() / 1000)
  const { payload } = await library.verify(credential, { currentDate })
  const bare = await library.verify(`${credential.split('~')[0]}~`, { currentDate })
  return { claims: { ...payload }, shown: { ...bare.payload }, certificate }
}

const claims = {
  given_name: 'Alice',
  family_name: 'Jönsson "∆"',
  roles: ['employee', 'manager'],
  level: 3,
  active: true,
  address: { country: 'SE', locality: 'Lund' },
}
const withheld = [['given_name'], ['family_name'], ['roles'], ['level'], ['active'], ['address', 'locality']]
const configuration = configurationOf({ format: 'dc+sd-jwt', claims: {} })
const request = (changes: Partial<IssueRequest> = {}): IssueRequest =>
  requestFor(configuration, { claims, withheld, ...changes })
const inSeconds = (moment: Date) => moment.getTime() / 1000

const format = formats.get('dc+sd-jwt')!
const read = async (changes: Partial<IssueRequest> = {}, at = now): Promise<Read> =>
  readWith(await format.issue(request(changes)), at)

for (const algorithm of ['ES256', 'ES384', 'EdDSA'] as const) {
  test(`dc+sd-jwt, ${algorithm}: VCI-19, VCI-111: a foreign library verifies it and finds every claim`, async (t) => {
    const credential = await read({ signer: await makeSigner(algorithm) })
    t.like(credential.claims, { ...claims, iss: issuer, vct: `${issuer}/types/EmployeeBadge` })
  })
}

test('dc+sd-jwt: VCI-72, HAIP-26: it is bound to the proven key, or to none if none was asked for', async (t) => {
  t.deepEqual((await read()).claims.cnf, { jwk: holder.jwk })
  t.false(Object.hasOwn((await read({ holderKey: undefined })).claims, 'cnf'))
})

test('dc+sd-jwt: VCI-129, RFC 9901 §4.2: only withheld claims are hidden, their parents stay', async (t) => {
  const { shown } = await read()
  const { given_name, family_name, roles, level, active, ...rest } = shown
  t.deepEqual([given_name, family_name, roles, level, active], Array(5).fill(undefined))
  t.deepEqual(rest.address, { country: 'SE' })
  for (const name of ['iss', 'vct', 'iat', 'exp', 'cnf']) t.true(Object.hasOwn(rest, name), name)

  const open = await read({ withheld: [] })
  t.like(open.shown, claims)
  const half = await read({ withheld: [['address']] })
  t.false(Object.hasOwn(half.shown, 'address'))
  t.deepEqual(half.claims.address, claims.address)
  const both = await read({ withheld: [['address'], ['address', 'country'], ['address', 'country']] })
  t.false(Object.hasOwn(both.shown, 'address'))
  t.deepEqual(both.claims.address, claims.address)
})

test('dc+sd-jwt: VCI-127: a path that leads nowhere hides nothing and invents nothing', async (t) => {
  const nowhere = [
    ['nickname'],
    ['level', 'x'],
    ['roles', '0'],
    ['none', 'x'],
    ['__proto__', 'x'],
    [],
    ['iss'],
    ['cnf', 'jwk'],
  ]
  t.like((await read({ withheld: nowhere })).shown, claims)
})

test('dc+sd-jwt: VCI-69: issuing leaves the claims as they were for the next copy', async (t) => {
  const before = structuredClone(claims)
  await read()
  t.deepEqual(claims, before)
})

test('dc+sd-jwt: RFC 9901 §4.1, §9.7: claims that only the issuer may set are refused', async (t) => {
  for (const name of format.reservedClaims) {
    const issuing = format.issue(request({ claims: { ...claims, [name]: 'x' } }))
    await t.throwsAsync(issuing, { code: 'credential_request_denied' }, name)
  }
  const digest = createHash('sha256').update('WyJzYWx0IiwiYWRtaW4iLHRydWVd').digest('base64url')
  for (const value of [{ _sd: [digest] }, [{ '...': digest }], { deep: [{ deeper: { _sd: [] } }] }]) {
    const issuing = format.issue(request({ claims: { profile: value }, withheld: [['profile']] }))
    await t.throwsAsync(issuing, { code: 'credential_request_denied' })
  }
})

test('dc+sd-jwt: HAIP-25: a credential is valid from now on, for as long as was configured and no longer', async (t) => {
  for (const days of [90, 1, 0.01]) {
    const { claims } = await read({ expiresAt: inDays(days) })
    const [iat, exp] = [Number(claims.iat), Number(claims.exp)]
    t.is(exp - iat, days * 86_400)
    t.true(iat <= inSeconds(now) && iat >= inSeconds(now) - 3600)
    t.true(exp > inSeconds(now) + days * 86_400 * 0.94)
  }
  await t.throwsAsync(read({}, inDays(91)), { message: /exp/i })
})

test('dc+sd-jwt: VCI-128: the copies of a batch cannot be told by a common time', async (t) => {
  const batch = await Promise.all(Array.from({ length: 20 }, () => read()))
  const times = new Set(batch.map(({ claims }) => claims.iat))
  t.true(times.size >= 15, `${times.size} of 20 differ`)
})

test('dc+sd-jwt: VCI-125, HAIP-30: the chain leads to the root and the leaf names the issuer', async (t) => {
  const { certificate } = await read()
  const anchor = new X509Certificate(root.certificate)
  t.true(certificate.checkIssued(anchor) && certificate.verify(anchor.publicKey))
  t.is(certificate.checkHost('issuer.example'), 'issuer.example')
  t.false(certificate.ca)
})
const parts = async (changes: Partial<IssueRequest> = {}) => {
  const [jws = '', ...disclosures] = (await format.issue(request(changes))).split('~')
  const [header, payload] = jws
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))
  return { header, payload, disclosures, last: disclosures.pop() }
}

test('dc+sd-jwt: SDJWT-1, VCI-111, HAIP-24, HAIP-30: the header has alg, typ, kid and chain, and a tilde ends it', async (t) => {
  const { header, last } = await parts()
  t.deepEqual(header, { alg: 'ES256', typ: 'dc+sd-jwt', kid: 'k1', x5c: signer.certificateChain })
  t.is(last, '')
  const bare = await parts({ signer: { ...signer, certificateChain: [] } })
  t.false(Object.hasOwn(bare.header, 'x5c'))
})

test('dc+sd-jwt: RFC 9901 §4.2.1, §9.3: every disclosure has a salt of 128 bits that no other has', async (t) => {
  const disclosures = (await Promise.all([parts(), parts()])).flatMap((one) => one.disclosures)
  const salts = disclosures.map((text) => JSON.parse(Buffer.from(text, 'base64url').toString())[0])
  t.is(new Set(salts).size, 2 * withheld.length)
  for (const salt of salts) t.is(Buffer.from(salt, 'base64url').length, 16)
})

test('dc+sd-jwt: RFC 9901 §4.2.4.1: digests are sorted, and there are none where nothing is hidden', async (t) => {
  const { payload } = await parts()
  t.is(payload._sd_alg, 'sha-256')
  t.deepEqual(payload._sd, payload._sd.toSorted())
  t.is(payload._sd.length, 5)
  t.is(payload.address._sd.length, 1)
  const open = await parts({ withheld: [] })
  t.deepEqual(Object.keys(open.payload.address), ['country', 'locality'])
  t.false(Object.hasOwn(open.payload, '_sd') || Object.hasOwn(open.payload, '_sd_alg'))
  t.deepEqual(open.disclosures, [])
})

test('dc+sd-jwt: RFC 9901 §4.2.6: a withheld object can be shown without its withheld claim', async (t) => {
  const { disclosures } = await parts({ withheld: [['address'], ['address', 'locality']] })
  const [inner, outer] = disclosures.map((text) => JSON.parse(Buffer.from(text, 'base64url').toString()))
  t.deepEqual(inner.slice(1), ['locality', 'Lund'])
  const digest = createHash('sha256')
    .update(disclosures[0] ?? '')
    .digest('base64url')
  t.deepEqual(outer.slice(1), ['address', { country: 'SE', _sd: [digest] }])
})

test('SDJWT-4, RFC 9901 §4.2.4.2: each element of a list may be a disclosure of its own', async (t) => {
  const { shown, claims: all } = await read({ withheld: [['roles', null]] })
  t.deepEqual(shown.roles, [], 'the list stays, and says no more')
  t.deepEqual(all.roles, claims.roles)
  const both = await read({ withheld: [['roles', null], ['roles']] })
  t.false(Object.hasOwn(both.shown, 'roles'))
  t.deepEqual(both.claims.roles, claims.roles)
})

test('SDJWT-4, RFC 9901 §4.2.5: decoys look like digests, and disclose nothing', async (t) => {
  const digestsOf = async (decoys: number) => {
    const jwt = await format.issue(request({ configuration: { ...configuration, decoys } }))
    const [, payload = ''] = jwt.split('.')
    return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { _sd: string[] })._sd
  }
  const [few, many] = [await digestsOf(0), await digestsOf(7)]
  t.is(many.length - few.length, 7)
  t.true(many.every((digest) => /^[A-Za-z0-9_-]{43}$/.test(digest)))
  t.deepEqual(many, many.toSorted())
  t.is(new Set([...many, ...(await digestsOf(7))]).size, 2 * many.length, 'no two are alike, here or in another copy')
  t.deepEqual((await read({ configuration: { ...configuration, decoys: 7 } })).claims.roles, claims.roles)
})

test('SDJWT-3: without disclosures there is no _sd, and the end is a tilde all the same', async (t) => {
  const credential = await format.issue(request({ withheld: [] }))
  t.regex(credential, /^[^~]+~$/)
  const { claims: payload } = await read({ withheld: [] })
  t.false(Object.hasOwn(payload, '_sd_alg'))
})

test('HAIP-27, TSL-5: its status is an index of a list, in the clear', async (t) => {
  const status = { uri: `${issuer}/status-lists/1`, index: 42 }
  const [, payload = ''] = (await format.issue(request({ status }))).split('.')
  const shown = JSON.parse(Buffer.from(payload, 'base64url').toString())
  t.deepEqual(shown.status, { status_list: { idx: 42, uri: status.uri } })
})
