import { createPublicKey, X509Certificate } from 'node:crypto'
import test from 'ava'
import { compactVerify, decodeProtectedHeader, importJWK, type JWK } from 'jose'
import { startTestNode } from '../support/node.ts'
import { addOtherTenant } from '../support/other-tenant.ts'

const node = await startTestNode()
test.after.always(() => node.stop())

type Key = JWK & { kid: string; x5c: string[] }
type Metadata = { issuer: string; jwks: { keys: Key[] } }
const read = async <T>(url: string) => (await (await fetch(url, { redirect: 'error' })).json()) as T
const metadataOf = (path: string) => read<Metadata>(`${node.url}/.well-known/jwt-vc-issuer${path}`)

test('SDJWT-6, SD-JWT VC §4: every well-known form gives one document, which names the issuer of the credentials', async (t) => {
  const issuer = node.identifierOf('campus')
  const metadata = await metadataOf('/test/campus')
  t.deepEqual(Object.keys(metadata), ['issuer', 'jwks'])
  t.is(metadata.issuer, issuer)
  t.deepEqual(await metadataOf('/test/campus/'), metadata)
  t.deepEqual(await read(`${issuer}/.well-known/jwt-vc-issuer`), metadata)
  t.deepEqual(await read(`${issuer}/jwks`), metadata.jwks, 'VCI-27: jwks_uri says the same')
  t.is((await fetch(`${node.url}/.well-known/jwt-vc-issuer/test/unknown`)).status, 404)
})

test('SD-JWT VC §4, VCI-125: by iss and kid alone a verifier finds the key that a credential was signed with', async (t) => {
  const wallet = node.wallet('campus')
  const token = await wallet.redeem((await node.offer()).code)
  const { credential } = (await wallet.credential(token)).body.credentials[0]!
  const jwt = credential.split('~')[0] ?? ''
  const { kid, alg } = decodeProtectedHeader(jwt)
  const { jwks } = await metadataOf('/test/campus')
  const key = jwks.keys.find((known) => known.kid === kid)!
  const { payload } = await compactVerify(jwt, await importJWK(key, alg))
  t.is(JSON.parse(Buffer.from(payload).toString()).iss, node.identifierOf('campus'))
})

test('RFC 7517 §4: keys are public, and their certificate is for the same key and leads to the root', async (t) => {
  const { jwks } = await metadataOf('/test/campus')
  const download = await fetch(`${node.identifierOf('campus')}/root.pem`)
  t.is(download.headers.get('content-type'), 'application/x-pem-file')
  t.regex(download.headers.get('content-disposition') ?? '', /attachment; filename="test-root\.pem"/)
  const root = new X509Certificate(await download.text())
  t.true(root.ca)
  for (const { x5c, ...key } of jwks.keys) {
    t.false('d' in key)
    t.like(key, { kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' })
    const [leaf, ...others] = x5c.map((entry) => new X509Certificate(Buffer.from(entry, 'base64')))
    t.deepEqual(others, [], 'the root is not part of the chain')
    t.true(leaf!.verify(root.publicKey))
    t.true(leaf!.publicKey.equals(createPublicKey({ key, format: 'jwk' })))
  }
})

test('VCI-127: no tenant has the keys of another', async (t) => {
  await addOtherTenant(node)
  const [here, there] = [await metadataOf('/test/campus'), await metadataOf('/other/campus')]
  t.is(there.issuer, `${node.url}/other/campus`)
  const kids = here.jwks.keys.map(({ kid }) => kid)
  for (const { kid } of there.jwks.keys) t.false(kids.includes(kid))
  const rootAt = async (tenant: string) => (await fetch(`${node.url}/${tenant}/campus/root.pem`)).text()
  t.not(await rootAt('test'), await rootAt('other'))
})
