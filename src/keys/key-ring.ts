import { X509Certificate } from 'node:crypto'
import { thumbprint } from '../lib/jwk.ts'
import { durationSeconds } from '../lib/time.ts'
import type { LiveTenant } from '../model/live.ts'
import type { Tables } from '../store/index.ts'
import type { Vault } from '../store/sealed.ts'
import type { StoredSigningKey } from '../store/signing-keys.ts'
import { makeDocumentSigner, makeRoot } from './certificates.ts'
import { keyStores } from './index.ts'
import type { Signer, SigningAlgorithm } from './signer.ts'

/** Which key of a tenant, and how its certificate has to look: `mso_mdoc` has a profile of its own. */
export type KeyUse = { name: string; algorithm: SigningAlgorithm; format: string }

/** What a tenant signs with, and what others check it with. */
export type TenantKeys = {
  signerFor(use: KeyUse): Signer
  /** DER; the anchor that verifiers are given. It is never part of a chain. */
  root: Buffer
  /** The public keys that have signed or may sign, as a JWK Set shows them. */
  jwks: Record<string, unknown>[]
}

export type KeyRing = { of(tenant: LiveTenant): Promise<TenantKeys> }

type Needs = { tables: Tables; vault: Vault; clock: () => Date }

const dayMs = 86_400_000
/** A credential should not outlive the certificate of its signer, which lives 457 days: so it is renewed that much earlier. */
const renewBeforeMs = (tenant: LiveTenant): number => {
  const configurations = [...tenant.issuers.values()].flatMap((issuer) => [...issuer.configurations.values()])
  const longest = Math.max(0, ...configurations.map(({ valid_for }) => durationSeconds(valid_for) ?? 0)) * 1000
  return Math.min(longest + 30 * dayMs, 400 * dayMs)
}
const place = (id: string) => ({ table: 'signing_keys', column: 'private_key_sealed', row: id })
const hostsOf = (tenant: LiveTenant) => [
  ...new Set([...tenant.issuers.values()].map(({ identifier }) => new URL(identifier).hostname)),
]

/**
 * The keys of each tenant, made at first need: a root, and a document signer whose certificate names the hosts of the
 * tenant's issuers. When an issuer at another host comes, or the end is near, the certificate is renewed for the same key.
 */
export function makeKeyRing({ tables, vault, clock }: Needs): KeyRing {
  const software = keyStores.get('software')!
  const rings = new Map<string, { version: number; until: number; keys: Promise<TenantKeys> }>()

  async function make(tenant: LiveTenant, stored: StoredSigningKey[]): Promise<StoredSigningKey[]> {
    const sealer = await vault.of(tenant.id)
    const subject = tenant.settings.display?.[0]?.name ?? tenant.name
    const now = clock()
    const find = (id: string, keys: StoredSigningKey[]) => keys.find((key) => key.id === id)
    if (!find('root', stored)) {
      const { certificate, privateKeyPkcs8 } = await makeRoot({ name: `${subject} root`, now })
      await tables.signingKeys.insert(tenant.id, {
        id: 'root',
        algorithm: 'ES256',
        publicJwk: {},
        privateKeySealed: sealer.seal(place('root'), privateKeyPkcs8),
        certificate,
        hosts: [],
        notAfter: now,
        createdAt: now,
      })
    }
    // Read again: where two nodes made a root at once, the one that came first is the one that counts.
    const root = find('root', await tables.signingKeys.list(tenant.id))!
    const hosts = hostsOf(tenant)
    const certify = (publicJwk: Record<string, unknown>) =>
      makeDocumentSigner({
        root: root.certificate,
        rootKey: sealer.open(place('root'), root.privateKeySealed),
        subjectName: `${subject} document signer`,
        publicJwk,
        hosts,
        identifiers: [...tenant.issuers.values()].map(({ identifier }) => identifier),
        now,
      })
    const signer = find('signer-1', stored)
    if (!signer) {
      const { secret, publicJwk } = await software.generate('ES256')
      const certificate = await certify(publicJwk)
      await tables.signingKeys.insert(tenant.id, {
        id: 'signer-1',
        algorithm: 'ES256',
        publicJwk,
        privateKeySealed: sealer.seal(place('signer-1'), secret),
        certificate,
        hosts,
        notAfter: notAfterOf(certificate),
        createdAt: now,
      })
    } else {
      const certificate = await certify(signer.publicJwk)
      await tables.signingKeys.renew(tenant.id, signer.id, certificate, hosts, notAfterOf(certificate))
    }
    return tables.signingKeys.list(tenant.id)
  }

  const isCurrent = (tenant: LiveTenant, signer: StoredSigningKey | undefined) =>
    signer !== undefined &&
    hostsOf(tenant).every((host) => signer.hosts.includes(host)) &&
    signer.notAfter.getTime() - clock().getTime() > renewBeforeMs(tenant)

  async function load(tenant: LiveTenant): Promise<TenantKeys> {
    const before = await tables.signingKeys.list(tenant.id)
    const current = isCurrent(
      tenant,
      before.find(({ id }) => id === 'signer-1'),
    )
    const keys = current ? before : await make(tenant, before)
    const sealer = await vault.of(tenant.id)
    const [root, signer] = ['root', 'signer-1'].map((id) => keys.find((key) => key.id === id)!) as [
      StoredSigningKey,
      StoredSigningKey,
    ]
    const opened = await software.open({
      keyId: thumbprint(signer.publicJwk),
      algorithm: signer.algorithm,
      secret: sealer.open(place(signer.id), signer.privateKeySealed),
      certificateChain: [signer.certificate.toString('base64')],
    })
    return {
      signerFor: () => opened,
      root: root.certificate,
      jwks: [{ ...opened.publicJwk, x5c: opened.certificateChain }],
    }
  }

  return {
    of(tenant) {
      const known = rings.get(tenant.id)
      const now = clock().getTime()
      if (known && known.version === tenant.configurationVersion && now < known.until) return known.keys
      const keys = load(tenant)
      rings.set(tenant.id, { version: tenant.configurationVersion, until: now + 3_600_000, keys })
      keys.catch(() => rings.delete(tenant.id)) // the caller hears of it; the next one tries again
      return keys
    },
  }
}

const notAfterOf = (certificate: Buffer): Date => new Date(new X509Certificate(certificate).validTo)
