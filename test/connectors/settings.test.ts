import { generateKeyPairSync } from 'node:crypto'
import test from 'ava'
import { connectorSettings, connectors } from '../../src/connectors/index.ts'
import { selfSigned } from '../support/self-signed.ts'

const common = { client_id: 'claimgate', client_secret: 'secret' }
const pointers = (provider: { kind: string; [name: string]: unknown }) => {
  const checked = connectorSettings(provider)
  return 'mistakes' in checked ? checked.mistakes.map(({ pointer }) => pointer) : []
}

test('what every provider has beside its kind is no setting of the connector', (t) => {
  const shown = { display: [{ name: 'Acme' }], disabled: false, domains: ['acme.example'] }
  const checked = connectorSettings({ kind: 'oidc', ...shown, issuer: 'https://idp.example/', ...common })
  if ('mistakes' in checked) return t.fail()
  t.is(checked.connector.kind, 'oidc')
  t.deepEqual(checked.settings, { issuer: 'https://idp.example/', ...common })
  t.deepEqual(checked.connector.secrets, ['client_secret', 'client_key'])
})

test('each mistake in a provider’s settings is named with its place, and no value is repeated', (t) => {
  t.deepEqual(pointers({ kind: 'oidc', issuer: 'https://idp.example', ...common }), [])
  t.deepEqual(
    pointers({ kind: 'keycloak', url: 'http://localhost:8180', realm: 'acme', idp_hint: 'corp', ...common }),
    [],
  )
  t.deepEqual(pointers({ kind: 'magic' }), ['/kind'])
  t.deepEqual(pointers({ kind: 'constructor' }), ['/kind'])
  t.deepEqual(pointers({ kind: 'oidc' }), ['/issuer', '/client_id'])
  t.deepEqual(pointers({ kind: 'oidc', issuer: 'https://idp.example', ...common, realm: 'acme' }), ['/realm'])
  t.deepEqual(pointers({ kind: 'keycloak', url: 'https://idp.example', ...common, client_auth: 'jwt' }), [
    '/realm',
    '/client_auth',
  ])
  for (const issuer of [
    'idp.example',
    'http://idp.example',
    'https://idp.example?a',
    'https://me:pw@idp.example',
    'ftp://idp.example',
  ]) {
    t.deepEqual([...new Set(pointers({ kind: 'oidc', issuer, ...common }))], ['/issuer'], issuer)
  }
})

test('Keycloak: the Admin API’s own client is written whole, and only where the Admin API is used', (t) => {
  const realm = { kind: 'keycloak', url: 'https://idp.example', realm: 'acme', ...common }
  const own = { admin_client_id: 'claimgate-admin', admin_client_secret: 'secret' }
  t.deepEqual(pointers({ ...realm, admin_api: true, ...own, client_roles: ['hr-portal'] }), [])
  t.deepEqual(pointers({ ...realm, admin_api: true }), [])
  t.deepEqual(pointers({ ...realm, ...own }), ['/admin_client_id', '/admin_client_secret'])
  t.deepEqual(pointers({ ...realm, admin_api: true, admin_client_id: 'a' }), ['/admin_client_id'])
  t.deepEqual(pointers({ ...realm, admin_api: true, admin_client_secret: 's' }), ['/admin_client_secret'])
  t.true(connectors.keycloak?.secrets.includes('admin_client_secret'))
})

test('a key or a certificate that cannot be read is named, like any other mistake', (t) => {
  const [key, certificate] = ['PRIVATE KEY', 'CERTIFICATE'].map(
    (of) => `-----BEGIN ${of}-----\nAAAA\n-----END ${of}-----`,
  )
  const provider = { kind: 'oidc', issuer: 'https://idp.example', client_id: 'claimgate' }
  t.deepEqual(pointers({ ...provider, client_key: key, client_certificate: certificate }), [
    '/client_key',
    '/client_certificate',
  ])
})

const pem = (type: 'pkcs8' | 'spki' = 'pkcs8') => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return String(
    type === 'spki' ? publicKey.export({ type, format: 'pem' }) : privateKey.export({ type, format: 'pem' }),
  )
}

test('a client has a secret, a key or a certificate, and each that does not fit is named', async (t) => {
  const [mine, other] = [await selfSigned('EC'), await selfSigned('RSA')]
  const provider = { kind: 'oidc', issuer: 'https://idp.example', client_id: 'claimgate' }
  const wrong = (settings: object) => pointers({ ...provider, ...settings })
  for (const fine of [
    {},
    { client_key: pem(), client_key_id: 'k1' },
    { client_key: '${secret:key}' },
    { client_certificate: mine.certificate, client_key: mine.key },
    { client_secret: 's', client_auth: 'post', par: 'required', request_object: 'signed', dpop: 'auto' },
    { backchannel_url: 'http://keycloak:8080' },
    { groups_limit: 100 },
  ])
    t.deepEqual(wrong(fine), [], Object.keys(fine).join())
  for (const [settings, pointer] of [
    [{ client_secret: 's', client_key: pem() }, '/client_key'],
    [{ client_key: 'no key' }, '/client_key'],
    [{ client_key: pem('spki') }, '/client_key'],
    [{ client_key_id: 'k1' }, '/client_key_id'],
    [{ client_auth: 'basic' }, '/client_secret'],
    [{ client_auth: 'private_key_jwt', client_secret: 's' }, '/client_secret'],
    [{ client_auth: 'tls' }, '/client_certificate'],
    [{ client_certificate: mine.certificate }, '/client_key'],
    [{ client_certificate: mine.certificate, client_key: other.key }, '/client_key'],
    [{ client_certificate: 'no certificate', client_key: mine.key }, '/client_certificate'],
    [{ client_auth: 'basic', client_secret: 's', client_certificate: mine.certificate }, '/client_certificate'],
    [{ backchannel_url: 'http://keycloak:8080/auth' }, '/backchannel_url'],
    [{ backchannel_url: 'ftp://keycloak' }, '/backchannel_url'],
    [{ par: 'maybe' }, '/par'],
    [{ groups_limit: 0 }, '/groups_limit'],
  ] as const)
    t.deepEqual([...new Set(wrong(settings))], [pointer], JSON.stringify(Object.keys(settings)))
})
