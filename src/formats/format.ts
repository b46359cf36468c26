import type { Signer } from '../keys/signer.ts'
import type { LiveConfiguration } from '../model/live.ts'

/** A public key of the wallet, checked by `verifyKeyProofs`; nobody else makes one. */
export type HolderKey = {
  readonly jwk: Record<string, unknown>
  readonly thumbprint: string
  /** The DID it was shown under, where the proof's `kid` was a DID URL. */
  readonly did?: string
}

/** Where a copy's status stands: the list's address and the copy's own place in it. */
export type StatusEntry = { readonly uri: string; readonly index: number }

/** The path of a claim; null at its end stands for every element of the array there. */
export type ClaimPath = readonly (string | null)[]

export type IssueRequest = {
  /** The credential issuer's identifier. */
  issuer: string
  configuration: LiveConfiguration
  claims: Record<string, unknown>
  /** Paths of the claims that get a disclosure of their own; parents of nested ones stay in the clear. */
  withheld: ClaimPath[]
  holderKey: HolderKey | undefined
  issuedAt: Date
  expiresAt: Date
  status: StatusEntry | undefined
  /** `dc+sd-jwt`: the hash of the type metadata as served (SD-JWT VC §7). */
  integrity?: string | undefined
  signer: Signer
  random: (bytes: number) => Buffer
}

/** A credential format of OpenID4VCI Appendix A. */
export type CredentialFormat = {
  id: string
  bindingMethods: readonly string[]
  /** `token`: Token Status List. `bitstring`: Bitstring Status List. */
  statusList: 'token' | 'bitstring'
  /** Claims that only the issuer may set. */
  reservedClaims: readonly string[]
  /** `credential_signing_alg_values_supported` for a JOSE algorithm: names of JOSE or numbers of COSE (OpenID4VCI §12.2.4). */
  algorithms(algorithm: Signer['algorithm']): readonly (string | number)[]
  /** The format's members of `credential_configurations_supported`. */
  metadata(configuration: LiveConfiguration): Record<string, unknown>
  /** @throws ProtocolError `credential_request_denied` for claims that the format cannot carry */
  issue(request: IssueRequest): Promise<string>
}
