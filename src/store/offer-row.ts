import type { TxCode } from '../model/issuer.ts'
import type { SubjectKind } from '../model/subject.ts'
import { bytes, date, dateOrUndefined, type Owner, parsed, text } from './ask.ts'

export type GrantName = 'authorization_code' | 'pre_authorized_code'

/** What an offer promises; no secret is in it. */
export type OfferTerms = {
  configurationIds: string[]
  grants: GrantName[]
  txCode?: TxCode
  scheme: string
  by: 'reference' | 'value'
  identityProvider?: string
  /** How the offer's person is told; who it is, only the row's index knows. */
  subject?: SubjectKind
  /** An external authorization server, by its name; default: ours. */
  authorizationServer?: string
  metadata?: Record<string, unknown>
  configurationVersion: number
}

/** Whether the page of an offer asks who is there before it shows link and PIN: with a pre-authorized code nobody signs in later. */
export const isGuarded = ({ subject, grants }: OfferTerms): boolean =>
  subject !== undefined && grants.includes('pre_authorized_code')

/** A personal offer: one person's, claimed once. */
export type Offer = Owner & {
  id: string
  handleSealed: Buffer | undefined
  codeSealed: Buffer | undefined
  issuerStateSealed: Buffer | undefined
  terms: OfferTerms
  txCodeMac: string | undefined
  txCodeTries: number
  /** The operation that took the last try so far. */
  txCodeTriedBy: string | undefined
  claimsSealed: Buffer | undefined
  loginHintSealed: Buffer | undefined
  /** The person it is for, under the tenant's index key; stays when the rest is wiped. */
  subjectIndex: string | undefined
  /** Of a guarded offer: the handle by which wallets fetch it, and its PIN. */
  referenceSealed: Buffer | undefined
  txCodeSealed: Buffer | undefined
  createdAt: Date
  expiresAt: Date
  openedAt: Date | undefined
  withdrawnAt: Date | undefined
  redeemedBy: string | undefined
  redeemedAt: Date | undefined
}

export type NewOffer = Pick<
  Offer,
  'id' | 'terms' | 'txCodeMac' | 'claimsSealed' | 'loginHintSealed' | 'subjectIndex' | 'createdAt' | 'expiresAt'
> & {
  handleHash: string
  handleSealed: Buffer
  codeHash?: string
  codeSealed?: Buffer
  issuerStateHash?: string
  referenceHash?: string
  referenceSealed?: Buffer
  txCodeSealed?: Buffer | undefined
  issuerStateSealed?: Buffer
}

/** A row as it leaves the store. */
export const readOffer = (row: Record<string, unknown>): Offer => ({
  tenantId: String(row.tenant_id),
  issuerId: String(row.issuer_id),
  id: String(row.id),
  handleSealed: bytes(row.handle_sealed),
  codeSealed: bytes(row.code_sealed),
  issuerStateSealed: bytes(row.issuer_state_sealed),
  terms: parsed<OfferTerms>(row.terms),
  txCodeMac: text(row.tx_code_mac),
  txCodeTries: Number(row.tx_code_tries),
  txCodeTriedBy: text(row.tx_code_tried_by),
  claimsSealed: bytes(row.claims_sealed),
  loginHintSealed: bytes(row.login_hint_sealed),
  subjectIndex: text(row.subject_index),
  referenceSealed: bytes(row.reference_sealed),
  txCodeSealed: bytes(row.tx_code_sealed),
  createdAt: date(row.created_at),
  expiresAt: date(row.expires_at),
  openedAt: dateOrUndefined(row.opened_at),
  withdrawnAt: dateOrUndefined(row.withdrawn_at),
  redeemedBy: text(row.redeemed_by),
  redeemedAt: dateOrUndefined(row.redeemed_at),
})
