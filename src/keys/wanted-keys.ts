import { durationSeconds } from '../lib/time.ts'
import type { LiveConfiguration, LiveTenant } from '../model/live.ts'
import type { CertificateProfile } from '../store/signing-key-row.ts'
import type { SigningAlgorithm } from './signer.ts'

/** Which key of a tenant, and for what: mdocs are signed under a certificate with a profile of their own. */
export type KeyUse = { name: string; algorithm: SigningAlgorithm; format: string }

/** A key that some configuration names, the profiles its certificates need, and how long what it signs may be valid. */
export type WantedKey = {
  name: string
  algorithm: SigningAlgorithm
  profiles: ReadonlySet<CertificateProfile>
  longestSeconds: number
}

export const profileOf = (format: string): CertificateProfile => (format === 'mso_mdoc' ? 'mso_mdoc' : 'general')

const configurationsOf = (tenant: LiveTenant): LiveConfiguration[] =>
  [...tenant.issuers.values()].flatMap(({ configurations }) => [...configurations.values()])

const validSeconds = ({ valid_for }: LiveConfiguration): number => durationSeconds(valid_for) ?? 0

/** The longest that a credential of the tenant is valid. */
export const longestSeconds = (tenant: LiveTenant): number => Math.max(0, ...configurationsOf(tenant).map(validSeconds))

/** Every key that a tenant signs with: those of its configurations, and `default` (ES256) for metadata and status lists. */
export function wantedKeys(tenant: LiveTenant): WantedKey[] {
  const wanted = new Map<string, WantedKey>()
  const want = (name: string, algorithm: SigningAlgorithm, format: string, seconds: number) => {
    const id = `${name} ${algorithm}`
    const known = wanted.get(id)
    wanted.set(id, {
      name,
      algorithm,
      profiles: new Set([...(known?.profiles ?? ['general']), profileOf(format)]),
      longestSeconds: Math.max(known?.longestSeconds ?? 0, seconds),
    })
  }
  want('default', 'ES256', 'metadata', 0)
  for (const configuration of configurationsOf(tenant)) {
    const { signing_key, signing_algorithm, format } = configuration
    want(signing_key, signing_algorithm, format, validSeconds(configuration))
  }
  return [...wanted.values()]
}

/** What the certificates of a tenant say. A certificate that says anything else is renewed. */
export type CertificateTerms = {
  subject: string
  country: string | undefined
  hosts: string[]
  identifiers: string[]
  /** An e-mail address or a URI. */
  contact: string | undefined
  crl: string | undefined
}

export function certificateTerms(tenant: LiveTenant): CertificateTerms {
  const { display, country, help } = tenant.settings
  const identifiers = [...tenant.issuers.values()].map(({ identifier }) => identifier).toSorted()
  const [first] = [...tenant.issuers.values()].filter(({ retiredAt }) => !retiredAt).map(({ identifier }) => identifier)
  const address = first ?? identifiers[0]
  return {
    subject: display?.[0]?.name ?? tenant.name,
    country,
    hosts: [...new Set(identifiers.map((identifier) => new URL(identifier).hostname))],
    identifiers,
    contact: help?.email ?? help?.uri ?? address,
    crl: address && `${address}/crl`,
  }
}
