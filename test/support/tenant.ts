import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { applyTenant } from '../../src/administration/apply.ts'
import { readTenantFile } from '../../src/administration/read-tenant-file.ts'
import { type CreatedOffer, createOffer } from '../../src/issuance/create-offer.ts'
import { hash } from '../../src/lib/secrets.ts'
import type { LiveIssuer } from '../../src/model/live.ts'
import { OfferRequest } from '../../src/model/offer.ts'
import { TenantFile } from '../../src/model/tenant.ts'
import { preAuthorizedCodeGrant } from '../../src/protocol/token.ts'
import type { Services } from '../../src/services.ts'
import type { IdentityProvider } from './identity-provider.ts'
import { remember } from './secrets.ts'
import { testWallet } from './wallet.ts'

const folder = join(import.meta.dirname, 'fixtures')

/** Whom the offers of tests are for. Every value is one that no log may hold. */
export const person = {
  given_name: 'Zoë',
  family_name: 'Byronsdotter',
  birthdate: '1985-12-10',
  document_number: 'P-471185',
}

/** The key of the API client `portal`. */
export const apiKey = 'portal-key-of-the-tests-0123456789'

const ofAlice = ['Alice', 'Jönsson', 'alice@acme.example', 'E-1001', 'S-2001', 'bob@acme.example']

export type TenantOptions = {
  /** Default: the tenant `test` of fixtures/tenant.yaml. */
  tenantFile?: string
  /** Settings by issuer that replace what the file says: `{ campus: { dpop: 'required' } }`. */
  settings?: Record<string, Record<string, unknown>>
  /** Settings of identity providers that replace what the file says, or whole ones: `{ idp: { par: 'required' } }`. */
  providers?: Record<string, Record<string, unknown>>
  /** What the file's `${env:…}` may name besides the identity provider and the API key. */
  environment?: Record<string, string>
  /** Besides those of the file. */
  attesters?: Record<string, Record<string, unknown>>
  walletProfiles?: Record<string, Record<string, unknown>>
}

/** Applies a tenant file whose provider `idp` is this one. */
export async function applyTestTenant(
  services: Services,
  { issuer, client_id, client_secret }: IdentityProvider,
  { tenantFile = join(folder, 'tenant.yaml'), settings = {}, walletProfiles, ...options }: TenantOptions = {},
): Promise<void> {
  for (const value of ofAlice) remember(value, 'claim')
  for (const secret of [apiKey, client_secret]) remember(secret, 'secret')
  const environment = {
    IDP_ISSUER: issuer,
    IDP_CLIENT_ID: client_id,
    IDP_CLIENT_SECRET: client_secret,
    API_KEY_HASH: hash(apiKey),
    ...options.environment,
  }
  const surroundings = { environment, folder, demo: true, now: services.clock() }
  const read = readTenantFile(readFileSync(tenantFile, 'utf8'), tenantFile, surroundings)
  if ('mistakes' in read) throw new Error(JSON.stringify(read.mistakes, undefined, 1))
  const issuers = Object.entries(read.file.issuers).map(([name, issuer]) => [name, { ...issuer, ...settings[name] }])
  const known = read.file.identity_providers as Record<string, object>
  const providers = Object.entries(options.providers ?? {}).map(([id, more]) => [id, { ...known[id], ...more }])
  const identity_providers = { ...known, ...Object.fromEntries(providers) }
  const wallet_profiles = { ...read.file.wallet_profiles, ...walletProfiles }
  const attesters = { ...read.file.attesters, ...options.attesters }
  const file = { ...read.file, identity_providers, attesters, wallet_profiles, issuers: Object.fromEntries(issuers) }
  await applyTenant(services, TenantFile.parse(file))
}

export type OfferOptions = {
  /** Default: `campus`, or `registry` if a PIN is asked for. */
  issuer?: string
  configuration?: string | string[]
  /** The PIN, or `true` for one that the node draws. */
  txCode?: string | true
  claims?: Record<string, unknown>
} & Partial<OfferRequest>

export type TestOffer = {
  id: string
  issuer: string
  /** What a wallet is given. */
  link: string
  code: string
  issuerState: string
  txCode: string | undefined
  /** The offer page. */
  page: string
  created: CreatedOffer
}

/** What tests do with a node, through services over its database: make offers, and wallets that come to it. */
export function actionsOn(services: Services, fetch: typeof globalThis.fetch, tenant = 'test') {
  async function issuer(name: string): Promise<LiveIssuer> {
    const found = await services.configuration.findIssuer(tenant, name)
    if (!found) throw new Error(`There is no issuer ${name}.`)
    return found
  }

  /** An offer; without further words one by pre-authorized code for `person`. */
  async function offer({ issuer: name, configuration, txCode, ...wish }: OfferOptions = {}): Promise<TestOffer> {
    const at = name ?? (txCode === undefined ? 'campus' : 'registry')
    const bySignIn = at === 'staff' || wish.grants?.includes('pre_authorized_code') === false
    const request = OfferRequest.parse({
      ...(!bySignIn && { claims: person }),
      ...(configuration !== undefined && { credential_configuration_ids: [configuration].flat() }),
      ...(txCode !== undefined && { tx_code: txCode === true || { value: txCode, length: txCode.length } }),
      ...wish,
    })
    const created = await createOffer(services, await issuer(at), request)
    const { id, links } = created
    const grants = (links.credentialOffer?.grants ?? {}) as Record<string, Record<string, string> | undefined>
    const code = grants[preAuthorizedCodeGrant]?.['pre-authorized_code'] ?? ''
    const issuerState = grants.authorization_code?.issuer_state ?? ''
    for (const secret of [code, issuerState, created.txCode ?? '', handleOf(links.offerPageUrl)])
      remember(secret, 'offer')
    for (const value of Object.values(request.claims ?? {})) if (typeof value === 'string') remember(value, 'claim')
    const { credentialOfferUrl: link = '', offerPageUrl: page } = links
    return { id, issuer: at, link, code, issuerState, txCode: created.txCode, page, created }
  }

  const identifierOf = (name: string) => `${services.config.publicUrl}/${tenant}/${name}`

  /** A wallet at one of the issuers. */
  const wallet = (name: string, options: Parameters<typeof testWallet>[1] = {}) =>
    testWallet(identifierOf(name), { fetch, clock: services.clock, ...options })

  return { issuer, identifierOf, offer, wallet }
}

const handleOf = (page: string): string => page.split('/').at(-1) ?? ''
