import { date, dateOrUndefined, parsed } from './ask.ts'

export type StoredRoot = { certificate: Buffer; privateKeySealed: Buffer; createdAt: Date }

/** One generation of a tenant's key `name` for an algorithm. */
export type StoredSigningKey = {
  id: string
  name: string
  algorithm: 'ES256' | 'ES384' | 'EdDSA'
  generation: number
  publicJwk: Record<string, unknown>
  /** Empty when the key has long ceased to sign, or was revoked. */
  privateKeySealed: Buffer
  /** Published since `createdAt`, it signs from here on. */
  activatesAt: Date
  /** The longest that a credential signed with it may be valid. */
  longestSeconds: number
  revokedAt: Date | undefined
  createdAt: Date
}

/** For what is a JWS, or for mdocs, whose signers have a profile of their own (ISO/IEC 18013-5 Annex B.1.4). */
export type CertificateProfile = 'general' | 'mso_mdoc'

export type StoredCertificate = {
  keyId: string
  profile: CertificateProfile
  /** The last one of a key and profile is the one that is sent. */
  sequence: number
  /** Small hexadecimal digits. */
  serial: string
  certificate: Buffer
  /** What it says, to see when that changes. */
  terms: string
  notAfter: Date
  createdAt: Date
}

export type StoredKeys = { root: StoredRoot | undefined; keys: StoredSigningKey[]; certificates: StoredCertificate[] }

export const asKey = (row: Record<string, unknown>): StoredSigningKey => ({
  id: String(row.id),
  name: String(row.name),
  algorithm: row.algorithm as StoredSigningKey['algorithm'],
  generation: Number(row.generation),
  publicJwk: parsed<Record<string, unknown>>(row.public_jwk),
  privateKeySealed: Buffer.from(row.private_key_sealed as Buffer),
  activatesAt: date(row.activates_at),
  longestSeconds: Number(row.longest_seconds),
  revokedAt: dateOrUndefined(row.revoked_at),
  createdAt: date(row.created_at),
})
export const asCertificate = (row: Record<string, unknown>): StoredCertificate => ({
  keyId: String(row.key_id),
  profile: row.profile as CertificateProfile,
  sequence: Number(row.sequence),
  serial: String(row.serial),
  certificate: Buffer.from(row.certificate as Buffer),
  terms: String(row.terms),
  notAfter: date(row.not_after),
  createdAt: date(row.created_at),
})
