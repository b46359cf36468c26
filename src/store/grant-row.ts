import { bytes, date, dateOrUndefined, type Owner, parsed, text } from './ask.ts'

/** One credential dataset of a grant: what the wallet names by `credential_identifier` (OpenID4VCI §6.2). */
export type Dataset = { configurationId: string; credentialId: string }

export type GrantTerms = {
  datasets: Dataset[]
  /** The wallet asked by `authorization_details`, so the token response names identifiers. */
  byDetails: boolean
  scope?: string
  redirectUri?: string
  codeChallenge?: string
  /** Of an external token: the claims without which a credential is not issued, by configuration. */
  lacking?: Record<string, string[]>
  /** The claims stay for as long as they may be issued anew. */
  keepsClaims?: boolean
}

export type GrantKind = 'authorization_code' | 'pre-authorized_code' | 'external'

/** What was allowed once. */
export type Grant = Owner & {
  id: string
  sessionId: string
  kind: GrantKind
  clientId: string | undefined
  keyThumbprint: string | undefined
  attestationKey: string | undefined
  terms: GrantTerms
  claimsSealed: Buffer
  /** The way to fresh claims; without one, the claims that there are are those that a renewal gives. */
  renewalSealed?: Buffer
  personIndex: string | undefined
  offerId: string | undefined
  redeemedBy: string | undefined
  redeemedAt: Date | undefined
  endedAt: Date | undefined
  copies: number
  expiresAt: Date
}
export type NewGrant = Omit<Grant, keyof Owner | 'redeemedAt' | 'endedAt' | 'copies'> & {
  codeHash?: string
  /** When its claims are wiped, if that is before the grant ends. */
  claimsUntil?: Date
  createdAt: Date
}
/** How long a redeemed grant lives, which is until its last token's end, and how long its claims do. */
export type Lifetime = { expiresAt: Date; claimsUntil: Date }

export const readGrant = (row: Record<string, unknown>): Grant => ({
  tenantId: String(row.tenant_id),
  issuerId: String(row.issuer_id),
  id: String(row.id),
  sessionId: String(row.session_id),
  kind: row.kind as GrantKind,
  clientId: text(row.client_id),
  keyThumbprint: text(row.key_thumbprint),
  attestationKey: text(row.attestation_key),
  terms: parsed<GrantTerms>(row.terms),
  claimsSealed: bytes(row.claims_sealed) as Buffer,
  ...(row.renewal_sealed ? { renewalSealed: bytes(row.renewal_sealed) as Buffer } : {}),
  personIndex: text(row.person_index),
  offerId: text(row.offer_id),
  redeemedBy: text(row.redeemed_by),
  redeemedAt: dateOrUndefined(row.redeemed_at),
  endedAt: dateOrUndefined(row.ended_at),
  copies: Number(row.copies),
  expiresAt: date(row.expires_at),
})
