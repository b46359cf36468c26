import test from 'ava'
import { checkTenant } from '../../src/administration/check-tenant.ts'
import { makeDocumentSigner, makeRoot, pemOf } from '../../src/keys/certificates.ts'
import { makeKey } from '../../src/wallet/keys.ts'
import { tenantFile } from '../support/admin.ts'

const now = new Date('2026-11-24T12:00:00Z')
const { certificate: root, privateKeyPkcs8: rootKey } = await makeRoot({ name: 'Wallet provider', now })
const publicJwk = makeKey().jwk
const leaf = await makeDocumentSigner({
  root,
  rootKey,
  subjectName: 'Leaf',
  publicJwk,
  hosts: [],
  identifiers: [],
  now,
})
const certificates = pemOf(root)

type Members = Record<string, unknown>
/** The pointers, and what is said, of all that is wrong with a file with these attesters, profiles and settings of `staff`. */
function mistakesOf({ attesters, profiles, staff }: { attesters?: Members; profiles?: Members; staff?: Members }) {
  const file = tenantFile('acme')
  const checked = checkTenant(
    {
      ...file,
      ...(attesters && { attesters }),
      wallet_profiles: { ...file.wallet_profiles, ...profiles },
      issuers: { ...file.issuers, staff: { ...file.issuers.staff, ...staff } },
    },
    { demo: false, now },
  )
  return 'mistakes' in checked ? checked.mistakes.map(({ pointer, detail }) => `${pointer} ${detail}`) : []
}
const attester = (members: Members = {}) => ({ provider: { name: 'Provider', certificates, ...members } })

test('VCI-117: an issuer may take attestations as soon as somebody is trusted to make them', (t) => {
  for (const wallet_attestation of ['optional', 'required'])
    t.deepEqual(mistakesOf({ attesters: attester(), staff: { wallet_attestation } }), [])
  t.deepEqual(
    mistakesOf({ attesters: attester(), staff: { wallet_attestation: 'optional', attesters: ['provider'] } }),
    [],
  )
})

test('VCI-117: without an attester of wallets that counts here, attestations cannot be taken', (t) => {
  for (const [attesters, settings] of [
    [undefined, {}],
    [attester({ attests: ['key'] }), {}],
    [attester(), { attesters: [] }],
  ] as const) {
    const [first = '', ...more] = mistakesOf({
      ...(attesters && { attesters }),
      staff: { wallet_attestation: 'optional', ...settings },
    })
    t.regex(first, /^\/issuers\/staff\/wallet_attestation Nobody is trusted to attest wallets here/)
    t.deepEqual(more, [])
  }
})

test('VCI-104: key attestations are wanted only where somebody is trusted to make them', (t) => {
  const configurations = tenantFile('acme').issuers.staff!.credential_configurations as Members
  const [id = '', badge] = Object.entries(configurations)[0] as [string, Members]
  const wanting = (proof_types: Members) => ({
    credential_configurations: { ...configurations, [id]: { ...badge, proof_types } },
  })
  for (const proof_types of [{ jwt: { key_attestations_required: {} } }, { jwt: {}, attestation: {} }]) {
    t.deepEqual(mistakesOf({ attesters: attester({ attests: ['key'] }), staff: wanting(proof_types) }), [])
    t.deepEqual(mistakesOf({ attesters: attester({ attests: ['wallet'] }), staff: wanting(proof_types) }), [
      `/issuers/staff/credential_configurations/${id}/proof_types Nobody is trusted to attest keys here; name who does under attesters, with attests: [key].`,
    ])
  }
})

test('an issuer names only attesters that there are', (t) => {
  t.deepEqual(
    mistakesOf({ attesters: attester(), staff: { wallet_attestation: 'optional', attesters: ['provder'] } }),
    ['/issuers/staff/attesters/0 There is no attester provder in this file; there is provider.'],
  )
})

for (const [name, pem, said] of [
  ['no PEM', 'MIIB', 'There is no certificate in it; PEM begins with -----BEGIN CERTIFICATE-----.'],
  ['PEM of something else', certificates.replaceAll('CERTIFICATE', 'PUBLIC KEY'), undefined],
  ['a certificate that was cut off', certificates.replace(/\n.{64}\n/, '\n'), 'A certificate cannot be read.'],
  ['a leaf', pemOf(leaf), 'Certificate 1 may not sign others, so that no x5c can lead to it; name the root.'],
  ['a root and a leaf', certificates + pemOf(leaf), 'Certificate 2 may not sign others'],
] as const) {
  test(`VCI-117: ${name} is no trust anchor`, (t) => {
    const [first = '', ...more] = mistakesOf({ attesters: attester({ certificates: pem }) })
    t.true(first.startsWith(`/attesters/provider/certificates ${said ?? 'There is no certificate in it'}`), first)
    t.deepEqual(more, [])
  })
}

test('RFC 9126 §2.4: an attester sends wallets only to redirect URIs that can be served', (t) => {
  const redirect_uris = ['https://wallet.example/cb', 'http://wallet.example/cb']
  const [first = '', ...more] = mistakesOf({ attesters: attester({ redirect_uris }) })
  t.regex(first, /^\/attesters\/provider\/redirect_uris\/1 A redirect URI with http leads to this very machine only/)
  t.deepEqual(more, [])
})

test('a mistake in an attester is told once, and not again as if it were not there', (t) => {
  const mistakes = mistakesOf({
    attesters: attester({ attests: ['wallets'] }),
    staff: { wallet_attestation: 'required', attesters: ['provider'] },
  })
  t.is(mistakes.length, 1, mistakes.join('\n'))
  t.true(mistakes[0]?.startsWith('/attesters/provider/attests/0'))
})

const client = (keys: Members[], members: Members = {}) => ({
  client: {
    client_id: 'client',
    name: 'Client',
    redirect_uris: ['https://client.example/cb'],
    jwks: { keys },
    ...members,
  },
})

test('RFC 7523 §2.2: the keys of a client are P-256, P-384 and Ed25519', (t) => {
  const keys = (['ES256', 'ES384', 'EdDSA'] as const).map((algorithm, at) => ({
    ...makeKey(algorithm).jwk,
    kid: `${at}`,
  }))
  t.deepEqual(mistakesOf({ profiles: client(keys) }), [])
})

test('RFC 7523 §2.2, FAPI-4: a key that no assertion could be verified with is a mistake, and so are two of one name', (t) => {
  const { jwk } = makeKey()
  const at = '/wallet_profiles/client/jwks/keys'
  for (const [keys, said] of [
    [[{ ...jwk, crv: 'P-521' }], `${at}/0 Keys of clients are of the curves P-256, P-384, Ed25519.`],
    [[{ ...jwk, x: 'AAAA' }], `${at}/0 A coordinate of the key does not have the length of its curve.`],
    [[jwk, { ...jwk, x: jwk.y }], `${at}/1 The key is not on its curve.`],
    [[{ ...jwk, d: jwk.x }], `${at}/0 Only the public half of a key belongs here.`],
    [
      [
        { ...jwk, kid: 'one' },
        { ...makeKey().jwk, kid: 'one' },
      ],
      `${at}/1/kid Another key has the same kid (FAPI 2.0 §5.4).`,
    ],
  ] as const)
    t.deepEqual(mistakesOf({ profiles: client([...keys]) }), [said])
})

test('FAPI-1: a client with keys has no second profile through which it could come without them', (t) => {
  const twice = { ...client([makeKey().jwk]), again: { client_id: 'client', name: 'The same', redirect_uris: [] } }
  t.deepEqual(mistakesOf({ profiles: twice }), [
    '/wallet_profiles/again/client_id client is the same client, and has keys: put all of it into that profile.',
  ])
})
