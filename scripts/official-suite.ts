// Writes a tenant file and the settings of the OpenID Foundation's conformance suite that fit each other (docs/guides/official-suite.md).
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { stringify } from 'yaml'
import { makeDocumentSigner, makeRoot, pemOf } from '../src/keys/certificates.ts'
import { generateKey } from '../src/keys/software.ts'
import { thumbprint } from '../src/lib/jwk.ts'

/** The PIN of every offer that is made for the suite. */
export const txCode = '493536'
/** What the data of an offer for the suite is. */
export const offerClaims = {
  given_name: 'Ada',
  family_name: 'Byron',
  birthdate: '1985-12-10',
  document_number: 'P-471185',
}

export type SuiteSettings = ReturnType<typeof suiteSettings>
type Options = {
  issuerUrl: string
  suiteUrl: string
  now: Date
  /** Names of the tenant and its identity provider. */
  tenant?: string
  provider?: string
}
type Jwk = Record<string, unknown>
type Attester = { root: string; jwks: { keys: Jwk[] } }

function makeClientKeys(): { private: Jwk; public: Jwk } {
  const { privateKeyPkcs8 } = generateKey('ES256')
  const key = createPrivateKey({ key: privateKeyPkcs8, format: 'der', type: 'pkcs8' })
  const open = createPublicKey(key).export({ format: 'jwk' }) as Jwk
  const named = { kid: thumbprint(open), use: 'sig', alg: 'ES256' }
  return { private: { ...key.export({ format: 'jwk' }), ...named }, public: { ...open, ...named } }
}

/** Somebody who attests: a root, and a signing key whose chain does not hold it. */
async function makeAttester(name: string, now: Date): Promise<Attester> {
  const root = await makeRoot({ name: `${name} root`, now })
  const key = makeClientKeys()
  const leaf = await makeDocumentSigner({
    root: root.certificate,
    rootKey: root.privateKeyPkcs8,
    subjectName: name,
    publicJwk: key.public,
    hosts: [],
    identifiers: [],
    now,
  })
  return { root: pemOf(root.certificate), jwks: { keys: [{ ...key.private, x5c: [leaf.toString('base64')] }] } }
}

const from = (name: string) => [`id_token.${name}`, `userinfo.${name}`, `offer.${name}`]
const person = {
  given_name: { from: from('given_name'), mandatory: true },
  family_name: { from: from('family_name'), mandatory: true },
}

const configurations = {
  Identity: { format: 'dc+sd-jwt', valid_for: 'P14D', claims: person },
  IdentityAttested: {
    format: 'dc+sd-jwt',
    valid_for: 'P14D',
    proof_types: {
      jwt: {
        key_attestations_required: { key_storage: ['iso_18045_moderate'], user_authentication: ['iso_18045_moderate'] },
      },
    },
    claims: person,
  },
  IdentityMdoc: {
    format: 'mso_mdoc',
    doctype: 'org.example.identity.1',
    valid_for: 'P14D',
    claims: {
      'org.example.identity.1/given_name': person.given_name,
      'org.example.identity.1/family_name': person.family_name,
      'org.example.identity.1/issuing_country': { const: 'SE' },
    },
  },
}

/** The tenant `suite`: `plain` for clients with `private_key_jwt`, `attested` for wallets with attestations, `haip` for the HAIP plan. */
function tenantFile(tenant: string, provider: string, attesters: Attester[], clients: Record<string, unknown>) {
  const signIn = { identity_providers: [provider] }
  const both = { authorization_code: signIn, pre_authorized_code: { tx_code: { length: 6 }, expires_in: 'PT10M' } }
  const [wallets, keys] = attesters as [Attester, Attester]
  const bound = {
    anonymous_wallets: false,
    dpop: 'required',
    refresh_tokens: { expires_in: 'P1D' },
    grants: both,
    credential_configurations: configurations,
  }
  return {
    tenant,
    display: [{ name: 'Conformance', locale: 'en' }],
    identity_providers: {
      [provider]: {
        kind: 'oidc',
        issuer: '${env:IDP_ISSUER}',
        client_id: '${env:IDP_CLIENT_ID}',
        client_secret: '${env:IDP_CLIENT_SECRET}',
      },
    },
    attesters: {
      wallets: { name: 'Suite wallet attester', attests: ['wallet'], certificates: wallets.root },
      keys: { name: 'Suite key attester', attests: ['key'], certificates: keys.root },
    },
    wallet_profiles: clients,
    api_clients: { tester: { role: 'offers' } },
    issuers: {
      plain: {
        display: [{ name: 'Plain', locale: 'en' }],
        wallets: Object.keys(clients),
        ...bound,
      },
      attested: {
        display: [{ name: 'Attested', locale: 'en' }],
        wallet_attestation: 'required',
        ...bound,
      },
      haip: {
        display: [{ name: 'HAIP', locale: 'en' }],
        haip: true,
        refresh_tokens: { expires_in: 'P1D' },
        grants: { authorization_code: signIn },
        credential_configurations: configurations,
      },
    },
  }
}

/** Elements that the suite's browser fills and presses, by the ids that our pages keep. */
const browser = (issuerUrl: string) => [
  {
    match: `${new URL(issuerUrl).origin}/*`,
    tasks: [
      {
        task: 'Consent',
        optional: true,
        match: '*/consent*',
        commands: [['click', 'id', 'approve']],
      },
    ],
  },
]

/** One plan's settings, for a credential configuration of an issuer. The roots are added by hand, once the issuer has made them. */
function suiteSettings(options: {
  issuer: string
  configuration: string
  clients: { id: string; jwks: { keys: Jwk[] } }[]
  attesters: Attester[]
}) {
  const [first, second] = options.clients
  const [wallets, keys] = options.attesters
  return {
    alias: 'claimgate',
    description: `Claimgate, ${options.issuer}, ${options.configuration}`,
    vci: {
      credential_issuer_url: options.issuer,
      credential_configuration_id: options.configuration,
      static_tx_code: txCode,
    },
    client: { client_id: first!.id, jwks: first!.jwks },
    client2: { client_id: second!.id, jwks: second!.jwks },
    client_attestation: {
      issuer: 'https://attester.example',
      attester_jwks: wallets!.jwks,
      key_attestation_jwks: keys!.jwks,
    },
    credential: { trust_anchor_pem: '', status_list_trust_anchor_pem: '' },
    browser: browser(options.issuer),
  }
}

/** The tenant file and, by name, the settings of each plan. Keys are new each time. */
export async function officialSuite({ issuerUrl, suiteUrl, now, tenant = 'suite', provider = 'login' }: Options) {
  const attesters = [await makeAttester('Suite wallet attester', now), await makeAttester('Suite key attester', now)]
  const redirectUri = `${suiteUrl}/test/a/claimgate/callback`
  const redirectUris = [redirectUri, `${redirectUri}?dummy1=lorem&dummy2=ipsum`]
  const pairs = redirectUris.map((uri, index) => ({ id: `suite-${index + 1}`, uri, keys: makeClientKeys() }))
  const profiles = Object.fromEntries(
    pairs.map(({ id, uri, keys }) => [
      id,
      { client_id: id, name: `Suite client ${id}`, redirect_uris: [uri], jwks: { keys: [keys.public] } },
    ]),
  )
  const clients = pairs.map(({ id, keys }) => ({ id, jwks: { keys: [keys.private] } }))
  const plans: Record<string, SuiteSettings> = {}
  for (const name of ['plain', 'attested', 'haip']) {
    for (const configuration of Object.keys(configurations)) {
      const issuer = `${issuerUrl}/${tenant}/${name}`
      plans[`${name}-${configuration}`] = suiteSettings({ issuer, configuration, clients, attesters })
    }
  }
  return { tenant: tenantFile(tenant, provider, attesters, profiles), plans, redirectUris }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      issuer: { type: 'string', default: 'https://claimgate.example' },
      suite: { type: 'string', default: 'https://localhost.emobix.co.uk:8443' },
      out: { type: 'string', default: 'official-suite' },
    },
  })
  const { tenant, plans } = await officialSuite({ issuerUrl: values.issuer, suiteUrl: values.suite, now: new Date() })
  mkdirSync(values.out, { recursive: true })
  writeFileSync(join(values.out, 'tenant.yaml'), stringify(tenant), { mode: 0o600 })
  for (const [name, settings] of Object.entries(plans))
    writeFileSync(join(values.out, `${name}.json`), `${JSON.stringify(settings, undefined, 2)}\n`, { mode: 0o600 })
  console.log(`Written to ${values.out}: tenant.yaml and the settings of ${Object.keys(plans).length} plans.`)
}
