import test from 'ava'
import { startTestNode } from '../support/node.ts'
import { addOtherTenant } from '../support/other-tenant.ts'
import { requestHead, sendRaw } from '../support/raw-http.ts'
import { isRefused } from '../support/refusals.ts'

const node = await startTestNode({ settings: { registry: { batch_size: 1 } } })
test.after.always(() => node.stop())

const wellKnown = (path: string) => `${node.url}/.well-known/openid-credential-issuer${path}`

type Claim = { path: string[] }
type Document = {
  credential_issuer: string
  credential_request_encryption?: object
  credential_response_encryption?: object
  credential_configurations_supported: Record<string, { credential_metadata: { claims: Claim[] } }>
}
const documentOf = async (issuer: string) => (await (await fetch(wellKnown(`/test/${issuer}`))).json()) as Document

const textOf = (name: string, locale: string) => ({ name, locale })

test('VCI-1, VCI-2, VCI-3, VCI-6: every well-known form gives one document, which names the stored identifier', async (t) => {
  const identifier = node.identifierOf('campus')
  t.is(identifier, `${node.url}/test/campus`)
  const addresses = [
    wellKnown('/test/campus'),
    wellKnown('/test/campus/'),
    `${identifier}/.well-known/openid-credential-issuer`,
    `${identifier}/.well-known/openid-credential-issuer/`,
  ]
  const texts = await Promise.all(
    addresses.map(async (address) => {
      const answer = await fetch(address, { redirect: 'error' })
      t.is(answer.status, 200, address)
      return answer.text()
    }),
  )
  t.is(new Set(texts).size, 1)
  t.is(JSON.parse(texts[0]!).credential_issuer, identifier)
})

test('VCI-6: the identifier is the stored one, whatever host the request names', async (t) => {
  const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }
  const path = '/.well-known/openid-credential-issuer/test/campus'
  const answer = await sendRaw(node.url, requestHead('GET', path, headers))
  t.is(answer.status, 200)
  t.is(JSON.parse(answer.text).credential_issuer, node.identifierOf('campus'))
  t.false(answer.text.includes('evil.example'))
})

test('VCI-4, VCI-5: the metadata is application/json, unless the wallet would rather have it signed', async (t) => {
  for (const accept of [undefined, '*/*', 'application/json', 'text/html']) {
    const headers = { 'accept-language': '*', ...(accept !== undefined && { accept }) }
    const answer = await fetch(wellKnown('/test/campus'), { headers })
    t.is(answer.status, 200)
    t.is(answer.headers.get('content-type'), 'application/json', accept)
    t.deepEqual(await answer.json(), await documentOf('campus'))
  }
})

test('VCI-7, VCI-9, VCI-10, VCI-15, VCI-24: the metadata says all that is served, and nothing else', async (t) => {
  const { credential_configurations_supported, ...document } = await documentOf('campus')
  const identifier = node.identifierOf('campus')
  t.deepEqual(document, {
    credential_issuer: identifier,
    credential_endpoint: `${identifier}/credential`,
    nonce_endpoint: `${identifier}/nonce`,
    notification_endpoint: `${identifier}/notification`,
    batch_credential_issuance: { batch_size: 10 },
    credential_request_encryption: document.credential_request_encryption,
    credential_response_encryption: document.credential_response_encryption,
    display: [textOf('Test Campus', 'en'), textOf('Test Campus', 'de')],
  })
  t.deepEqual(Object.keys(credential_configurations_supported), ['StudentCard', 'TransitPass'])
})

test('VCI-11, VCI-12, VCI-13: of encryption neither half is published without the other', async (t) => {
  const document = await documentOf('campus')
  t.is('credential_request_encryption' in document, 'credential_response_encryption' in document)
})

test('VCI-14: an issuer of one credential a request does not speak of batches', async (t) => {
  t.false('batch_credential_issuance' in (await documentOf('registry')))
})

test('VCI-16, VCI-17, VCI-19, VCI-20, VCI-21, VCI-22, VCI-23, VCI-106, VCI-111: a configuration says what it is, how it is bound and what it discloses', async (t) => {
  const { credential_configurations_supported } = await documentOf('registry')
  const claim = (name: string) => ({ path: [name], mandatory: true })
  t.deepEqual(credential_configurations_supported, {
    ResidencePermit: {
      format: 'dc+sd-jwt',
      scope: 'ResidencePermit',
      vct: `${node.identifierOf('registry')}/types/ResidencePermit`,
      cryptographic_binding_methods_supported: ['jwk', 'did:key', 'did:jwk'],
      credential_signing_alg_values_supported: ['ES256'],
      proof_types_supported: { jwt: { proof_signing_alg_values_supported: ['ES256', 'ES384', 'EdDSA'] } },
      credential_metadata: {
        display: [textOf('Residence permit', 'en'), textOf('Aufenthaltstitel', 'de')],
        claims: [
          ...['given_name', 'family_name', 'birthdate', 'document_number'].map(claim),
          { path: ['issuing_country'] },
        ],
      },
    },
  })
})

test('VCI-22, VCI-106: claims have their display names in the order of the tenant file', async (t) => {
  const { credential_configurations_supported } = await documentOf('staff')
  const [given, family, number] = credential_configurations_supported.EmployeeBadge?.credential_metadata.claims ?? []
  t.deepEqual(given, {
    path: ['given_name'],
    mandatory: true,
    display: [textOf('Given name', 'en'), textOf('Vorname', 'de')],
  })
  t.deepEqual(family, { path: ['family_name'], mandatory: true })
  t.deepEqual(number?.path, ['employee_id'])
})

test('VCI-1, VCI-2: of an issuer that there is not, nothing is published', async (t) => {
  const other = await addOtherTenant(node)
  t.is((await fetch(wellKnown('/other/campus'))).status, 200)
  t.is(other.identifierOf('campus'), `${node.url}/other/campus`)
  for (const path of ['/test/unknown', '/unknown/campus', '/test/CAMPUS', '/test/campus%20', '/test%00/campus']) {
    const answer = await fetch(wellKnown(path))
    t.is(answer.status, 404, path)
    t.is(answer.headers.get('content-type'), 'application/json')
    t.like(await answer.json(), { error: 'invalid_request' })
    t.is(answer.headers.get('cache-control'), 'no-store')
  }
})

test('VCI-9, VCI-125: an issuer that was retired can still be looked up, and issues nothing more', async (t) => {
  const own = await startTestNode({ identityProvider: node.identityProvider })
  t.teardown(() => own.stop())
  const other = await addOtherTenant(own)
  const offer = await other.offer()
  const wallet = other.wallet('campus')
  const token = await wallet.redeem((await other.offer()).code)
  await addOtherTenant(own, { retired: 'campus' })
  own.wait({ seconds: 2 })
  for (const path of ['.well-known/openid-credential-issuer', 'jwks', 'types/StudentCard'])
    t.is((await fetch(`${other.identifierOf('campus')}/${path}`)).status, 200, path)
  isRefused(t, await wallet.redeem(offer.code), 'invalid_request')
  isRefused(t, await wallet.nonce(), 'invalid_request')
  isRefused(t, await wallet.credential(token, { nonce: 'x' }), 'invalid_credential_request')
  t.is((await fetch(offer.page)).status, 410)
})

test('VCI-4, RFC 9110 §13: caches may keep the metadata and ask whether it changed', async (t) => {
  const answer = await fetch(wellKnown('/test/campus'))
  t.is(answer.headers.get('cache-control'), 'public, max-age=300')
  const etag = answer.headers.get('etag')!
  const path = '/.well-known/openid-credential-issuer/test/campus'
  const again = await sendRaw(node.url, requestHead('GET', path, { 'if-none-match': etag }))
  t.is(again.status, 304)
  t.is(again.text, '')
  const head = await fetch(wellKnown('/test/campus'), { method: 'HEAD' })
  t.is(head.status, 200)
  t.is(head.headers.get('etag'), etag)
})
