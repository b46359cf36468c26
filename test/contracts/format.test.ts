import { createHash, verify, X509Certificate } from 'node:crypto'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import test from 'ava'
import { decodeProtectedHeader, jwtVerify } from 'jose'
import type { IssueRequest } from '../../src/formats/format.ts'
import { formats } from '../../src/formats/index.ts'
import { thumbprint } from '../../src/lib/jwk.ts'
import type { LiveConfiguration } from '../../src/model/live.ts'
import { decodeMdoc } from '../../src/wallet/mdoc.ts'
import {
  configurationOf,
  holder,
  inDays,
  issuer,
  makeSigner,
  now,
  requestFor,
  root,
} from '../support/format-request.ts'

/** What a verifier learns from a credential whose signature it has verified with the certificate in it. */
type Read = {
  claims: Record<string, unknown>
  certificate: X509Certificate
  /** Thumbprint of the key that it is bound to. */
  boundTo: string | undefined
  from: Date
  until: Date
  /** Everything about its status, as text. */
  status: string | undefined
}

const moment = (seconds: unknown) => new Date(Number(seconds) * 1000)
const leafOf = (jws: string) => new X509Certificate(Buffer.from(decodeProtectedHeader(jws).x5c?.[0] ?? '', 'base64'))
const keyOf = (cnf: unknown) => (cnf ? thumbprint((cnf as { jwk: Record<string, unknown> }).jwk) : undefined)
const textOf = (status: unknown) => (status ? JSON.stringify(status) : undefined)
const digests: Record<string, string | null> = { ES256: 'sha256', ES384: 'sha384', EdDSA: null }

const readers: Record<string, (credential: string) => Promise<Read>> = {
  async 'dc+sd-jwt'(credential) {
    const jws = credential.split('~')[0]!
    const certificate = leafOf(jws)
    const key = { key: certificate.publicKey, dsaEncoding: 'ieee-p1363' as const }
    const algorithm = String(decodeProtectedHeader(jws).alg)
    const library = new SDJwtVcInstance({
      hasher: (text) =>
        createHash('sha256')
          .update(Buffer.from(text as string))
          .digest(),
      hashAlg: 'sha-256',
      verifier: (text, signature) =>
        verify(digests[algorithm]!, Buffer.from(text), key, Buffer.from(signature, 'base64url')),
    })
    const { payload } = await library.validate(credential)
    const found = payload as Record<string, unknown>
    const { iat, exp, cnf, status } = found
    const [from, until] = [moment(iat), moment(exp)]
    return { claims: found, certificate, boundTo: keyOf(cnf), from, until, status: textOf(status) }
  },
  async mso_mdoc(credential) {
    const mdoc = decodeMdoc(credential)
    const certificate = new X509Certificate(mdoc.x5chain[0]!)
    if (!mdoc.digestsMatch || !mdoc.isSignedBy(certificate)) throw new Error('It does not verify.')
    const { validFrom: from, validUntil: until, deviceKey, status } = mdoc
    const claims = mdoc.claims['org.example.1'] ?? {}
    return { claims, certificate, boundTo: thumbprint(deviceKey), from, until, status: textOf(status) }
  },
  async jwt_vc_json(credential) {
    const certificate = leafOf(credential)
    const { payload } = await jwtVerify(credential, certificate.publicKey, { currentDate: now })
    const vc = payload.vc as { credentialSubject: Record<string, unknown>; credentialStatus?: unknown }
    const { nbf, exp, cnf } = payload
    const [from, until] = [moment(nbf), moment(exp)]
    return {
      ...{ claims: vc.credentialSubject, certificate, from, until },
      ...{ boundTo: keyOf(cnf), status: textOf(vc.credentialStatus) },
    }
  },
}

const claims = {
  given_name: 'Alice',
  family_name: 'Jönsson "∆"',
  roles: ['employee', 'manager'],
  level: 3,
  active: true,
  address: { country: 'SE', locality: 'Lund' },
}
const types: Record<string, string> = {
  roles: 'list(string)',
  level: 'integer',
  active: 'boolean',
  address: 'object',
}

/** The same claims in a configuration of each format. */
function setting(format: string): { configuration: LiveConfiguration; claims: Record<string, unknown> } {
  const isMdoc = format === 'mso_mdoc'
  const rules = Object.keys(claims).map((name) => {
    const rule = { from: `offer.${name}`, type: types[name] ?? 'string' }
    return [isMdoc ? `org.example.1/${name}` : name, rule] as const
  })
  const configuration = configurationOf({
    format,
    ...(isMdoc && { doctype: 'org.example.1.badge' }),
    claims: Object.fromEntries(rules),
  })
  return { configuration, claims: isMdoc ? { 'org.example.1': claims } : claims }
}

for (const [id, format] of formats) {
  const { configuration, claims: given } = setting(id)
  const issue = (changes: Partial<IssueRequest> = {}) =>
    format.issue(requestFor(configuration, { claims: given, withheld: [['given_name'], ['address']], ...changes }))
  const read = async (changes: Partial<IssueRequest> = {}): Promise<Read> => {
    const reader = readers[id]
    if (!reader) throw new Error(`Nobody reads ${id} here: the contract needs a reader for it.`)
    return reader(await issue(changes))
  }

  for (const algorithm of ['ES256', 'ES384', 'EdDSA'] as const) {
    test(`${id}, ${algorithm}: VCI-19: it verifies with the key of its certificate, and every claim is in it`, async (t) => {
      const { claims: found, certificate } = await read({ signer: await makeSigner(algorithm) })
      t.like(found, claims)
      const anchor = new X509Certificate(root.certificate)
      t.true(certificate.checkIssued(anchor) && certificate.verify(anchor.publicKey))
      t.true(format.algorithms(algorithm).length > 0)
    })
  }

  test(`${id}: VCI-72, HAIP-26: it is bound to the proven key`, async (t) => {
    t.is((await read()).boundTo, holder.thumbprint)
  })

  test(`${id}: HAIP-25, VCI-128: it is valid from now on, as long as was configured, and says no precise moment`, async (t) => {
    const issuedAt = new Date('2026-11-24T11:34:56.789Z')
    const batch = await Promise.all(Array.from({ length: 20 }, () => read({ issuedAt, expiresAt: inDays(90) })))
    const moments = batch.map(({ from }) => from.getTime())
    t.true(new Set(moments).size >= 15 || moments.every((one) => one % 3_600_000 === 0))
    for (const { from, until } of batch) {
      t.true(from <= issuedAt && issuedAt.getTime() - from.getTime() <= 3_600_000)
      t.true(until <= inDays(90) && inDays(90).getTime() - until.getTime() <= 3_600_000)
    }
  })

  test(`${id}: TSL-5, BSL-1: its status is in it if it has one, list and index`, async (t) => {
    const status = { uri: `${issuer}/status-lists/1`, index: 4711 }
    const written = (await read({ status })).status ?? ''
    t.true(written.includes(status.uri) && written.includes('4711'), written)
    t.is((await read()).status, undefined)
  })

  test(`${id}: VCI-69: issuing leaves the claims as they were for the next copy, and no two copies are alike`, async (t) => {
    const before = structuredClone(given)
    t.not(await issue(), await issue())
    t.deepEqual(given, before)
  })

  test(`${id}: VCI-127: claims that only the issuer may set are refused`, async (t) => {
    for (const name of format.reservedClaims)
      await t.throwsAsync(issue({ claims: { ...given, [name]: 'x' } }), { code: 'credential_request_denied' }, name)
    t.false(format.reservedClaims.some((name) => Object.hasOwn(given, name)))
  })

  test(`${id}: VCI-111, VCI-112, VCI-113: the metadata says of what type it is`, (t) => {
    const { doctype, vct } = configuration
    const wanted: Record<string, object> = {
      'dc+sd-jwt': { vct },
      mso_mdoc: { doctype },
      jwt_vc_json: { credential_definition: { type: ['VerifiableCredential', 'EmployeeBadge'] } },
    }
    t.deepEqual(format.metadata(configuration), wanted[id])
    t.true(format.bindingMethods.length > 0)
  })
}
