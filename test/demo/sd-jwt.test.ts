import test from 'ava'
import { makeKey, signJwt } from '../../src/wallet/keys.ts'
import { readSdJwt } from '../../src/wallet/verify-sd-jwt.ts'
import { digest, disclosureOf, makeRoot, makeSigner } from '../support/sd-jwt-issuer.ts'

const now = new Date('2026-11-24T12:00:00Z')
const seconds = now.getTime() / 1000
const issuer = 'https://issuer.example/acme/staff'
const vct = `${issuer}/types/EmployeeBadge`
const holder = makeKey()

const root = await makeRoot('Root', now)
const signer = await makeSigner(root, now)
const givenName = disclosureOf('given_name', 'Alice')
const role = disclosureOf('manager')
const roles = disclosureOf('roles', ['employee', { '...': digest(role) }])

type Change = { claims?: object; header?: object; signer?: Pick<typeof signer, 'key' | 'x5c'>; disclosures?: string[] }

function badge({ claims, header, signer: by = signer, disclosures = [givenName, roles, role] }: Change = {}): string {
  const all = {
    iss: issuer,
    vct,
    iat: seconds - 60,
    exp: seconds + 86_400,
    cnf: { jwk: holder.jwk },
    _sd_alg: 'sha-256',
    _sd: [digest(givenName), digest(roles), digest('a decoy')],
    employee_id: 'E-1001',
    ...claims,
  }
  const jws = signJwt(by.key, { alg: 'ES256', typ: 'dc+sd-jwt', x5c: by.x5c, ...header }, all)
  return [jws, ...disclosures, ''].join('~')
}

const expected = { now, issuer, vct, holderKey: holder.thumbprint, roots: [root.certificate.toString('pem')] }
const invalid = { code: 'invalid_credential' }

test('RFC 9901 §7.1: an SD-JWT VC is read with every disclosure in its place', async (t) => {
  const { claims, withheld } = await readSdJwt(badge(), expected)
  t.like(claims, { employee_id: 'E-1001', given_name: 'Alice', roles: ['employee', 'manager'] })
  t.false(Object.hasOwn(claims, '_sd'))
  t.deepEqual(withheld, ['given_name', 'roles', '...'])
})

test('RFC 9901 §7.1: a disclosure that was withheld leaves nothing behind', async (t) => {
  const { claims } = await readSdJwt(badge({ disclosures: [roles] }), expected)
  t.is(claims.given_name, undefined)
  t.deepEqual(claims.roles, ['employee'])
})

test('RFC 9901 §7.1: a changed, added or repeated disclosure is refused', async (t) => {
  const changed = disclosureOf('given_name', 'Mallory')
  const lists = [
    [changed, roles, role],
    [givenName, changed],
    [givenName, givenName],
  ]
  for (const disclosures of lists) await t.throwsAsync(readSdJwt(badge({ disclosures }), expected), invalid)
})

test('SD-JWT VC §3.2.2.2: a holder key that comes from a disclosure is refused', async (t) => {
  const cnf = disclosureOf('cnf', { jwk: holder.jwk })
  const credential = badge({ claims: { cnf: undefined, _sd: [digest(cnf)] }, disclosures: [cnf] })
  await t.throwsAsync(readSdJwt(credential, expected), invalid)
})

test('RFC 9901 §7.1: a disclosure never overwrites a claim, and never sets a prototype', async (t) => {
  const overwriting = disclosureOf('employee_id', 'E-9')
  const clash = badge({ claims: { _sd: [digest(overwriting)] }, disclosures: [overwriting] })
  await t.throwsAsync(readSdJwt(clash, expected), invalid)
  const prototype = disclosureOf('__proto__', { admin: true })
  const { claims } = await readSdJwt(
    badge({ claims: { _sd: [digest(prototype)] }, disclosures: [prototype] }),
    expected,
  )
  t.is(claims.admin, undefined)
})

test('SD-JWT VC §3.2.2.2: a credential for the key of another holder is refused', async (t) => {
  for (const cnf of [{ jwk: makeKey().jwk }, {}, undefined]) {
    await t.throwsAsync(readSdJwt(badge({ claims: { cnf } }), expected), { ...invalid, message: /key/ })
  }
})

test('SD-JWT VC §2.5: a changed signature, another algorithm and another key are refused', async (t) => {
  const [header, payload, signature = ''] = badge().split('~')[0]!.split('.')
  const broken = [header, payload, `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`].join('.')
  await t.throwsAsync(readSdJwt(`${broken}~${givenName}~`, expected), invalid)
  await t.throwsAsync(readSdJwt(badge({ header: { alg: 'none' } }), expected), invalid)
  await t.throwsAsync(readSdJwt(badge({ signer: { ...signer, key: holder } }), expected), invalid)
})

test('SD-JWT VC §2.5: a certificate that has expired, is not valid yet, or of another root is refused', async (t) => {
  const signers = {
    expired: await makeSigner(root, now, { until: -1 }),
    'not valid yet': await makeSigner(root, now, { from: 1 }),
    'do not lead to the root': await makeSigner(await makeRoot('Root', now), now),
    'does not name the host': await makeSigner(root, now, { host: 'elsewhere.example' }),
  }
  for (const [message, by] of Object.entries(signers)) {
    await t.throwsAsync(readSdJwt(badge({ signer: by }), expected), { ...invalid, message: new RegExp(message) })
  }
})

test('SD-JWT VC §2.5: a signer may not certify another signer', async (t) => {
  const forged = await makeSigner(signer.authority, now)
  const chain = { ...forged, x5c: [...forged.x5c, ...signer.x5c] }
  await t.throwsAsync(readSdJwt(badge({ signer: chain }), expected), { ...invalid, message: /may not sign/ })
})

test('SD-JWT VC §4: without x5c the key is the one that the issuer publishes under its kid', async (t) => {
  const published = makeKey('EdDSA')
  const by = { key: published, x5c: [] }
  const credential = badge({ signer: by, header: { alg: 'EdDSA', kid: 'k1', x5c: undefined } })
  const { roots: _, ...withoutRoots } = expected
  await t.notThrowsAsync(readSdJwt(credential, { ...withoutRoots, issuerKeys: [{ ...published.jwk, kid: 'k1' }] }))
  await t.throwsAsync(
    readSdJwt(credential, { ...withoutRoots, issuerKeys: [{ ...published.jwk, kid: 'k2' }] }),
    invalid,
  )
})

test('SD-JWT VC §3.2: another issuer, another type, and one that is over or not yet valid are refused', async (t) => {
  const changes: Change[] = [
    { claims: { iss: 'https://issuer.example/other' } },
    { claims: { vct: `${vct}/other` } },
    { header: { typ: 'JWT' } },
    { claims: { exp: seconds } },
    { claims: { nbf: seconds + 60 } },
  ]
  for (const change of changes) await t.throwsAsync(readSdJwt(badge(change), expected), invalid)
})
